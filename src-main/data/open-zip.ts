import type { Readable } from 'node:stream';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { FailureFact } from '#contract/failure-saying';
import { AppFailure, failureOf } from '../platform/app-failure.ts';

/** What an import may unfold to. The text of one file has to fit into one string of the engine, which ends at 512 MB. */
export interface ZipLimits {
  entries: number;
  totalBytes: number;
  textBytes: number;
  /** How much larger than packed a file may be, where it is large at all. Text packs about 1:10, noise not at all. */
  ratio: number;
  ratioFromBytes: number;
}

export const ZIP_LIMITS: ZipLimits = {
  entries: 200_000,
  totalBytes: 8 * 1024 ** 3,
  textBytes: 480 * 1024 ** 2,
  ratio: 200,
  ratioFromBytes: 4 * 1024 ** 2,
};

/** A zip whose table of contents was checked before anything of it was unfolded. */
export interface CheckedZip {
  readonly names: readonly string[];
  sizeOf(name: string): number;
  /** @throws AppFailure `payload_too_large` above the limit, `invalid_payload` for a damaged or an encrypted one. */
  text(name: string): Promise<string>;
  open(name: string): Promise<Readable>;
  close(): void;
}

function refuse(reason: FailureFact): AppFailure {
  return failureOf('invalid_payload', { word: 'zip_refused', with: { reason } });
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * Opens a zip file. Names that lead out of it, more than was announced, and files that unfold to a multiple of any honest
 * one's size are refused; what is announced is held to while it is read.
 *
 * @throws AppFailure `invalid_payload`.
 */
export async function openZip(path: string, limits: ZipLimits = ZIP_LIMITS): Promise<CheckedZip> {
  let zip: ZipFile;
  try {
    // The library refuses absolute names, `..` and backslashes, and holds each file to its announced size.
    zip = await openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
  } catch (thrown) {
    throw refuse({ word: 'zip_cut_short', with: { text: messageOf(thrown) } });
  }
  const entries = new Map<string, Entry>();
  try {
    if (zip.entryCount > limits.entries) throw refuse({ word: 'zip_many_files', with: { files: zip.entryCount } });
    let totalBytes = 0;
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      const { fileName, uncompressedSize, compressedSize } = entry;
      if (entries.has(fileName)) throw refuse({ word: 'zip_twice', with: { name: fileName.slice(0, 100) } });
      if (entry.isEncrypted()) throw refuse({ word: 'zip_locked' });
      totalBytes += uncompressedSize;
      if (totalBytes > limits.totalBytes) throw refuse({ word: 'zip_unfolds' });
      if (uncompressedSize > limits.ratioFromBytes && uncompressedSize > compressedSize * limits.ratio) {
        throw refuse({ word: 'zip_trap' });
      }
      entries.set(fileName, entry);
    }
  } catch (thrown) {
    zip.close();
    if (thrown instanceof AppFailure) throw thrown;
    throw refuse(messageOf(thrown));
  }
  const find = (name: string): Entry => {
    const entry = entries.get(name);
    if (entry === undefined) throw refuse({ word: 'zip_missing', with: { name } });
    return entry;
  };
  return {
    names: [...entries.keys()],
    sizeOf: (name) => find(name).uncompressedSize,
    open: (name) => zip.openReadStreamPromise(find(name)),
    async text(name) {
      const entry = find(name);
      if (entry.uncompressedSize > limits.textBytes) {
        throw failureOf('payload_too_large', { word: 'import_text_too_large', with: { name } });
      }
      try {
        const parts: Buffer[] = [];
        for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer);
        return Buffer.concat(parts).toString('utf8');
      } catch (thrown) {
        throw refuse({ word: 'zip_damaged', with: { name, text: messageOf(thrown) } });
      }
    },
    close: () => zip.close(),
  };
}
