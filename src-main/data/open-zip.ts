import type { Readable } from 'node:stream';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { AppFailure } from '../platform/app-failure.ts';

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

function refuse(reason: string): AppFailure {
  return new AppFailure('invalid_payload', `This zip file is refused: ${reason}. Nothing was imported.`);
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
    throw refuse(`it is damaged or cut short (${thrown instanceof Error ? thrown.message : String(thrown)})`);
  }
  const entries = new Map<string, Entry>();
  try {
    if (zip.entryCount > limits.entries) throw refuse(`it holds ${zip.entryCount} files`);
    let totalBytes = 0;
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      const { fileName, uncompressedSize, compressedSize } = entry;
      if (entries.has(fileName)) throw refuse(`it holds “${fileName.slice(0, 100)}” twice`);
      if (entry.isEncrypted()) throw refuse('it is locked with a password');
      totalBytes += uncompressedSize;
      if (totalBytes > limits.totalBytes) throw refuse('it would unfold to more than this program takes');
      if (uncompressedSize > limits.ratioFromBytes && uncompressedSize > compressedSize * limits.ratio) {
        throw refuse('it would unfold to many times its size, as only a trap does');
      }
      entries.set(fileName, entry);
    }
  } catch (thrown) {
    zip.close();
    if (thrown instanceof AppFailure) throw thrown;
    throw refuse(thrown instanceof Error ? thrown.message : String(thrown));
  }
  const find = (name: string): Entry => {
    const entry = entries.get(name);
    if (entry === undefined) throw refuse(`“${name}” is missing from it`);
    return entry;
  };
  return {
    names: [...entries.keys()],
    sizeOf: (name) => find(name).uncompressedSize,
    open: (name) => zip.openReadStreamPromise(find(name)),
    async text(name) {
      const entry = find(name);
      if (entry.uncompressedSize > limits.textBytes) {
        throw new AppFailure('payload_too_large', `“${name}” is too large to be read at once. Nothing was imported.`);
      }
      try {
        const parts: Buffer[] = [];
        for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer);
        return Buffer.concat(parts).toString('utf8');
      } catch (thrown) {
        throw refuse(`“${name}” is damaged (${thrown instanceof Error ? thrown.message : String(thrown)})`);
      }
    },
    close: () => zip.close(),
  };
}
