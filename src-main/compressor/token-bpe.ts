import { Buffer } from 'node:buffer';

/** A vocabulary: each token's text, or its bytes where these are no text, at the place that is its rank. */
export type TokenTable = readonly (string | readonly number[])[];

const NO_RANK = 2 ** 31 - 1;

/** V8 copies a part of a string up to this length; a longer one keeps the whole text that it was cut from in memory. */
const CACHED_WORD_UNITS = 12;

/** Some 5 MB at most. */
const CACHED_WORDS = 50_000;

/**
 * Counts tokens by byte pair encoding. It only counts, so it keeps numbers where a tokenizer keeps lists, and it works on
 * bytes held as a string of one-byte characters, whose parts are looked up without decoding: several times as fast
 * for what is not English as the package that the tables come from, at a fraction of the memory.
 *
 * Time grows with the square of the longest word; `token-pieces.ts` bounds that.
 */
export class BytePairCounter {
  readonly #split: RegExp;
  readonly #ranks = new Map<string, number>();
  /** Ranks of the tokens of two bytes, by both of them: every merge begins with these. */
  readonly #pairRanks = new Int32Array(65_536).fill(NO_RANK);
  #longestBytes = 0;
  readonly #countOfWord = new Map<string, number>();
  #starts = new Int32Array(1024);
  #mergeRanks = new Int32Array(1024);

  /** @param split a global expression that finds the words which no token reaches across. */
  constructor(table: TokenTable, split: RegExp) {
    this.#split = split;
    table.forEach((token, rank) => {
      const bytes = typeof token === 'string' ? bytesOf(token) : Buffer.from(token).toString('latin1');
      this.#ranks.set(bytes, rank);
      this.#longestBytes = Math.max(this.#longestBytes, bytes.length);
      if (bytes.length === 2) this.#pairRanks[(bytes.charCodeAt(0) << 8) | bytes.charCodeAt(1)] = rank;
    });
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
    const bytes = bytesOf(word);
    const tokens = this.#ranks.has(bytes) ? 1 : this.#merge(bytes);
    if (isShort) {
      if (this.#countOfWord.size >= CACHED_WORDS) this.#countOfWord.clear();
      this.#countOfWord.set(word, tokens);
    }
    return tokens;
  }

  /** Joins the two neighbours of the lowest rank until no two are a token; what is left are the tokens. */
  #merge(bytes: string): number {
    let parts = bytes.length;
    if (parts + 1 > this.#starts.length) {
      this.#starts = new Int32Array(2 * parts);
      this.#mergeRanks = new Int32Array(2 * parts);
    }
    // Part i is the bytes from starts[i] to starts[i + 1]; ranks[i] is that of the token it would make with the next part.
    const starts = this.#starts;
    const ranks = this.#mergeRanks;
    for (let at = 0; at <= parts; at++) starts[at] = at;
    for (let at = 0; at + 1 < parts; at++) {
      ranks[at] = this.#pairRanks[(bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1)] ?? NO_RANK;
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
      if (at < parts - 1) ranks[at] = this.#rankOf(bytes, at);
      if (at > 0) ranks[at - 1] = this.#rankOf(bytes, at - 1);
    }
    return parts;
  }

  #rankOf(bytes: string, part: number): number {
    const from = this.#starts[part] ?? 0;
    const to = this.#starts[part + 2] ?? 0;
    return to - from > this.#longestBytes ? NO_RANK : (this.#ranks.get(bytes.slice(from, to)) ?? NO_RANK);
  }
}

/** UTF-8, one character a byte. Lone halves of pairs become U+FFFD, as they do wherever text is sent. */
function bytesOf(text: string): string {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 127) return Buffer.from(text, 'utf8').toString('latin1');
  }
  return text;
}
