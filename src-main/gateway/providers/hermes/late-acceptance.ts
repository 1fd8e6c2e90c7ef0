import { abortable } from '../../../platform/abortable.ts';
import { AbortReason } from '../../../platform/app-failure.ts';
import type { HermesClient } from './hermes-client.ts';
import { stopRun } from './stop-run.ts';

/**
 * Waits for an agent to accept a run. When a person's stop has waited long enough the caller is let go, and the request is
 * kept all the same: an agent that accepts after that is told to stop at once (E4-01). Every other abort closes it.
 *
 * @param start sends the request; closes it with the signal that it is given.
 * @throws what `start` throws; the reason of `signal`.
 */
export async function acceptedOrStopped<T extends { runId: string }>(
  client: HermesClient,
  start: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const closing = new AbortController();
  const onAbort = () => {
    if (isGraceOver(signal.reason)) return;
    closing.abort(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const accepted = start(closing.signal);
  try {
    return await abortable(accepted, signal);
  } catch (thrown) {
    accepted.then(
      ({ runId }) => void stopRun(client, runId),
      // It was never accepted: there is nothing to stop.
      () => undefined,
    );
    throw thrown;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function isGraceOver(reason: unknown): boolean {
  return reason instanceof AbortReason && reason.kind === 'grace-over';
}
