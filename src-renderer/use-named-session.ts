import { useEffect } from 'react';
import { isFitId } from '#contract/ids';

/** A place of the page that an address names: a conversation, a new one, the preview of a file that was handed in, a section of the settings. */
export type NamedPlace =
  | { kind: 'session'; sessionId: string }
  | { kind: 'new' }
  | { kind: 'import'; importId: string }
  | { kind: 'settings'; section: string };

/**
 * The place that an address names (`#session=…`, `#new`, `#import=…`, `#settings=…`), as the host opens it from a notification, the tray
 * or a file. The name is
 * taken out of the address at once, so that a reload stays where the reader went afterwards.
 */
export function takeNamedPlace(
  place: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState'>,
): NamedPlace | null {
  const fields = new URLSearchParams(place.hash.replace(/^#/, ''));
  const sessionId = fields.get('session') ?? '';
  const importId = fields.get('import') ?? '';
  const section = fields.get('settings');
  if (sessionId === '' && importId === '' && section === null && !fields.has('new')) return null;
  history.replaceState(null, '', `${place.pathname}${place.search}`);
  if (importId !== '') return { kind: 'import', importId };
  if (section !== null) return { kind: 'settings', section };
  // An address is anybody's: a page from elsewhere may open ours with one.
  return isFitId(sessionId) ? { kind: 'session', sessionId } : { kind: 'new' };
}

/** Opens what the address names, now and whenever it names another one. */
export function useNamedSession(
  onOpen: (sessionId: string) => void,
  onNew: () => void,
  onImport: (importId: string) => void,
  onSettings: (section: string) => void,
): void {
  useEffect(() => {
    const look = () => {
      const named = takeNamedPlace(window.location, window.history);
      if (named?.kind === 'session') onOpen(named.sessionId);
      else if (named?.kind === 'new') onNew();
      else if (named?.kind === 'import') onImport(named.importId);
      else if (named?.kind === 'settings') onSettings(named.section);
    };
    look();
    window.addEventListener('hashchange', look);
    return () => window.removeEventListener('hashchange', look);
  }, [onOpen, onNew, onImport, onSettings]);
}
