import { withoutMarks } from '#contract/without-marks';
import { wordPatterns } from '#contract/word-patterns';

/**
 * Full-text search for languages with and without spaces. FTS5's tokenizer finds words between separators; Han, Kana and
 * Hangul have none, so their runs are indexed as overlapping pairs, and a query of two characters is one exact token.
 */

const CJK = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+/gu;

function pairs(run: string): string[] {
  const characters = Array.from(run);
  if (characters.length < 2) return characters;
  return characters.slice(0, -1).map((character, index) => character + (characters[index + 1] ?? ''));
}

/** Pairs and single characters of a run, in one pass: a pasted book is a run of a million characters. */
function indexRun(run: string): string {
  let terms = ' ';
  let before = '';
  for (const character of run) {
    terms += before === '' ? `${character} ` : `${before}${character} ${character} `;
    before = character;
  }
  return terms;
}

/** The text that goes into the index. Single CJK characters are indexed too, so that a query of one finds them. */
export function indexText(text: string): string {
  return text.replace(CJK, indexRun);
}

function isCjk(word: string): boolean {
  return word.search(CJK) >= 0;
}

/**
 * An FTS5 query that means "all of these words, the last one possibly unfinished". Characters without spaces between them
 * are whole terms already: as a prefix, a frequent one would be looked up in every pair that it begins. Every term is quoted, so that `"`, `*`,
 * `-` and operators in what a person typed are text. Null when nothing is left to look for.
 */
export function searchQuery(typed: string): string | null {
  const words = typed
    .replace(CJK, (run) => ` ${pairs(run).join(' ')} `)
    .split(/[^\p{L}\p{N}\p{M}_]+/u)
    .filter((word) => word !== '');
  if (words.length === 0) return null;
  return words.map((word, index) => `"${word}"${index === words.length - 1 && !isCjk(word) ? '*' : ''}`).join(' ');
}

const BEFORE_CHARS = 40;
const AFTER_CHARS = 120;
/** A line may begin and end this much earlier or later than it could, so that it does so with a word. */
const NEAR_CHARS = 16;
/** A text of this length is read in a moment. */
const LONG_CHARS = 2500;
const PART_CHARS = 500;
const FENCES = /^ {0,3}(?:> ?)*(`{3,}|~{3,})/gm;

/**
 * A line around the first match, for a list of hits. What was said is read as the page shows it, without marks of Markdown;
 * where the words stand in an address only, the address is there too. What a tool returned stays as it is.
 */
export function snippetAround(content: string, typed: string, role: string): string {
  const patterns = wordPatterns(typed);
  const part = content.length > LONG_CHARS ? partAround(content, patterns) : content;
  let line = '';
  let places: number[] = [];
  for (const read of role === 'tool' ? [oneLine] : [withoutMarks, withAddresses, oneLine]) {
    const next = read(part);
    const found = patterns.map((pattern) => pattern.exec(next)?.index ?? -1).filter((place) => place >= 0);
    if (line === '' || found.length > places.length) [line, places] = [next, found];
    if (places.length === patterns.length) break;
  }
  const at = Math.min(...places, ...(places.length === 0 ? [0] : []));
  const start = at <= BEFORE_CHARS ? 0 : wordStart(line, at - BEFORE_CHARS);
  const end = at + AFTER_CHARS >= line.length ? line.length : wordEnd(line, at + AFTER_CHARS);
  return `${start > 0 ? '…' : ''}${line.slice(start, end)}${end < line.length ? '…' : ''}`;
}

/** The lines around the first match of a text that is too long to be read whole for one of many hits. */
function partAround(content: string, patterns: readonly RegExp[]): string {
  const places = patterns.map((pattern) => pattern.exec(content)?.index ?? -1).filter((place) => place >= 0);
  const from = Math.max(0, Math.min(...places, ...(places.length === 0 ? [0] : [])) - PART_CHARS);
  const start = content.lastIndexOf('\n', from) + 1;
  // A line as long as a book begins within.
  const begin = from - start > PART_CHARS ? wholeCharacter(content, from) : start;
  let fence = '';
  for (const [, mark = ''] of content.slice(0, begin).matchAll(FENCES))
    if (fence === '') fence = mark;
    else if (mark.startsWith(fence)) fence = '';
  const part = content.slice(begin, wholeCharacter(content, Math.min(content.length, begin + 4 * PART_CHARS)));
  return fence === '' ? part : `${fence}\n${part}`;
}

const oneLine = (content: string) => content.replace(/\s+/g, ' ').trim();
const withAddresses = (content: string) => withoutMarks(content, { withAddresses: true });

/** The next word's start, where one is near: there are languages without spaces. */
function wordStart(line: string, at: number): number {
  const space = line.slice(at - 1, at + NEAR_CHARS).indexOf(' ');
  return space < 0 ? wholeCharacter(line, at) : at + space;
}

function wordEnd(line: string, at: number): number {
  const space = line.slice(at - NEAR_CHARS, at + 1).lastIndexOf(' ');
  return space < 0 ? wholeCharacter(line, at) : at - NEAR_CHARS + space;
}

/** A place that parts no character that takes two units. */
function wholeCharacter(line: string, at: number): number {
  const before = line.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff ? at - 1 : at;
}
