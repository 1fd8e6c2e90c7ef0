import type { Clock } from './clock.ts';
import { waitAtMost } from './wait-at-most.ts';

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
  return (await waitAtMost(stop, clock, limitMs)) ?? 'stopped';
}
