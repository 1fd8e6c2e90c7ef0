import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Long enough that guessing is hopeless; also the form of a generated token. */
const TOKEN_BYTES = 32;

/**
 * The owner's token: the one given, else the one in the file, else a new one that is kept there for its owner only.
 * A file that others could read is closed to them.
 */
export function ownerToken(given: string | undefined, path: string): string {
  if (given !== undefined && given.trim() !== '') return given.trim();
  try {
    const kept = readFileSync(path, 'utf8').trim();
    if (kept !== '') {
      chmodSync(path, 0o600);
      return kept;
    }
  } catch (thrown) {
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    if (!missing) throw thrown;
  }
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return token;
}
