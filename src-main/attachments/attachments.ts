import { resolve } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Store } from '../store/store.ts';
import { attachmentFolder } from './attachment-folder.ts';
import { AttachmentSweep } from './attachment-sweep.ts';
import { AttachmentUploads, type UploadLimits } from './attachment-uploads.ts';
import { createLoadParts } from './load-parts.ts';
import { createMediaServer, type MediaServer } from './media-server.ts';
import { isBelow, type ReadableFolders } from './open-within.ts';

/** All that Sluice does with files that people hand to it. */
export interface Attachments {
  /** The folder that holds them; absolute. */
  readonly folderPath: string;
  readonly uploads: AttachmentUploads;
  /** Serves files to the page. */
  readonly media: MediaServer;
  /** Reads a message's files for a model. */
  readonly loadParts: ReturnType<typeof createLoadParts>;
  /** Whether a path is that of a file in Sluice's own folder: those are never changed. */
  isOwn(path: string): boolean;
  /** Puts the folder in order. Once, before the first upload. */
  start(): Promise<void>;
  /** Removes files that no conversation holds. Never rejects. */
  sweep(): Promise<void>;
  /** Forgets uploads that are under way and lets a sweep come to its end. */
  close(): Promise<void>;
}

export function createAttachments(parts: {
  dataDir: string;
  store: Store;
  limits: UploadLimits;
  clock: Clock;
  logger: Logger;
  newId: () => string;
}): Attachments {
  const { store } = parts;
  const dataDir = resolve(parts.dataDir);
  const folder = attachmentFolder(dataDir);
  const uploads = new AttachmentUploads({ ...parts, folder });
  const sweep = new AttachmentSweep({ ...parts, folder });
  const folders = (workspaces: readonly string[]): ReadableFolders => ({
    attachments: folder.path,
    workspaces,
    dataDir,
  });
  return {
    folderPath: folder.path,
    uploads,
    media: createMediaServer({
      folders: () => folders(store.attachments.workspaces()),
      fileOf: (fileName) => folder.fileOf(fileName),
      nameOf: (fileName) => store.attachments.byFileName(fileName)?.name ?? null,
    }),
    loadParts: createLoadParts((workspace) => folders(workspace === null || workspace === '' ? [] : [workspace])),
    isOwn: (path) => isBelow(folder.path, path),
    async start() {
      await sweep.removeLeftovers();
      // Nobody waits for it: what it removes is not in any conversation.
      void sweep.run();
    },
    sweep: () => sweep.run(),
    async close() {
      await uploads.close();
      await sweep.settled();
    },
  };
}
