import { secretForms } from './secret-forms.ts';

/** A part of a secret this long is as telling as the whole: some upstreams echo a key's first half. */
export const MIN_PART_CHARS = 12;
/** What may stand at the end of a piece of text and be the beginning of a part. Shorter ones are everyday words. */
const MIN_TAIL_CHARS = 4;
export const SECRET_MARK = '[secret]';
/** The beginning of an escape of JSON that spells an ordinary character. No encoder writes one; who wants to hide a secret does. */
export const ESCAPE_HEAD = '\\u00';
/** Characters spelt so, one behind the other, as many as the shortest secret has; in JSON within JSON with more backslashes. */
const SPELT = /(?:\\{1,4}u00[2-7][0-9a-f]){8,}/gi;
const ESCAPE = /\\{1,4}u00([2-7][0-9a-f])/gi;

/**
 * Finds secrets in text by value: whole, encoded, or any part of 12 characters and more. Built once for a few secrets and
 * asked often; most text is passed over after one look at each pair of characters.
 */
export class SecretMatcher {
  readonly #forms: string[];
  readonly #minChars: number;
  /** Every beginning of a part, by its first `#minChars` characters. */
  readonly #starts = new Set<string>();
  /** Every piece of the shortest length that a tail can have: a tail has to end with one. */
  readonly #ends = new Set<string>();
  /** Set for each pair of characters that a part can begin with; all others need no further look. */
  readonly #pairs = new Uint8Array(0x1_00_00);
  /** Set for each pair that stands anywhere in a form. */
  readonly #insidePairs = new Uint8Array(0x1_00_00);

  /** Secrets below 8 characters are left out: they cannot be told from ordinary words. */
  constructor(secrets: Iterable<string>) {
    const known = [...secrets].filter((secret) => secret.length >= 8);
    this.#forms = [...new Set(known.flatMap(secretForms))];
    this.#minChars = Math.min(MIN_PART_CHARS, ...this.#forms.map((each) => each.length));
    for (const text of this.#forms) {
      for (let at = 0; at + MIN_TAIL_CHARS <= text.length; at++) this.#ends.add(text.slice(at, at + MIN_TAIL_CHARS));
      for (let at = 0; at + 2 <= text.length; at++) this.#insidePairs[pairAt(text, at)] = 1;
      for (let at = 0; at + this.#minChars <= text.length; at++) {
        this.#starts.add(text.slice(at, at + this.#minChars));
        this.#pairs[pairAt(text, at)] = 1;
      }
    }
  }

  /** Every text that is looked for, and the fewest of its characters that count. */
  get sought(): { forms: readonly string[]; minChars: number } {
    return { forms: this.#forms, minChars: this.#minChars };
  }

  /** The length of the part that begins at `at`; 0 where none does. */
  partAt(text: string, at: number): number {
    if (this.#pairs[pairAt(text, at)] === 0) return 0;
    if (!this.#starts.has(text.slice(at, at + this.#minChars))) return 0;
    let longest = 0;
    for (const secret of this.#forms) {
      let length = Math.min(MIN_PART_CHARS, secret.length);
      if (length <= longest || !secret.includes(text.slice(at, at + length)) || at + length > text.length) continue;
      while (at + length < text.length && secret.includes(text.slice(at, at + length + 1))) length++;
      longest = Math.max(longest, length);
    }
    return longest;
  }

  /** Whether a text stands in a secret as it is. */
  has(text: string): boolean {
    return this.#forms.some((secret) => secret.includes(text));
  }

  /** How many characters at the end of `text` may be the beginning of a part; 0 where none may. */
  tailOf(text: string): number {
    if (!this.#ends.has(text.slice(-MIN_TAIL_CHARS))) return 0;
    for (let length = Math.min(MIN_PART_CHARS - 1, text.length); length >= MIN_TAIL_CHARS; length--) {
      const tail = text.slice(-length);
      if (this.#forms.some((secret) => secret.includes(tail))) return length;
    }
    return 0;
  }

  /**
   * `text` with every part replaced. A part is so long that every so many characters one pair of it is met: only where that
   * pair stands in a secret is looked closer, which passes over most text at a tenth of its characters.
   */
  scrub(text: string): string {
    return this.#scrub(text.includes(ESCAPE_HEAD) ? text.replace(SPELT, (run) => this.#scrubSpelt(run)) : text);
  }

  /** Nothing but escapes: those that spell a part of a secret are replaced, all others stay as they are. */
  #scrubSpelt(run: string): string {
    const escapes = [...run.matchAll(ESCAPE)];
    const text = escapes.map(([, code = '']) => String.fromCharCode(Number.parseInt(code, 16))).join('');
    let clean = '';
    for (let at = 0; at < escapes.length; ) {
      const length = this.partAt(text, at);
      clean += length === 0 ? (escapes[at]?.[0] ?? '') : SECRET_MARK;
      at += Math.max(1, length);
    }
    return clean;
  }

  #scrub(text: string): string {
    let clean = '';
    let from = 0;
    // A part that begins at or after `next` has a pair at one of these places, the last of them at its own last pair.
    const stride = this.#minChars - 1;
    let next = 0;
    for (let at = stride - 1; at + 1 < text.length; ) {
      if (this.#insidePairs[pairAt(text, at)] === 0) {
        next = at + 1;
        at += stride;
        continue;
      }
      let length = 0;
      for (; next <= at && length === 0; next++) length = this.partAt(text, next);
      if (length === 0) {
        at += stride;
        continue;
      }
      const start = next - 1;
      clean += text.slice(from, start) + SECRET_MARK;
      from = start + length;
      next = from;
      at = from + stride - 1;
    }
    return from === 0 ? text : clean + text.slice(from);
  }

  /** The same for everything in a value that is made of objects, lists and text; what holds nothing is returned as it is. */
  scrubDeep<T>(value: T): T {
    if (typeof value === 'string') return this.scrub(value) as T;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      const list: readonly unknown[] = value;
      const clean = list.map((each) => this.scrubDeep(each));
      return clean.every((each, index) => each === list[index]) ? value : (clean as T);
    }
    // Nearly always there is nothing to take out: then nothing is made.
    let isSame = true;
    for (const key of Object.keys(value)) {
      const field = (value as Record<string, unknown>)[key];
      isSame = this.scrub(key) === key && this.scrubDeep(field) === field;
      if (!isSame) break;
    }
    if (isSame) return value;
    const fields: [string, unknown][] = Object.entries(value);
    return Object.fromEntries(fields.map(([key, field]) => [this.scrub(key), this.scrubDeep(field)])) as T;
  }
}

function pairAt(text: string, at: number): number {
  return ((text.charCodeAt(at) & 0xff) << 8) | (text.charCodeAt(at + 1) & 0xff);
}
