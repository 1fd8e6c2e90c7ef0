const STORAGE_KEY = 'sluice.token';

interface Place {
  hash: string;
  pathname: string;
  search: string;
}

/**
 * The owner's token, given once in the fragment (`#token=…`), which no server and no log sees. It is taken out of the
 * address at once and kept for this tab only, so that a reload still works and a copied address gives nothing away.
 */
export function takeToken(
  place: Place,
  history: Pick<History, 'replaceState'>,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
): string | null {
  const given = new URLSearchParams(place.hash.replace(/^#/, '')).get('token');
  if (given === null || given === '') return storage.getItem(STORAGE_KEY);
  history.replaceState(null, '', `${place.pathname}${place.search}`);
  storage.setItem(STORAGE_KEY, given);
  return given;
}
