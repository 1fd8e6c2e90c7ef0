import { useCallback, useState } from 'react';

/** Pages of the frame; *data* and *diagnostics* are reached through the settings. */
export type Page =
  | 'chat'
  | 'search'
  | 'credentials'
  | 'usage'
  | 'prompts'
  | 'localApi'
  | 'settings'
  | 'data'
  | 'diagnostics';

/** Where the reader is, and the ways to somewhere else. The functions keep their identity. */
export interface Place {
  page: Page;
  /** A section of the settings that was asked for. */
  settingsPlace: { section: string } | null;
  /** A file that the host handed in and nobody has looked at. */
  handedIn: string | null;
  /** The list of conversations lies over the page, where the window is too narrow for both. */
  listOpen: boolean;
  setListOpen: (isOpen: boolean) => void;
  /** Opens a page from its top. */
  go: (page: Page) => void;
  goToSettings: (section: string) => void;
  goToImport: (importId: string) => void;
  /** Somebody has looked at what was handed in. */
  taken: () => void;
}

/** Owns which page is open and what of it was asked for. Which conversation is open is the chat store's. */
export function usePlace(): Place {
  const [page, setPage] = useState<Page>('chat');
  const [settingsPlace, setSettingsPlace] = useState<Place['settingsPlace']>(null);
  const [handedIn, setHandedIn] = useState<string | null>(null);
  const [listOpen, setListOpen] = useState(false);
  const go = useCallback((next: Page) => {
    setPage(next);
    setSettingsPlace(null);
    setListOpen(false);
  }, []);
  const goToSettings = useCallback(
    (section: string) => {
      go('settings');
      setSettingsPlace({ section });
    },
    [go],
  );
  const goToImport = useCallback(
    (importId: string) => {
      go('data');
      setHandedIn(importId);
    },
    [go],
  );
  const taken = useCallback(() => setHandedIn(null), []);
  return { page, settingsPlace, handedIn, listOpen, setListOpen, go, goToSettings, goToImport, taken };
}
