import type { UpdateProblem, UpdateProblemKind } from '#contract/updates';
import { oneLine } from './one-line.ts';

/** Long enough for a sentence of the system, short enough to be read. */
const MAX_CHARS = 240;

/** Codes and words of electron-updater 6.8, of Chromium's network and of the file system, each with what it means. */
const SIGNS: readonly (readonly [RegExp, UpdateProblemKind])[] = [
  [/ERR_CHECKSUM_MISMATCH|sha512 checksum mismatch|ERR_UPDATER_NO_CHECKSUM/i, 'damaged'],
  [/ERR_UPDATER_INVALID_SIGNATURE|not signed by the application owner|code signature|SIGNATURE/i, 'unsigned'],
  [
    /ERR_UPDATER_(CHANNEL_FILE_NOT_FOUND|NO_PUBLISHED_VERSIONS|LATEST_VERSION_NOT_FOUND|INVALID_RELEASE_FEED|NO_FILES_PROVIDED|ASSET_NOT_FOUND|INVALID_VERSION|INVALID_UPDATE_INFO)|HTTP_ERROR_4(04|10)/,
    'missing',
  ],
  [/ENOSPC|EDQUOT/, 'full'],
  [/EACCES|EPERM|EROFS|read-only volume/i, 'denied'],
  [
    /net::ERR_|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|HTTP_ERROR_5\d\d|socket hang up|timed out/i,
    'offline',
  ],
];

/** What a failed step of an update means. Only where no case says it, the first line of the failure's own words is kept. */
export function readUpdateFailure(thrown: unknown, during: UpdateProblem['during']): UpdateProblem {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  const sign = SIGNS.find(([pattern]) => pattern.test(code)) ?? SIGNS.find(([pattern]) => pattern.test(words));
  if (sign !== undefined) return { during, kind: sign[1], message: null };
  return { during, kind: 'other', message: oneLine(words.split('\n', 1)[0] ?? '', MAX_CHARS) };
}
