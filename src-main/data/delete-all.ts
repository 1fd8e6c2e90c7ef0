import type { Attachments } from '../attachments/attachments.ts';
import type { RunService } from '../runs/run-service.ts';
import type { Store } from '../store/store.ts';
import type { Backups } from './backups.ts';
import type { Portability } from './portability.ts';
import type { taskRunner } from './run-task.ts';

/**
 * Deletes every conversation and what belongs to it, answers that are kept for programs among it, and gives the room on the disk back.
 *
 * @param withBackups deletes the backups as well, in which the conversations would live on.
 * @returns the conversations that there were.
 */
export async function deleteAllConversations(
  parts: {
    store: Store;
    runs: RunService;
    attachments: Attachments;
    backups: Backups;
    portability: Portability;
    runTask: ReturnType<typeof taskRunner>;
    database: string;
    deleted: (sessionId: string) => void;
    /** Lets go of what is held in memory to be given to programs again. */
    forgetAnswers: () => void;
  },
  withBackups: boolean,
): Promise<string[]> {
  const ids = parts.store.sessions.allIds();
  for (const id of ids) {
    await parts.runs.deleteSession(id);
    parts.deleted(id);
  }
  parts.forgetAnswers();
  await parts.store.committer.commit(() => parts.store.keptAnswers.forgetAll());
  await parts.portability.forgetExports();
  await parts.attachments.sweep();
  if (withBackups) await parts.backups.removeAll();
  await parts.runTask('shrink', { database: parts.database });
  return ids;
}
