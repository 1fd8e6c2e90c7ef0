import type { Settings } from '#contract/settings';
import type { RunOptions } from '../store/run-repository.ts';
import type { Store } from '../store/store.ts';
import { queueUnsentRows } from './queue-rows.ts';
import type { RunExecutor } from './run-executor.ts';
import type { RunLog } from './run-log.ts';
import type { RunOutcome } from './run-outcome.ts';
import type { NewRun } from './run-rows.ts';
import { foldStoredRun, settleBareRows, settleRows } from './settle-rows.ts';

/** A run whose outcome is known. What a stop may still change is read when its end is written. */
export interface EndingRun {
  readonly sessionId: string;
  readonly runId: string;
  readonly options: RunOptions;
  readonly executor: Pick<RunExecutor, 'unsent' | 'calls'>;
  /** Taken back in the transaction that ends it. */
  readonly rollBack: boolean;
  readonly stoppedByPerson: boolean;
}

interface Parts {
  store: Store;
  log: RunLog;
  newId: () => string;
  limits: () => Pick<Settings, 'stopPausesQueue' | 'pauseQueueOnFailure'>;
}

/** What its owner does about an end. */
export interface EndingPlan {
  /** Whether the next message may go out with it. */
  takesNext: boolean;
  /** The process ends: the queue keeps its state for the next start. */
  isLeaving: () => boolean;
  /** Called as the end is committed, before anything else of the session can happen. */
  committed: (next: NewRun | null) => void;
  /** Hears why a way failed before the next one is tried. */
  report: (thrown: unknown) => void;
}

/**
 * Writes how a run ended and takes what comes next, in one transaction (decision 5). Where that cannot be written, the end is
 * stored without the next message, and the queue waits; where that cannot be either, the bare end is, with the answer if that
 * is at all possible: nobody spins, and the next message is taken (BUG-A42).
 *
 * @returns `whole`, or `bare` where the outcome as such could not be stored. `committed` was called once in either case.
 * @throws where not even a bare end was stored; `committed` was called then, too.
 */
export async function writeRunEnd(
  parts: Parts,
  run: EndingRun,
  outcome: RunOutcome,
  plan: EndingPlan,
): Promise<'whole' | 'bare'> {
  for (const takesNext of [plan.takesNext, false]) {
    try {
      await writeWholeEnd(parts, run, outcome, { ...plan, takesNext });
      return 'whole';
    } catch (thrown) {
      plan.report(thrown);
    }
  }
  await writeBareEnd(parts, run, plan);
  return 'bare';
}

async function writeWholeEnd(parts: Parts, run: EndingRun, outcome: RunOutcome, plan: EndingPlan): Promise<void> {
  const { store, log, newId, limits } = parts;
  const { sessionId, runId, executor, options } = run;
  const ids = { rowId: newId(), nextIds: { messageId: newId(), versionId: newId() } };
  const unsentItems = executor.unsent.map(({ text, queueId }) => ({
    text,
    queueId: queueId ?? newId(),
    runId: newId(),
  }));
  await log.write<NewRun | null>(
    sessionId,
    (live, nowMs) => {
      const unsent = queueUnsentRows(store, sessionId, unsentItems, options, nowMs);
      const { drafts, next } = settleRows(
        store,
        sessionId,
        {
          ...ids,
          runId,
          outcome,
          view: live ?? foldStoredRun(store, sessionId, runId),
          calls: executor.calls,
          rollBack: run.rollBack,
          pauseAfter:
            // A queue that is not taken from must not look as if it were: also when a deletion fails after this.
            (!plan.takesNext && !plan.isLeaving()) ||
            (outcome.kind === 'stopped' && run.stoppedByPerson && limits().stopPausesQueue),
          pauseOnFailure: limits().pauseQueueOnFailure,
          takesNext: plan.takesNext,
        },
        nowMs,
      );
      return { drafts: [...unsent, ...drafts], result: next };
    },
    { patient: true, committed: plan.committed },
  );
}

async function writeBareEnd(parts: Parts, run: EndingRun, plan: EndingPlan): Promise<void> {
  const { store, log } = parts;
  const { sessionId, runId, executor } = run;
  const write = (keepsAnswer: boolean) =>
    log.write(
      sessionId,
      (live, nowMs) => {
        const rows = keepsAnswer && live !== null ? live.live : [];
        return { drafts: settleBareRows(store, sessionId, runId, rows, executor.calls, nowMs), result: null };
      },
      { patient: true },
    );
  try {
    await write(true).catch((thrown: unknown) => {
      plan.report(thrown);
      return write(false);
    });
  } finally {
    log.drop(sessionId);
    plan.committed(null);
  }
}
