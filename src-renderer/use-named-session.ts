import { useEffect } from 'react';

/**
 * The conversation that an address names (`#session=…`), as the host opens it from a notification. The name is taken out
 * of the address at once, so that a reload stays where the reader went afterwards.
 */
export function takeNamedSession(
  place: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState'>,
): string | null {
  const named = new URLSearchParams(place.hash.replace(/^#/, '')).get('session');
  if (named === null || named === '') return null;
  history.replaceState(null, '', `${place.pathname}${place.search}`);
  return named;
}

/** Opens what the address names, now and whenever it names another one. */
export function useNamedSession(onOpen: (sessionId: string) => void): void {
  useEffect(() => {
    const look = () => {
      const named = takeNamedSession(window.location, window.history);
      if (named !== null) onOpen(named);
    };
    look();
    window.addEventListener('hashchange', look);
    return () => window.removeEventListener('hashchange', look);
  }, [onOpen]);
}
