/** How often the clock is looked at. */
const TICK_MS = 5000;
/** A clock that jumped further than this between two looks: the machine slept. */
const SLEEP_MS = 30_000;

interface WakePlaces {
  window: Pick<Window, 'addEventListener' | 'removeEventListener'>;
  document: Pick<Document, 'visibilityState'>;
  now: () => number;
}

/**
 * Tells when the page may have missed something that no focus and no transport reports: the network is back, or the
 * machine has slept (E5-05). A hidden page is left alone; it is asked for again when it becomes visible.
 *
 * @returns the function that ends it.
 */
export function onWake(
  listener: () => void,
  places: WakePlaces = { window, document, now: () => Date.now() },
): () => void {
  let lastMs = places.now();
  const look = () => {
    const nowMs = places.now();
    const slept = nowMs - lastMs > SLEEP_MS + TICK_MS;
    lastMs = nowMs;
    if (slept && places.document.visibilityState === 'visible') listener();
  };
  const timer = setInterval(look, TICK_MS);
  places.window.addEventListener('online', listener);
  return () => {
    clearInterval(timer);
    places.window.removeEventListener('online', listener);
  };
}
