import { transcode } from 'node:buffer';

/** A character that V8 keeps in two bytes. Text of one byte a character is known by itself: nothing is looked for in it. */
const WIDE = /[^\u0000-\u00ff]/;
/** Less is not worth a detour. */
const SHORT_CHARS = 2048;
/** Values with more text than this are written in pieces of about this length. */
const PIECE_CHARS = 128 * 1024;

/** Absent where Node was built without ICU, as some of Electron's were; then it only takes longer. */
const fromWide = transcode as typeof transcode | undefined;

/** `JSON.rawJSON`; TypeScript's library does not know it yet. */
const { isRawJSON } = JSON as unknown as { isRawJSON(value: unknown): boolean };

/**
 * A value as JSON in UTF-8, the bytes of `Buffer.from(JSON.stringify(value))`, in a fraction of its time for long conversations: one
 * character beyond Latin-1 makes V8 keep a whole text in two bytes a character, a picture in it as well, and `Buffer.from` is slow
 * at such texts.
 *
 * @param value anything that `JSON.stringify` makes a text of: no function, and not `undefined`. Nested no deeper than some hundred levels.
 * @param pieceChars for tests.
 */
export function jsonBytes(value: unknown, pieceChars = PIECE_CHARS): Buffer {
  if (textLength(value, pieceChars) <= pieceChars) return bytesOf(JSON.stringify(value));
  const pieces = new Pieces(pieceChars);
  write(value, pieces);
  return pieces.end();
}

/**
 * The first characters of `JSON.stringify(value)`, without writing the rest: a picture in it may have 20 MB.
 *
 * @param value as `jsonBytes`.
 */
export function jsonStart(value: unknown, chars: number): string {
  const start = new Start(chars);
  write(value, start);
  return start.text.slice(0, chars);
}

/** How much text a value holds; counted no further than to `enough`. */
function textLength(value: unknown, enough: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let sum = 0;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && sum <= enough; at++) sum += textLength(value[at], enough - sum);
    return sum;
  }
  for (const name in value) {
    sum += textLength((value as Record<string, unknown>)[name], enough - sum);
    if (sum > enough) break;
  }
  return sum;
}

/** What JSON is written into. */
interface Sink {
  /** How many characters are still wanted. */
  readonly room: number;
  add(text: string): void;
}

class Start implements Sink {
  text = '';
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get room(): number {
    return Math.max(0, this.#most - this.text.length);
  }

  add(text: string): void {
    this.text += text;
  }
}

/** Text in the making, as bytes piece by piece, so that a character of two bytes makes no more than its piece slow. */
class Pieces implements Sink {
  readonly room = Number.POSITIVE_INFINITY;
  readonly #bytes: Buffer[] = [];
  readonly #most: number;
  #text = '';

  constructor(most: number) {
    this.#most = most;
  }

  add(text: string): void {
    if (text.length >= this.#most) this.#flush();
    this.#text += text;
    if (this.#text.length >= this.#most) this.#flush();
  }

  end(): Buffer {
    this.#flush();
    return Buffer.concat(this.#bytes);
  }

  #flush(): void {
    if (this.#text === '') return;
    this.#bytes.push(bytesOf(this.#text));
    this.#text = '';
  }
}

function write(value: unknown, sink: Sink): void {
  if (sink.room === 0) return;
  if (typeof value === 'string') sink.add(JSON.stringify(value.length > sink.room ? value.slice(0, sink.room) : value));
  else if (Array.isArray(value)) {
    for (let at = 0; at < value.length && sink.room > 0; at++) {
      sink.add(at === 0 ? '[' : ',');
      write(value[at], sink);
    }
    sink.add(value.length === 0 ? '[]' : ']');
  } else if (isFields(value)) {
    let lead = '{';
    for (const [name, field] of Object.entries(value)) {
      if (sink.room === 0) return;
      if (!hasText(field)) continue;
      sink.add(`${lead}${JSON.stringify(name)}:`);
      write(field, sink);
      lead = ',';
    }
    sink.add(lead === '{' ? '{}' : '}');
  } else {
    // Within a list what has no text is `null`.
    sink.add(hasText(value) ? JSON.stringify(value) : 'null');
  }
}

/** Whether JSON has a way to write a value. */
function hasText(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

/** Whether JSON writes a value as its fields; numbers that stay as they were written, and dates, say of themselves what they are. */
function isFields(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || isRawJSON(value)) return false;
  return typeof (value as { toJSON?: unknown }).toJSON !== 'function';
}

/** @param text well-formed, as all that `JSON.stringify` writes: the transcoder takes nothing else. */
function bytesOf(text: string): Buffer {
  if (fromWide === undefined || text.length < SHORT_CHARS || !WIDE.test(text)) return Buffer.from(text);
  return fromWide(Buffer.from(text, 'utf16le'), 'utf16le', 'utf8');
}
