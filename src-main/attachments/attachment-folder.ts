import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where attachments lie. Sluice's own folder: nothing else is kept in it. */
export interface AttachmentFolder {
  /** Absolute. */
  readonly path: string;
  /** The absolute path of a file in it. `fileName` is one of ours, without any separator. */
  fileOf(fileName: string): string;
  /** Makes sure that it is there and closed to others. @throws the system's error. */
  ensure(): void;
}

/** The attachments folder of a data directory. It is made when it is first written to. */
export function attachmentFolder(dataDir: string): AttachmentFolder {
  const path = resolve(dataDir, 'attachments');
  return {
    path,
    fileOf: (fileName) => join(path, fileName),
    ensure() {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      // A folder that was there before may be open to others.
      if (process.platform !== 'win32') chmodSync(path, 0o700);
    },
  };
}
