import { isTerminalStatus } from '#contract/records';
import { AppFailure } from '../../platform/app-failure.ts';
import { HttpFailure } from '../http-failure.ts';
import { graphStatusOf } from './run-record.ts';
import type { RunsApiParts } from './runs-api-parts.ts';

/**
 * Stops a run that waits, prepares or runs. Asked twice, the second joins the first (BUG-C18).
 *
 * @param action `rollback` also takes it back, in the transaction that ends it.
 * @returns a promise of its end. It is under way when this returns.
 * @throws AppFailure `conflict` for a run that ended by itself.
 */
export function cancelRun(
  parts: Pick<RunsApiParts, 'store' | 'runs'>,
  run: { id: string; sessionId: string },
  action: 'interrupt' | 'rollback',
): Promise<void> {
  const { store, runs } = parts;
  const known = store.runPages.run(run.id);
  if (known === null) throw new AppFailure('not_found', 'There is no such run.');
  if (isTerminalStatus(known.status)) {
    const isStopped = known.status === 'interrupted' || known.error === 'Rolled back by user';
    const isAskedAgain = action === 'interrupt' || known.error === 'Rolled back by user' || known.startedAtMs === null;
    if (isStopped && isAskedAgain) return Promise.resolve();
    throw new HttpFailure(
      409,
      'conflict',
      `This run is not cancellable: its status is “${graphStatusOf(known.status)}”.`,
    );
  }
  const stopping = async () => {
    const item = store.queue.byRunId(run.id);
    if (item !== null) {
      const { removed } = await runs.cancelQueued(run.sessionId, item.queueId);
      if (removed > 0) return;
    }
    await runs.abort(run.sessionId, run.id, { rollBack: action === 'rollback' });
  };
  return stopping();
}
