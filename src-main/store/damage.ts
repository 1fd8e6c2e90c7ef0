import { AppFailure } from '../platform/app-failure.ts';
import { classifySqliteFailure } from './sqlite-failure.ts';

export const DAMAGED_MESSAGE =
  'The conversations file is damaged, so Sluice changes nothing in it. Export what can still be read, then start again with a backup or another folder (SLUICE_DATA_DIR).';

/** What a read met when the file under it is damaged; null for any other throw. */
export function damageFailure(thrown: unknown): AppFailure | null {
  if (classifySqliteFailure(thrown) !== 'corrupt') return null;
  return new AppFailure('storage_unavailable', DAMAGED_MESSAGE, { cause: thrown });
}
