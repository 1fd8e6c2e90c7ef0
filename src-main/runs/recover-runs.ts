import type { EventDraft } from '#contract/events';
import type { RunRecord } from '#contract/records';
import { applyRunEvent, emptyRunView, type RunView } from '#contract/run-view';
import type { Clock } from '../platform/clock.ts';
import type { Store } from '../store/store.ts';
import type { RunTask, UpstreamPort } from './run-executor.ts';
import type { RunLog } from './run-log.ts';
import { finishReasonOf, terminalDraft } from './run-outcome.ts';
import { queueStateOf, rowsAtEnd } from './run-rows.ts';

interface RecoveryParts {
  store: Store;
  log: RunLog;
  clock: Clock;
  upstream: UpstreamPort;
  newId: () => string;
}

const INTERRUPTED = 'Sluice was closed while this answer was being written. What had arrived is kept.';

/** A run that lives at its upstream can be taken up again; one that lived on a socket died with it. */
function canAttach(run: RunRecord, upstream: UpstreamPort): boolean {
  return run.upstreamRunId !== null && run.status === 'running' && upstream.stopStyle(run.profile) === 'stop-request';
}

/** Closes a run whose fate is unknown: its text so far becomes rows, its status says `interrupted`. */
async function closeInterrupted(parts: RecoveryParts, run: RunRecord, sessionId: string): Promise<void> {
  const { store, log, clock, newId } = parts;
  const rowId = newId();
  await log.write(sessionId, () => {
    const nowMs = clock.now();
    const outcome =
      run.status === 'cancelling'
        ? ({ kind: 'stopped', synced: false, usage: null, output: null } as const)
        : ({
            kind: 'failed',
            usage: null,
            error: { code: 'interrupted', message: INTERRUPTED, retry: { kind: 'user-action', action: 'retry' } },
          } as const);
    const terminal: EventDraft = terminalDraft(run.id, outcome, store.queue.count(sessionId), rowId);
    const view = store.events
      .ofRun(run.id)
      .reduce<RunView>((folded, event) => applyRunEvent(folded, event), emptyRunView(sessionId));
    const rows = rowsAtEnd(view, sessionId, [terminal], nowMs);
    store.messages.append(sessionId, rows);
    store.runs.finish(run.id, {
      status: 'interrupted',
      error: outcome.kind === 'failed' ? INTERRUPTED : null,
      errorInfo: outcome.kind === 'failed' ? { code: outcome.error.code, retry: outcome.error.retry } : null,
      finishReason: finishReasonOf(outcome),
      usage: null,
      endedAtMs: nowMs,
    });
    store.sessions.touch(sessionId, { messages: rows.length, atMs: nowMs, lastStatus: 'interrupted' });
    return { drafts: [terminal], result: null };
  });
}

/**
 * Puts a store in order after a restart, whatever ended the process before: queues stand still until a person says
 * otherwise (E3-05), unfinished runs are closed with their text, or handed back to be taken up where the upstream still
 * knows them (E5-06).
 *
 * @returns the runs to take up.
 */
export async function recoverRuns(parts: RecoveryParts): Promise<RunTask[]> {
  const { store, log } = parts;
  for (const sessionId of store.sessions.withQueue()) {
    await log.write(sessionId, () => {
      store.queue.forgetSendNow(sessionId);
      if (store.sessions.get(sessionId)?.queue_paused != null) return { drafts: [], result: null };
      store.sessions.setQueuePaused(sessionId, 'restart');
      return {
        drafts: [{ event: 'queue.paused', ...queueStateOf(store, sessionId), reason: 'restart' }],
        result: null,
      };
    });
  }
  const tasks: RunTask[] = [];
  for (const run of store.runs.unfinished()) {
    const options = store.runs.options(run.id);
    if (run.sessionId === null || options === null) continue;
    if (canAttach(run, parts.upstream)) {
      tasks.push({ runId: run.id, sessionId: run.sessionId, input: '', options, upstreamRunId: run.upstreamRunId });
    } else {
      await closeInterrupted(parts, run, run.sessionId);
    }
  }
  return tasks;
}
