import type { SluiceApi } from '#contract/routes';

const ASK_EVERY_MS = 250;
/** A large store is checked page by page before it is put in place. */
const WAIT_AT_MOST_MS = 120_000;

/**
 * Resolves once the host has opened its store anew. Meanwhile it may be out of reach.
 *
 * @param generation the opening that it had before.
 * @returns false when it did not happen in two minutes.
 */
export async function waitForReopening(
  api: Pick<SluiceApi, 'request'>,
  generation: string,
  wait: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < WAIT_AT_MOST_MS; waitedMs += ASK_EVERY_MS) {
    const answer = await api.request('data.store', {});
    if (answer.ok && answer.data.generation !== generation) return true;
    await wait(ASK_EVERY_MS);
  }
  return false;
}
