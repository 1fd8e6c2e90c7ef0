import type { AppFailure } from '../platform/app-failure.ts';
import { failureOf } from '../platform/app-failure.ts';
import { classifySqliteFailure } from './sqlite-failure.ts';

/** What a read met when the file under it is damaged; null for any other throw. */
export function damageFailure(thrown: unknown): AppFailure | null {
  if (classifySqliteFailure(thrown) !== 'corrupt') return null;
  return failureOf('storage_unavailable', { word: 'store_damaged_read_only' }, { cause: thrown });
}
