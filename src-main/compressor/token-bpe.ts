/** A vocabulary: each token's text, or its bytes where these are no text, at the place that is its rank. */
export type TokenTable = readonly (string | readonly number[])[];

const NO_RANK = 2 ** 31 - 1;

/** V8 copies a part of a string up to this length; a longer one keeps the whole text that it was cut from in memory. */
const CACHED_WORD_UNITS = 12;

/** Some 5 MB at most. */
const CACHED_WORDS = 50_000;

/** A UTF-16 unit is at most this long in UTF-8. */
const BYTES_OF_UNIT = 3;

/**
 * Counts tokens by byte pair encoding. It only counts, so it keeps numbers where a tokenizer keeps lists, and it works on
 * bytes in flat arrays: several times as fast for what is not English as the package that the tables come from, at a
 * fraction of the memory.
 *
 * Time grows with the square of the longest word; `token-pieces.ts` bounds that.
 */
export class BytePairCounter {
  readonly #split: RegExp;
  readonly #tokens: TokenRanks;
  /** Ranks of the tokens of two bytes, by both of them: every merge begins with these. */
  readonly #pairRanks = new Int32Array(65_536).fill(NO_RANK);
  readonly #countOfWord = new Map<string, number>();
  #bytes = new Uint8Array(1024 * BYTES_OF_UNIT);
  #starts = new Int32Array(1024 * BYTES_OF_UNIT + 1);
  #mergeRanks = new Int32Array(1024 * BYTES_OF_UNIT + 1);

  /** @param split a global expression that finds the words which no token reaches across. */
  constructor(table: TokenTable, split: RegExp) {
    this.#split = split;
    this.#tokens = new TokenRanks(table);
    const pair = new Uint8Array(2);
    for (let both = 0; both < this.#pairRanks.length; both++) {
      pair[0] = both >> 8;
      pair[1] = both & 255;
      this.#pairRanks[both] = this.#tokens.rankOf(pair, 0, 2);
    }
  }

  /** What looks like a control token is text that somebody wrote, and counts as that. */
  count(text: string): number {
    let tokens = 0;
    for (const word of text.match(this.#split) ?? []) tokens += this.#countWord(word);
    return tokens;
  }

  #countWord(word: string): number {
    const isShort = word.length <= CACHED_WORD_UNITS;
    const known = isShort ? this.#countOfWord.get(word) : undefined;
    if (known !== undefined) return known;
    const longest = word.length * BYTES_OF_UNIT;
    if (longest > this.#bytes.length) {
      this.#bytes = new Uint8Array(2 * longest);
      this.#starts = new Int32Array(2 * longest + 1);
      this.#mergeRanks = new Int32Array(2 * longest + 1);
    }
    const length = writeUtf8(word, this.#bytes, 0);
    const tokens = this.#tokens.rankOf(this.#bytes, 0, length) === NO_RANK ? this.#merge(length) : 1;
    if (isShort) {
      if (this.#countOfWord.size >= CACHED_WORDS) this.#countOfWord.clear();
      this.#countOfWord.set(word, tokens);
    }
    return tokens;
  }

  /** Joins the two neighbours of the lowest rank until no two are a token; what is left are the tokens. */
  #merge(length: number): number {
    let parts = length;
    // Part i is the bytes from starts[i] to starts[i + 1]; ranks[i] is that of the token it would make with the next part.
    const bytes = this.#bytes;
    const starts = this.#starts;
    const ranks = this.#mergeRanks;
    for (let at = 0; at <= parts; at++) starts[at] = at;
    for (let at = 0; at + 1 < parts; at++) {
      ranks[at] = this.#pairRanks[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] ?? NO_RANK;
    }
    while (parts > 1) {
      let lowest = NO_RANK;
      let at = -1;
      for (let pair = 0; pair < parts - 1; pair++) {
        const rank = ranks[pair] ?? NO_RANK;
        if (rank < lowest) {
          lowest = rank;
          at = pair;
        }
      }
      if (at < 0) break;
      starts.copyWithin(at + 1, at + 2, parts + 1);
      ranks.copyWithin(at + 1, at + 2, parts - 1);
      parts--;
      if (at < parts - 1) ranks[at] = this.#rankWithNext(at);
      if (at > 0) ranks[at - 1] = this.#rankWithNext(at - 1);
    }
    return parts;
  }

  #rankWithNext(part: number): number {
    return this.#tokens.rankOf(this.#bytes, this.#starts[part] ?? 0, this.#starts[part + 2] ?? 0);
  }
}

/**
 * Which rank some bytes have. All tokens lie in one array, found over a table of hashes: made from a vocabulary of two hundred
 * thousand in a quarter of the time that a `Map` of strings takes.
 */
class TokenRanks {
  readonly #bytes: Uint8Array;
  /** Where each token begins; one more for the end of the last. */
  readonly #starts: Int32Array;
  /** By hash: a rank and one, so that 0 is an empty place. A token whose place is taken has the next that is free. */
  readonly #places: Int32Array;
  readonly #mask: number;
  #longestBytes = 0;

