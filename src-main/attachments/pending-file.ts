import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { partName } from './file-name.ts';
import { SNIFF_BYTES } from './sniff-content.ts';

export type OpenFile = (path: string, flags: string, mode: number) => Promise<FileHandle>;

/**
 * A file that is arriving: written under a name of its own and given its final one only when all of it is on the disk.
 * Calls come one at a time. Its owner ends it with `keepAs` or `discard`; after that only `discard` may be called.
 */
export class PendingFile {
  readonly #folder: string;
  readonly #handle: FileHandle;
  readonly #head = Buffer.alloc(SNIFF_BYTES);
  #sizeBytes = 0;
  #isClosed = false;
  #fileName: string;

  private constructor(folder: string, fileName: string, handle: FileHandle) {
    this.#folder = folder;
    this.#handle = handle;
    this.#fileName = fileName;
  }

  /** @throws the system's error when the file cannot be made. */
  static async create(folder: string, stem: string, openFile: OpenFile = open): Promise<PendingFile> {
    // `wx`: a name that is taken, by a link for instance, is never written through.
    const fileName = partName(stem);
    return new PendingFile(folder, fileName, await openFile(join(folder, fileName), 'wx', 0o600));
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The first bytes, as far as they have come. */
  get head(): Uint8Array {
    return this.#head.subarray(0, Math.min(this.#sizeBytes, SNIFF_BYTES));
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        written,
        bytes.length - written,
        this.#sizeBytes + written,
      );
      written += bytesWritten;
    }
    if (this.#sizeBytes < SNIFF_BYTES)
      this.#head.set(bytes.subarray(0, SNIFF_BYTES - this.#sizeBytes), this.#sizeBytes);
    this.#sizeBytes += bytes.length;
  }

  /** Puts all of it on the disk, still under its passing name. */
  async complete(): Promise<void> {
    await this.#handle.sync();
    this.#isClosed = true;
    await this.#handle.close();
  }

  /** Gives a completed file its final name and makes the name durable. */
  async keepAs(fileName: string): Promise<void> {
    await rename(join(this.#folder, this.#fileName), join(this.#folder, fileName));
    this.#fileName = fileName;
    // Windows cannot open a folder to sync it; NTFS journals the rename.
    if (process.platform === 'win32') return;
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** Leaves nothing behind. @throws the system's error when the file cannot be removed; it is then swept at the next start. */
  async discard(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      await this.#handle.close();
    }
    await rm(join(this.#folder, this.#fileName), { force: true });
  }
}
