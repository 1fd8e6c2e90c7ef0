import type { Clock } from './clock.ts';

/**
 * Waits for something, and no longer than the limit. Leaves no timer.
 *
 * @returns what it resolves with, or `late` where the limit came first; what it still does then is nobody's any more.
 * @throws what it rejects with before the limit; after that a rejection is late as well: there is nobody left to be told.
 */
export async function waitAtMost<T>(promise: Promise<T>, clock: Clock, limitMs: number): Promise<T | 'late'> {
  let cancel: () => void = () => undefined;
  const limit = new Promise<'late'>((resolve) => {
    cancel = clock.after(limitMs, () => resolve('late'));
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    cancel();
  }
}
