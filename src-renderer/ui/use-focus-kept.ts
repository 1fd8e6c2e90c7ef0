import { type RefObject, useEffect, useRef } from 'react';

/**
 * A button that did its work often goes with it, and leaves the keyboard on nothing. Within `root` it goes on at what the button
 * names in `data-then` (a selector within `root`), else where `otherwise` says. It stays with whoever took it meanwhile.
 *
 * @param otherwise gets what went and what went with it. `wasPressed`: it did its work, and was not just scrolled out of sight.
 */
export function useFocusKept(
  root: RefObject<HTMLElement | null>,
  otherwise: (gone: HTMLElement, wasPressed: boolean) => void,
): void {
  const latest = useRef(otherwise);
  useEffect(() => {
    latest.current = otherwise;
  });
  useEffect(() => {
    const place = root.current;
    if (place === null) return;
    let held: HTMLElement | null = null;
    let wasPressed = false;
    const look = () => {
      if (held === null || held.isConnected) return;
      const gone = held;
      const wasUsed = wasPressed;
      forget();
      if (document.activeElement !== document.body) return;
      const then = gone.dataset['then'];
      const next = then === undefined ? null : place.querySelector<HTMLElement>(then);
      if (next === null) latest.current(gone, wasUsed);
      else next.focus({ preventScroll: true });
    };
    // Watched only while the keyboard is here, so that an answer that grows costs nothing.
    const changes = new MutationObserver(look);
    const forget = () => {
      held = null;
      wasPressed = false;
      changes.disconnect();
    };
    const entered = ({ target }: FocusEvent) => {
      held = target instanceof HTMLElement ? target : null;
      wasPressed = false;
      changes.observe(place, { childList: true, subtree: true });
    };
    const pressed = () => {
      wasPressed = true;
    };
    // Some browsers tell of it just before an element goes. Whoever leaves by hand has left something that still stands there.
    const left = ({ target }: FocusEvent) =>
      queueMicrotask(() => {
        if (held === null || held !== target) return;
        if (held.isConnected) forget();
        else look();
      });
    place.addEventListener('focusin', entered);
    place.addEventListener('focusout', left);
    place.addEventListener('click', pressed);
    return () => {
      changes.disconnect();
      place.removeEventListener('focusin', entered);
      place.removeEventListener('focusout', left);
      place.removeEventListener('click', pressed);
    };
  }, [root]);
}