  constructor(table: TokenTable) {
    let most = 0;
    for (const token of table) most += token.length * BYTES_OF_UNIT;
    const bytes = new Uint8Array(most);
    this.#starts = new Int32Array(table.length + 1);
    this.#places = new Int32Array(2 ** Math.ceil(Math.log2(2 * table.length + 2)));
    this.#mask = this.#places.length - 1;
    let end = 0;
    for (let rank = 0; rank < table.length; rank++) {
      const token = table[rank] ?? '';
      const start = end;
      if (typeof token === 'string') end = writeUtf8(token, bytes, start);
      else for (const byte of token) bytes[end++] = byte;
      this.#starts[rank + 1] = end;
      this.#longestBytes = Math.max(this.#longestBytes, end - start);
      let place = hashOf(bytes, start, end) & this.#mask;
      while (this.#places[place] !== 0) place = (place + 1) & this.#mask;
      this.#places[place] = rank + 1;
    }
    this.#bytes = bytes.slice(0, end);
  }

  /** @returns `NO_RANK` where the bytes from `from` to `to` are no token. */
  rankOf(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (length > this.#longestBytes) return NO_RANK;
    for (let place = hashOf(bytes, from, to) & this.#mask; ; place = (place + 1) & this.#mask) {
      const rank = (this.#places[place] ?? 0) - 1;
      if (rank < 0) return NO_RANK;
      const start = this.#starts[rank] ?? 0;
      if ((this.#starts[rank + 1] ?? 0) - start !== length) continue;
      let same = 0;
      while (same < length && this.#bytes[start + same] === bytes[from + same]) same++;
      if (same === length) return rank;
    }
  }
}

/** FNV-1a, with its upper half mixed into the lower, which alone chooses the place. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

/** Writes UTF-8. Lone halves of pairs become U+FFFD, as they do wherever text is sent. @returns where it ends. */
function writeUtf8(text: string, into: Uint8Array, start: number): number {
  let end = start;
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at);
    if (code < 0x80) {
      into[end++] = code;
      continue;
    }
    if (code < 0x800) {
      into[end++] = 0xc0 | (code >> 6);
      into[end++] = 0x80 | (code & 63);
      continue;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const next = code <= 0xdbff ? text.charCodeAt(at + 1) : Number.NaN;
      if (next >= 0xdc00 && next <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
        at++;
        into[end++] = 0xf0 | (code >> 18);
        into[end++] = 0x80 | ((code >> 12) & 63);
        into[end++] = 0x80 | ((code >> 6) & 63);
        into[end++] = 0x80 | (code & 63);
        continue;
      }
      code = 0xfffd;
    }
    into[end++] = 0xe0 | (code >> 12);
    into[end++] = 0x80 | ((code >> 6) & 63);
    into[end++] = 0x80 | (code & 63);
  }
  return end;
}
