const SECOND_MS = 1000;

/** Where the time and the page come from; the browser's own unless a test brings others. */
export interface CountdownPlace {
  now: () => number;
  page: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>;
}

/** What is left of a wait, in whole seconds; never less than 0. */
export function secondsLeft(untilMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((untilMs - nowMs) / SECOND_MS));
}

/**
 * Tells the seconds that are left, now and whenever one is over, while the page is to be seen. Nothing is set once the wait
 * is over; a page that is looked at again is told at once.
 *
 * @param untilMs Unix milliseconds.
 * @returns what ends it.
 */
export function countDown(
  untilMs: number,
  onLeft: (seconds: number) => void,
  { now, page }: CountdownPlace = { now: Date.now, page: document },
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    clearTimeout(timer);
    page.removeEventListener('visibilitychange', tell);
  };
  const tell = () => {
    clearTimeout(timer);
    const left = secondsLeft(untilMs, now());
    onLeft(left);
    if (left === 0) end();
    else if (page.visibilityState === 'visible') {
      // When the next whole second is over.
      timer = setTimeout(tell, untilMs - now() - (left - 1) * SECOND_MS);
    }
  };
  page.addEventListener('visibilitychange', tell);
  tell();
  return end;
}
