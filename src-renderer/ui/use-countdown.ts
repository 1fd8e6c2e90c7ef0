import { useEffect, useState } from 'react';
import { countDown, secondsLeft } from './count-down.ts';

/** The whole seconds that are left until a time in Unix milliseconds; 0 once it is over, and for none. */
export function useCountdown(untilMs: number | null): number {
  const [left, setLeft] = useState(() => (untilMs === null ? 0 : secondsLeft(untilMs, Date.now())));
  useEffect(() => (untilMs === null ? undefined : countDown(untilMs, setLeft)), [untilMs]);
  return left;
}
