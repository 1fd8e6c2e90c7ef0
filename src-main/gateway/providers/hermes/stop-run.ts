import { AppFailure } from '../../../platform/app-failure.ts';
import { textOf } from '../../json.ts';
import type { UpstreamRun } from '../../upstream-adapter.ts';
import { type HermesClient, isTerminalHermesStatus } from './hermes-client.ts';

/** Asks the agent to stop a run and says how it took that. Never rejects for what the agent does. */
export async function stopRun(client: HermesClient, runId: string): ReturnType<UpstreamRun['stop']> {
  try {
    const answer = await client.stop(runId);
    if (answer === null) return await stopWasUnknown(client, runId);
    return isTerminalHermesStatus(textOf(answer['status'])) ? 'stopped' : 'stopping';
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown;
    // 409: the process that had the run is dead, and the run with it.
    return thrown.details?.['status'] === 409 ? 'gone' : 'failed';
  }
}

/** An early agent forgets how to stop a run after five minutes while it works on (BUG-B3): 404 alone proves nothing. */
async function stopWasUnknown(client: HermesClient, runId: string): ReturnType<UpstreamRun['stop']> {
  const now = await client.statusAfterStop(runId);
  return now === null || isTerminalHermesStatus(textOf(now['status'])) ? 'gone' : 'failed';
}
