import { draftShelf } from '../draft-store.ts';

const KEY_PREFIX = 'sluice.models.';
const MOST = 6;

type Shelf = Pick<Storage, 'getItem' | 'setItem'> | null;

/** The models that were chosen lately of a provider, the newest first. What is kept may be damaged: it is read as it is found. */
export function recentModels(profileId: string, shelf: Shelf = draftShelf): string[] {
  try {
    const kept: unknown = JSON.parse(shelf?.getItem(KEY_PREFIX + profileId) ?? '[]');
    return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string').slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** Notes a choice. A shelf that is full costs the list this one, and the choice nothing. */
export function noteModel(profileId: string, model: string, shelf: Shelf = draftShelf): void {
  const wanted = model.trim();
  if (wanted === '') return;
  const next = [wanted, ...recentModels(profileId, shelf).filter((each) => each !== wanted)].slice(0, MOST);
  try {
    shelf?.setItem(KEY_PREFIX + profileId, JSON.stringify(next));
  } catch {
    return;
  }
}
