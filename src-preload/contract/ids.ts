/** Each byte as two digits. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const RANDOM_BYTES = 10;
/** Asking for random bytes costs more than an id: they are fetched for many at once, and each is used once. */
const pool = new Uint8Array(256 * RANDOM_BYTES);
let used = pool.length;

/** Many ids are made within one millisecond. */
let time = { ms: Number.NaN, text: '' };

function timePart(nowMs: number): string {
  if (time.ms !== nowMs) {
    const hex = Math.floor(nowMs).toString(16).padStart(12, '0').slice(-12);
    time = { ms: nowMs, text: `${hex.slice(0, 8)}-${hex.slice(8)}` };
  }
  return time.text;
}

/**
 * A UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits.
 * Ids made later sort later, which keeps SQLite's index appends at the right-hand edge.
 *
 * @param nowMs Unix milliseconds; the caller's clock, so tests can fix it.
 */
export function newId(nowMs: number = Date.now()): string {
  if (used === pool.length) {
    globalThis.crypto.getRandomValues(pool);
    used = 0;
  }
  const from = used;
  used += RANDOM_BYTES;
  const two = (at: number) => `${HEX[pool[from + at] ?? 0]}${HEX[pool[from + at + 1] ?? 0]}`;
  const version = HEX[0x70 | ((pool[from] ?? 0) & 0x0f)];
  const variant = HEX[0x80 | ((pool[from + 2] ?? 0) & 0x3f)];
  return `${timePart(nowMs)}-${version}${HEX[pool[from + 1] ?? 0]}-${variant}${HEX[pool[from + 3] ?? 0]}-${two(4)}${two(6)}${two(8)}`;
}

const MAX_ID_CHARS = 128;
/** Controls, and marks that turn the direction in which text is read or cannot be seen. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u;

/**
 * Whether a text may be the id of something. Programs and files bring ids of their own, and they become names within
 * objects: `constructor` and `__proto__` are there in each of them before anybody puts anything in.
 */
export function isFitId(id: string): boolean {
  return id !== '' && id.length <= MAX_ID_CHARS && id.isWellFormed() && !UNSEEN.test(id) && !(id in Object.prototype);
}
