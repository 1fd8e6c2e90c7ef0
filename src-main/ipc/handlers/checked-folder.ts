import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { FailureSaying } from '#contract/failure-saying';
import { failureOf } from '../../platform/app-failure.ts';

/**
 * A folder that a person chose for a conversation, once it is sure that it is one. Null and absent pass through.
 *
 * @throws AppFailure `invalid_payload` with what is wrong about it.
 */
export async function checkedFolder(path: string | null | undefined): Promise<string | null | undefined> {
  if (path === null || path === undefined) return path;
  const refuse = (said: FailureSaying) => failureOf('invalid_payload', said, { details: { field: 'workspace' } });
  if (path === '') return null;
  if (!isAbsolute(path)) throw refuse({ word: 'folder_not_from_root' });
  if (/\p{Cc}/u.test(path)) throw refuse({ word: 'folder_odd_characters' });
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (thrown) {
    throw failureOf(
      'invalid_payload',
      { word: 'folder_unreadable', with: { path } },
      {
        details: { field: 'workspace' },
        cause: thrown,
      },
    );
  }
  throw refuse({ word: 'folder_is_file', with: { path } });
}
