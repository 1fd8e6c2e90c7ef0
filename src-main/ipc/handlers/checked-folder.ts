import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { AppFailure } from '../../platform/app-failure.ts';

/**
 * A folder that a person chose for a conversation, once it is sure that it is one. Null and absent pass through.
 *
 * @throws AppFailure `invalid_payload` with what is wrong about it.
 */
export async function checkedFolder(path: string | null | undefined): Promise<string | null | undefined> {
  if (path === null || path === undefined) return path;
  const refuse = (message: string) => new AppFailure('invalid_payload', message, { details: { field: 'workspace' } });
  if (path === '') return null;
  if (!isAbsolute(path)) throw refuse('The folder has to be given from the root on, such as /home/me/project.');
  if (/\p{Cc}/u.test(path))
    throw refuse('The name of the folder holds characters that cannot be shown. Choose another.');
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (thrown) {
    throw new AppFailure('invalid_payload', `The folder ${path} cannot be read. Check that it is there.`, {
      details: { field: 'workspace' },
      cause: thrown,
    });
  }
  throw refuse(`${path} is a file. Choose the folder that it lies in.`);
}
