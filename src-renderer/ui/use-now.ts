import { useSyncExternalStore } from 'react';

const TICK_MS = 1000;
const MINUTE_MS = 60_000;
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    nowMs = Date.now();
    timer = setInterval(() => {
      nowMs = Date.now();
      for (const each of listeners) each();
    }, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Calls `listener` now and every second until the returned function is called. For texts that React need not know of. */
export function onSecond(listener: (nowMs: number) => void): () => void {
  const tell = () => listener(nowMs);
  const off = subscribe(tell);
  tell();
  return off;
}

const still = () => () => undefined;

/**
 * The time in Unix milliseconds, once a second, from one timer for the whole page. With `ticking` false it stands
 * still and costs nothing.
 */
export function useNow(ticking = true): number {
  return useSyncExternalStore(ticking ? subscribe : still, () => nowMs);
}

/** The minute that it is, as Unix milliseconds of its beginning: for what changes with the day and not by the second. */
export function useMinute(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(nowMs / MINUTE_MS) * MINUTE_MS);
}

/**
 * The latest of some times, in Unix milliseconds, that is over by now; 0 for none. It stands still between them, so that
 * what changes at an end is drawn then and not every second.
 */
export function useLastPast(timesMs: readonly number[]): number {
  const latest = () => timesMs.reduce((last, timeMs) => (timeMs <= nowMs && timeMs > last ? timeMs : last), 0);
  return useSyncExternalStore(timesMs.length > 0 ? subscribe : still, latest);
}
