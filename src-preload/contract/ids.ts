/** Each byte as two digits. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const ID_BYTES = 16;
/** Asking for random bytes costs more than an id: they are fetched for many at once, and each is used once. */
const pool = new Uint8Array(256 * ID_BYTES);
let used = pool.length;

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
  const bytes = pool.slice(used, used + ID_BYTES);
  used += ID_BYTES;
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(nowMs / 2 ** 32));
  view.setUint32(2, nowMs >>> 0);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  let hex = '';
  for (const byte of bytes) hex += HEX[byte];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
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
