import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { displayName } from '../attachments/file-name.ts';
import { failureOf } from '../platform/app-failure.ts';
import type { Disk } from '../platform/disk.ts';
import { Mailbox } from '../platform/mailbox.ts';
import { assertRoom } from '../store/backup.ts';

const MOST_FILES = 4;
const MAX_FILE_BYTES = 4 * 1024 ** 3;

interface Arriving {
  name: string;
  path: string;
  wantedBytes: number;
  receivedBytes: number;
  handle: FileHandle;
  mailbox: Mailbox;
}

/** Files that are to be imported: they arrive piece by piece, lie in a passing folder, and go when they are forgotten. */
export class ImportFiles {
  readonly #parts: { folder: string; disk: Disk; newId: () => string; chunkBytes: number };
  readonly #files = new Map<string, Arriving>();
  /** Of files that are being begun: several may be asked for in the same moment. */
  #beginning = 0;

  constructor(parts: { folder: string; disk: Disk; newId: () => string; chunkBytes: number }) {
    this.#parts = parts;
  }

  /** @throws AppFailure `payload_too_large`, `queue_full`, `storage_full`. */
  async begin(name: string, sizeBytes: number): Promise<{ importId: string; chunkBytes: number }> {
    const { folder, disk, newId, chunkBytes } = this.#parts;
    if (sizeBytes > MAX_FILE_BYTES) throw failureOf('payload_too_large', { word: 'import_too_large' });
    if (this.#files.size + this.#beginning >= MOST_FILES) throw failureOf('queue_full', { word: 'imports_many' });
    this.#beginning += 1;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      assertRoom(disk, folder, sizeBytes, { word: 'room_to_import' });
      const importId = newId();
      const path = join(folder, `import-${importId.replace(/[^A-Za-z0-9-]/g, '_')}`);
      const handle = await open(path, 'wx', 0o600);
      this.#files.set(importId, {
        name: displayName(name),
        path,
        wantedBytes: sizeBytes,
        receivedBytes: 0,
        handle,
        mailbox: new Mailbox(),
      });
      return { importId, chunkBytes };
    } finally {
      this.#beginning -= 1;
    }
  }

  /** @throws AppFailure `not_found`, `conflict` for a piece out of its place, `invalid_payload`. */
  append(importId: string, offsetBytes: number, bytes: Uint8Array): Promise<{ receivedBytes: number }> {
    const file = this.#find(importId);
    return file.mailbox.post(async () => {
      const details = { receivedBytes: file.receivedBytes };
      if (offsetBytes !== file.receivedBytes) throw failureOf('conflict', { word: 'import_piece_order' }, { details });
      if (bytes.length === 0 || file.receivedBytes + bytes.length > file.wantedBytes)
        throw failureOf(
          'invalid_payload',
          { word: 'import_piece_size' },
          {
            details,
          },
        );
      await file.handle.write(bytes, 0, bytes.length, offsetBytes);
      file.receivedBytes += bytes.length;
      return { receivedBytes: file.receivedBytes };
    });
  }

  /** A file that has arrived whole. @throws AppFailure `not_found`, `conflict` while bytes are missing. */
  whole(importId: string): { path: string; name: string } {
    const { path, name, wantedBytes, receivedBytes } = this.#find(importId);
    if (receivedBytes !== wantedBytes)
      throw failureOf('conflict', {
        word: 'import_incomplete',
        with: { name, received: receivedBytes, announced: wantedBytes },
      });
    return { path, name };
  }

  async forget(importId: string): Promise<boolean> {
    const file = this.#files.get(importId);
    if (file === undefined) return false;
    this.#files.delete(importId);
    await file.handle.close();
    await rm(file.path, { force: true });
    return true;
  }

  async close(): Promise<void> {
    for (const importId of [...this.#files.keys()]) await this.forget(importId);
  }

  #find(importId: string): Arriving {
    const file = this.#files.get(importId);
    if (file === undefined) throw failureOf('not_found', { word: 'import_gone' });
    return file;
  }
}
