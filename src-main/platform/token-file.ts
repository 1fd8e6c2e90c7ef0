import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { failureOf } from './app-failure.ts';

/** Long enough that guessing is hopeless; also the form of a generated token. */
const TOKEN_BYTES = 32;

/**
 * The owner's token: the one given, else the one in the file, else a new one that is kept there for its owner only.
 * A file that others could read is closed to them. One that a power cut left empty or full of zeros holds no token: nobody
 * could ever send it.
 *
 * @throws AppFailure `storage_unavailable` where the file cannot be read; what the file system throws where it cannot be written.
 */
export function ownerToken(given: string | undefined, path: string): string {
  if (given !== undefined && given.trim() !== '') return given.trim();
  try {
    const kept = readFileSync(path, 'utf8').trim();
    if (kept !== '' && !/\p{Cc}/u.test(kept)) {
      chmodSync(path, 0o600);
      return kept;
    }
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    if (code !== 'ENOENT')
      throw failureOf('storage_unavailable', { word: 'path_unusable', with: { path, code } }, { cause: thrown });
  }
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  // The mode above is that of a new file.
  chmodSync(path, 0o600);
  return token;
}
