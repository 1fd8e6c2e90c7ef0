/** Deeper nesting is nobody's message; it also bounds the recursion. */
const MAX_DEPTH = 64;
/** 2^53 has 16 digits, and there may be a sign: a longer integer is not exact in a double. */
const MAX_INTEGER_CHARS = 17;

/** What a reading function returns where the text is not, or not certainly, a literal. */
const DOUBT = Symbol('doubt');

const SIMPLE_ESCAPES: Record<string, string> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};

/** How many hexadecimal digits follow. */
const HEX_DIGITS: Record<string, number> = { x: 2, u: 4, U: 8 };

const NAMES = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
]);

/**
 * Reads text that is, as a whole, one literal as Python's `repr` writes it: str, bytes of ASCII, int, float, True, False,
 * None, list, tuple and dict with text keys. Tuples become arrays. Linear in the text's length.
 *
 * @returns null on any doubt: a name, a set, an escape that depends on a table (`\N{…}`), an integer that a double cannot
 * hold, anything left over. Nothing is repaired, and nothing throws (BUG-A20).
 */
export function parsePythonLiteral(text: string): { value: unknown } | null {
  const value = new LiteralReader(text.trim()).whole();
  return value === DOUBT ? null : { value };
}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): unknown {
    const value = this.#value(0);
    return this.#at === this.#text.length ? value : DOUBT;
  }

  #value(depth: number): unknown {
    if (depth > MAX_DEPTH) return DOUBT;
    const first = this.#text[this.#at];
    if (first === '[') return this.#list(depth);
    if (first === '(') return this.#tuple(depth);
    if (first === '{') return this.#dict(depth);
    const string = this.#match(/(?:[urb]|br|rb)?(?:'''|"""|'|")/iy);
    if (string !== null) return this.#strings(string, depth);
    const number = this.#match(/-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?/iy);
    if (number !== null) return this.#number(number);
    const name = this.#match(/[A-Za-z]+/y);
    return name !== null && NAMES.has(name) && !this.#isInsideWord() ? NAMES.get(name) : DOUBT;
  }

  /** The items up to `close`. The opening bracket is the next character. */
  #items(close: ']' | ')', depth: number): { items: unknown[]; endsWithComma: boolean } | typeof DOUBT {
    const items: unknown[] = [];
    this.#at++;
    for (;;) {
      this.#skipSpace();
      if (this.#take(close)) return { items, endsWithComma: items.length > 0 };
      const item = this.#value(depth + 1);
      if (item === DOUBT) return DOUBT;
      items.push(item);
      this.#skipSpace();
      if (this.#take(close)) return { items, endsWithComma: false };
      if (!this.#take(',')) return DOUBT;
    }
  }

  #list(depth: number): unknown {
    const list = this.#items(']', depth);
    return list === DOUBT ? DOUBT : list.items;
  }

  /** `()`, `(1,)` and `(1, 2)` are tuples; `(1)` is a 1 in brackets. */
  #tuple(depth: number): unknown {
    const tuple = this.#items(')', depth);
    if (tuple === DOUBT) return DOUBT;
    return tuple.items.length === 1 && !tuple.endsWithComma ? tuple.items[0] : tuple.items;
  }

  #dict(depth: number): unknown {
    const entries = new Map<string, unknown>();
    this.#at++;
    for (;;) {
      this.#skipSpace();
      if (this.#take('}')) return Object.fromEntries(entries);
      const key = this.#value(depth + 1);
      this.#skipSpace();
      // Other keys have no place in JSON, and `repr` writes no key twice.
      if (typeof key !== 'string' || entries.has(key) || !this.#take(':')) return DOUBT;
      this.#skipSpace();
      const value = this.#value(depth + 1);
      if (value === DOUBT) return DOUBT;
      entries.set(key, value);
      this.#skipSpace();
      if (this.#take('}')) return Object.fromEntries(entries);
      if (!this.#take(',')) return DOUBT;
    }
  }

  /** One string or several that stand side by side, which Python joins. */
  #strings(firstOpening: string, depth: number): unknown {
    const parts: string[] = [];
    let opening: string | null = firstOpening;
    const isBytes = /^\w*b/i.test(opening);
    while (opening !== null) {
      if (/^\w*b/i.test(opening) !== isBytes) return DOUBT;
      const part = this.#string(opening, isBytes);
      if (part === DOUBT) return DOUBT;
      parts.push(part);
      const end = this.#at;
      this.#skipSpace(depth === 0);
      opening = this.#match(/(?:[urb]|br|rb)?(?:'''|"""|'|")/iy);
      if (opening === null) this.#at = end;
    }
    return parts.join('');
  }

  /** The text of one string whose opening was just read, up to and with its closing quotes. */
  #string(opening: string, isBytes: boolean): string | typeof DOUBT {
    const quotes = opening.replace(/^\w+/, '');
    const isRaw = /^\w*r/i.test(opening);
    const quote = quotes.charCodeAt(0);
    const parts: string[] = [];
    let from = this.#at;
    while (this.#at < this.#text.length) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === quote && this.#text.startsWith(quotes, this.#at)) {
        parts.push(this.#text.slice(from, this.#at));
        this.#at += quotes.length;
        return parts.join('');
      }
      if (code === 0x5c && isRaw) {
        // It stays, and takes the end out of a quote behind it.
        const next = this.#text.charCodeAt(this.#at + 1);
        this.#at += next === quote || next === 0x5c ? 2 : 1;
      } else if (code === 0x5c) {
        parts.push(this.#text.slice(from, this.#at));
        const escaped = this.#escape(isBytes);
        if (escaped === DOUBT) return DOUBT;
        parts.push(escaped);
        from = this.#at;
      } else if ((quotes.length === 1 && (code === 0x0a || code === 0x0d)) || (isBytes && code > 0x7f)) {
        return DOUBT;
      } else {
        this.#at++;
      }
    }
    return DOUBT;
  }

  /** What the escape at the cursor stands for. */
  #escape(isBytes: boolean): string | typeof DOUBT {
    const kind = this.#text[this.#at + 1] ?? '';
    const simple = SIMPLE_ESCAPES[kind];
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const point = this.#codePoint(kind);
    if (point === null || point > 0x10ffff) return DOUBT;
    // In bytes `\u` is two characters, and a byte above ASCII is half of nobody knows what.
    if (isBytes && (kind === 'u' || kind === 'U' || point > 0x7f)) return DOUBT;
    return String.fromCodePoint(point);
  }

  #codePoint(kind: string): number | null {
    const octal = this.#match(/\\[0-7]{1,3}/y);
    if (octal !== null) return Number.parseInt(octal.slice(1), 8);
    const digits = HEX_DIGITS[kind];
    if (digits === undefined) return null;
    const hex = this.#text.slice(this.#at + 2, this.#at + 2 + digits);
    if (hex.length !== digits || !/^[\da-f]+$/i.test(hex)) return null;
    this.#at += 2 + digits;
    return Number.parseInt(hex, 16);
  }

  #number(text: string): number | typeof DOUBT {
    if (this.#isInsideWord()) return DOUBT;
    const isInteger = /^-?\d+$/.test(text);
    if (isInteger && (text.length > MAX_INTEGER_CHARS || /^-?0\d/.test(text))) return DOUBT;
    const value = Number(text);
    if (!Number.isFinite(value) || (isInteger && !Number.isSafeInteger(value))) return DOUBT;
    // Python knows no negative zero among the integers.
    return isInteger && value === 0 ? 0 : value;
  }

  /** True where a token goes on after the cursor: `1_000`, `1j`, `0x1f`, `Nonesense`. */
  #isInsideWord(): boolean {
    return /[\w.]/.test(this.#text[this.#at] ?? '');
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  /** A line break outside of brackets ends a statement: what follows is no part of the literal. */
  #skipSpace(onOneLine = false): void {
    this.#match(onOneLine ? /[ \t]*/y : /[ \t\r\n\f]*/y);
  }
}
