/**
 * What a text in Markdown says, without its marks: for lists and titles, where one line stands for a message. Words of code,
 * of links and of formulas stay as they are, so whatever can be looked for is still there.
 *
 * It reads line by line and knows no nesting: exact trees are `markdown-it`'s in the window, which takes two to five times as
 * long and comes late. A mark without its other half is text.
 */

/** Stands between what stood in cells and items of their own. */
const BETWEEN = ' · ';

const FENCE = /^ {0,3}(?:> ?)*(`{3,}|~{3,})/;
/** A rule, the line below a heading, or the one below a table's head. */
const ONLY_MARKS = /^[ \t>]*(?:[-*_=][ \t]*){3,}$|^(?=[^-]*-)(?=[^|]*\|)[ \t>|:-]+$/;
const QUOTE = /^[ \t]{0,3}(?:>[ \t]?)+/;
const HEADING = /^[ \t]{0,3}#{1,6}(?:[ \t]+|$)/;
const CLOSING_SIGNS = /[ \t]+#+[ \t]*$/;
const ITEM = /^[ \t]*[-*+][ \t]+(?:\[[ xX]\][ \t]+)?/;
/** A row of a table: one bar at its edge, or two within. */
const CELLS = /^[ \t]*\|.*\|[ \t]*$/;

const IMAGE = /!\[([^\]\n]{0,500})\](?:\(([^()\s]{0,2000})(?:[ \t]+"[^"\n]{0,500}")?\)|\[[^\]\n]{0,100}\])/g;
const LINK = /\[([^[\]\n]{1,500})\](?:\(<?([^()<>\s]{0,2000})>?(?:[ \t]+"[^"\n]{0,500}")?\)|\[[^\]\n]{0,100}\])/g;
const FOOTNOTE = /\[\^[^\]\s]{1,60}\]:?/g;
const AUTOLINK = /<((?:https?|mailto):[^<>\s]{1,2000})>/g;
const ESCAPED = /\\([!-/:-@[-`{-~])/g;
const STARS = /(\*{1,3}|~~)(?=[^\s*~])([^*~\n]{0,2000}?[^\s*~])\1/g;
const UNDERSCORES = /(?<![\p{L}\p{N}_])(_{1,3})(?=[^\s_])([^\n]{0,2000}?[^\s_])\1(?![\p{L}\p{N}_])/gu;
/** Signs that were escaped wait out of reach of what looks for marks. */
const KEPT_FROM = 0xe000;
/** Stands for a piece of code meanwhile. */
const CODE = '\ue080';

interface MarksWish {
  /** The addresses of links and pictures stand behind their words. */
  withAddresses?: boolean;
}

/** @returns one line: any white space is one space. Never longer than what it was given, but for the signs between cells. */
export function withoutMarks(markdown: string, { withAddresses = false }: MarksWish = {}): string {
  const parts: string[] = [];
  /** The fence that the lines are within. */
  let fence: string | null = null;
  let between = ' ';
  let wasItem = false;
  for (const line of markdown.split(/\r\n?|\n/)) {
    const mark = FENCE.exec(line)?.[1];
    if (fence !== null) {
      if (mark?.startsWith(fence) === true && line.trim().endsWith(mark)) {
        fence = null;
        between = BETWEEN;
      } else parts.push(' ', line);
      continue;
    }
    // What is written behind three backticks on the same line is code within a line.
    if (mark !== undefined && !line.slice(line.indexOf(mark) + mark.length).includes('`')) {
      fence = mark;
      if (between !== ' ') parts.push(between);
      between = ' ';
      continue;
    }
    if (line.trim() === '' && wasItem) between = BETWEEN;
    if (line.trim() === '' || ONLY_MARKS.test(line)) continue;
    const quoted = line.replace(QUOTE, '');
    const isItem = ITEM.test(quoted);
    const isRow = CELLS.test(quoted);
    const text = isItem ? quoted.replace(ITEM, '') : quoted.replace(HEADING, '');
    const words = inlineText(isRow ? cellsOf(text) : text === quoted ? text : text.replace(CLOSING_SIGNS, ''), {
      withAddresses,
    });
    if (words.trim() === '') continue;
    const isFirst = parts.length === 0 || /[:：]\s*$/u.test(parts.at(-1) ?? '');
    parts.push(isFirst ? ' ' : isItem || isRow ? BETWEEN : between, words);
    between = isRow || HEADING.test(quoted) ? BETWEEN : ' ';
    wasItem = isItem || (wasItem && /^[ \t]/.test(line));
  }
  return parts.join('').replace(/\s+/g, ' ').trim();
}

function cellsOf(row: string): string {
  return row
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '')
    .join(BETWEEN);
}

/** A line's text without the marks within it. Code stays as it stands. */
function inlineText(line: string, wish: Required<MarksWish>): string {
  if (!/[`*_~[\]<\\]/.test(line)) return line;
  // Code waits out of reach of what looks for marks: those around it are marks, those within it are not.
  const codes: string[] = [];
  const prose = line
    .replaceAll(CODE, '')
    .replace(/(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g, (_all, _ticks, code: string) => {
      codes.push(code);
      return CODE;
    });
  return proseText(prose, wish).replaceAll(CODE, () => codes.shift() ?? '');
}

function proseText(prose: string, { withAddresses }: Required<MarksWish>): string {
  const linked = (_all: string, words: string, address: string | undefined) =>
    withAddresses && address !== undefined && address !== '' ? `${words} ${address}` : words;
  let text = prose
    .replace(ESCAPED, (_all, sign: string) => String.fromCharCode(KEPT_FROM + sign.charCodeAt(0)))
    .replace(IMAGE, linked)
    .replace(LINK, linked)
    .replace(FOOTNOTE, '')
    .replace(AUTOLINK, '$1');
  // Bold around italic: the inner pair first, then the outer one.
  for (let depth = 0; depth < 3; depth++) {
    const next = text.replace(STARS, '$2').replace(UNDERSCORES, '$2');
    if (next === text) break;
    text = next;
  }
  return text.replace(/[\ue021-\ue07e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - KEPT_FROM));
}
