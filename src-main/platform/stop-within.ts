import type { Clock } from './clock.ts';

/** How long whoever ends the application waits for what is being stored. The log is the truth: the next start takes up the rest. */
export const STOP_WITHIN_MS = 10_000;

/**
 * Waits for an orderly end, and no longer than the limit.
 *
 * @returns `stopped`, or `late` where the limit came first; what `stop` still does then is nobody's any more.
 * @throws what `stop` rejects with before the limit.
 */
export async function stopWithin(
  stop: Promise<void>,
  clock: Clock,
  limitMs = STOP_WITHIN_MS,
): Promise<'stopped' | 'late'> {
  let cancel = (): void => undefined;
  const deadline = new Promise<'late'>((resolve) => {
    cancel = clock.after(limitMs, () => resolve('late'));
  });
  try {
    return await Promise.race([stop.then(() => 'stopped' as const), deadline]);
  } finally {
    cancel();
    // Rejecting after the limit is late as well: there is nobody left to be told.
    stop.catch(() => undefined);
  }
}
