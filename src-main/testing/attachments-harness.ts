import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { attachmentFolder } from '../attachments/attachment-folder.ts';
import { AttachmentSweep } from '../attachments/attachment-sweep.ts';
import { AttachmentUploads, type UploadLimits } from '../attachments/attachment-uploads.ts';
import type { OpenFile } from '../attachments/pending-file.ts';
import { ManualClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore } from '../store/store.ts';
import { countingIds } from './runs-harness.ts';
import { tempDir } from './temp-dir.ts';

/** The attachments of a fresh data directory on a real database and a real disk. Closed when the test has finished. */
export function openAttachments(
  options: { limits?: Partial<UploadLimits>; openFile?: OpenFile; dataDir?: string } = {},
) {
  const dataDir = options.dataDir ?? join(tempDir(), 'data');
  const clock = new ManualClock();
  const store = openStore(dataPaths(dataDir), { clock });
  const folder = attachmentFolder(dataDir);
  const parts = { store, folder, clock, logger: silentLogger };
  const uploads = new AttachmentUploads({
    ...parts,
    limits: { maxBytes: 50 * 1024 * 1024, chunkBytes: 1024 * 1024, ...options.limits },
    newId: countingIds(),
    ...(options.openFile === undefined ? {} : { openFile: options.openFile }),
  });
  onTestFinished(async () => {
    await uploads.close();
    store.close();
  });
  return {
    dataDir,
    clock,
    store,
    folder,
    uploads,
    sweep: new AttachmentSweep(parts),
    /** The names of all files in the attachments folder. */
    files: (): string[] => (existsSync(folder.path) ? readdirSync(folder.path).sort() : []),
    addSession: (id: string): Promise<void> =>
      store.committer.commit(() =>
        store.sessions.insert({
          id,
          title: id,
          title_source: 'auto',
          profile: null,
          model: null,
          workspace: null,
          created_at_ms: clock.now(),
          updated_at_ms: clock.now(),
        }),
      ),
  };
}
