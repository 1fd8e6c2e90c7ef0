import type { RunRecord } from '#contract/records';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { waitAtMost } from '../platform/wait-at-most.ts';
import type { Store } from '../store/store.ts';
import { removeUnfinishedFork } from './fork-session.ts';
import type { RunLog } from './run-log.ts';
import type { RunOutcome } from './run-outcome.ts';
import { queueStateOf } from './run-rows.ts';
import type { RunTask } from './run-task.ts';
import { endRunRows, foldStoredRun } from './settle-rows.ts';
import type { UpstreamPort } from './upstream-port.ts';

interface RecoveryParts {
  store: Store;
  log: RunLog;
  clock: Clock;
  upstream: UpstreamPort;
  logger: Logger;
  newId: () => string;
}

/** A run that lives at its upstream can be taken up again; one that lived on a socket died with it. */
function canAttach(run: RunRecord, upstream: UpstreamPort): boolean {
  return run.upstreamRunId !== null && run.status === 'running' && upstream.stopStyle(run.profile) === 'stop-request';
}

/** Closes a run whose fate is unknown: its text so far becomes rows, its status says `interrupted`. */
async function closeInterrupted(parts: RecoveryParts, run: RunRecord, sessionId: string): Promise<void> {
  const { store, log, newId } = parts;
  const rowId = newId();
  // A run that was being stopped has been stopped; any other one is nobody's wish.
  const outcome: RunOutcome =
    run.status === 'cancelling'
      ? { kind: 'stopped', synced: false, usage: null, output: null }
      : {
          kind: 'failed',
          usage: null,
          error: failureOf(
            'interrupted',
            { word: 'closed_in_answer' },
            { retry: { kind: 'user-action', action: 'retry' } },
          ).toAppError(),
        };
  await log.write(
    sessionId,
    (_live, nowMs) => {
      const view = foldStoredRun(store, sessionId, run.id);
      const drafts = endRunRows(store, sessionId, { runId: run.id, outcome, view, rowId, calls: null }, nowMs);
      return { drafts, result: null };
    },
    { patient: true },
  );
}

async function pauseQueue(parts: RecoveryParts, sessionId: string): Promise<void> {
  const { store, log } = parts;
  await log.write(
    sessionId,
    () => {
      store.queue.forgetSendNow(sessionId);
      if (store.sessions.get(sessionId)?.queue_paused != null) return { drafts: [], result: null };
      store.sessions.setQueuePaused(sessionId, 'restart');
      return {
        drafts: [{ event: 'queue.paused', ...queueStateOf(store, sessionId), reason: 'restart' }],
        result: null,
      };
    },
    { patient: true },
  );
}

/** A start waits this long for a store that cannot be written; then it goes on, read-only, and the writes follow. */
const WAIT_FOR_STORE_MS = 1000;

/**
 * Puts a store in order after a restart, whatever ended the process before: queues stand still until a person says
 * otherwise (E3-05), unfinished runs are closed with their text, or handed back to be taken up where the upstream still
 * knows them (E5-06). A full disk or a lock delays the writes, never the start.
 *
 * @returns the runs to take up.
 */
export async function recoverRuns(parts: RecoveryParts): Promise<RunTask[]> {
  const { store, clock, logger } = parts;
  const unfinished = store.sessions.hidden();
  const writes = [
    ...unfinished.map((id) => store.committer.commit(() => removeUnfinishedFork(store, id), { patient: true })),
    ...store.sessions.withQueue().map((sessionId) => pauseQueue(parts, sessionId)),
  ];
  const tasks: RunTask[] = [];
  for (const run of store.runs.unfinished()) {
    const options = store.runs.options(run.id);
    if (run.sessionId === null || options === null) continue;
    if (canAttach(run, parts.upstream)) {
      tasks.push({ runId: run.id, sessionId: run.sessionId, input: '', options, upstreamRunId: run.upstreamRunId });
    } else {
      writes.push(closeInterrupted(parts, run, run.sessionId));
    }
  }
  const settled = writes.map((write) =>
    write.catch((thrown: unknown) => logger.error(describeThrown(thrown), 'a session could not be put in order')),
  );
  await waitAtMost(Promise.all(settled), clock, WAIT_FOR_STORE_MS);
  return tasks;
}
