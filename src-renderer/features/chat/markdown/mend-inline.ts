// What a paragraph shows while its end is still to come: half a mark is completed or held back, so that nothing flashes
// as raw marks for a moment. Only ever for the last paragraph of an answer that is being written; what is over is read
// exactly as it stands.

/** A bracket that is open for longer is one that somebody wrote. */
const MOST_OPEN_LINK = 300;

interface Opener {
  char: string;
  count: number;
}

const isSpace = (char: string | undefined) => char === undefined || /\s/.test(char);
const isWord = (char: string | undefined) => char !== undefined && /[\p{L}\p{N}]/u.test(char);

/** The end of a link's `(destination "title")`, from its bracket; -1 while it is open. */
function destinationEnd(text: string, from: number): number {
  let depth = 0;
  let quote = '';
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '\\') at++;
    else if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '(') depth++;
    else if (char === ')') {
      depth--;
      if (depth === 0) return at + 1;
    } else if ((char === '"' || char === "'") && isSpace(text[at - 1])) quote = char;
  }
  return -1;
}

function runLength(text: string, at: number): number {
  let end = at;
  while (text[end] === text[at]) end++;
  return end - at;
}

/** Closes what is open at the end of a paragraph that is still being written. */
export function mendInline(source: string): string {
  let text = source.replace(/\\$/, '');
  const brackets: number[] = [];
  const spans: Opener[] = [];
  // A run of marks at the very end may still grow: it opens or closes once something follows.
  const trailing = /(?<!\\)([*_]+|~+)$/.exec(text);
  const cut = trailing === null ? null : trailing[0];
  if (cut !== null) text = text.slice(0, -cut.length);
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '\\') at += 2;
    else if (char === '`') {
      const length = runLength(text, at);
      const close = closingRun(text, at + length, length);
      if (close < 0) return openCode(text, at, length, spans, brackets);
      at = close;
    } else if (char === '[') {
      brackets.push(at);
      at++;
    } else if (char === ']') {
      const from = brackets.pop();
      const next = text[at + 1];
      if (from !== undefined && (next === undefined || next === '(')) {
        const end = next === '(' ? destinationEnd(text, at + 1) : -1;
        if (end < 0) {
          const isLast = next === undefined;
          if (isLast && /^\[[\^ xX]/.test(text.slice(from, from + 2)) && at - from < 4) {
            // A box of a task or a note: complete as it is.
            at++;
            continue;
          }
          return dropLink(text, from, at, spans);
        }
        at = end;
      } else at++;
    } else if (char === '<' && /^<[a-z][a-z0-9+.-]{1,31}:[^\s<>]*$/i.test(text.slice(at))) {
      text = text.slice(0, at) + text.slice(at + 1);
    } else if (char === '*' || char === '_' || (char === '~' && text[at + 1] === '~')) {
      const length = runLength(text, at);
      follow(spans, char, length, text[at - 1], text[at + length]);
      at += length;
    } else at++;
  }
  const from = brackets.at(-1);
  if (from !== undefined && text.length - from < MOST_OPEN_LINK && !text.slice(from).includes('\n')) {
    return dropLink(text, from, text.length, spans);
  }
  return close(text, spans);
}

/** Notes what a run of marks opens and closes, as CommonMark’s flanking rules have it. */
function follow(spans: Opener[], char: string, length: number, before: string | undefined, after: string | undefined) {
  let left = length;
  const canClose = !isSpace(before) && !(char === '_' && isWord(after));
  const canOpen = !isSpace(after) && !(char === '_' && isWord(before));
  while (canClose && left > 0) {
    const index = spans.findLastIndex((span) => span.char === char);
    const opener = spans[index];
    if (opener === undefined) break;
    spans.length = index + 1;
    const taken = Math.min(left, opener.count);
    left -= taken;
    opener.count -= taken;
    if (opener.count === 0) spans.pop();
  }
  if (canOpen && left > 0) spans.push({ char, count: left });
}

function closingRun(text: string, from: number, length: number): number {
  for (let at = text.indexOf('`', from); at >= 0; ) {
    const run = runLength(text, at);
    if (run === length) return at + run;
    at = text.indexOf('`', at + run);
  }
  return -1;
}

/** Code that is open is shown as code; its mark alone is not shown at all. */
function openCode(text: string, at: number, length: number, spans: readonly Opener[], brackets: number[]): string {
  const inside = text.slice(at + length).replace(/`+$/, '');
  const done = inside.trim() === '' ? text.slice(0, at) : `${text.slice(0, at + length)}${inside}${'`'.repeat(length)}`;
  const from = brackets.at(-1);
  return from === undefined ? close(done, spans) : dropLink(done, from, done.length, spans);
}

/** Half a link shows its words; half an image or note shows nothing. */
function dropLink(text: string, from: number, to: number, spans: readonly Opener[]): string {
  const isImage = text[from - 1] === '!';
  const before = text.slice(0, isImage ? from - 1 : from);
  const isNote = text[from + 1] === '^';
  return close(isImage || isNote ? before : before + text.slice(from + 1, to), spans);
}

function close(text: string, spans: readonly Opener[]): string {
  if (spans.length === 0) return text;
  const closers = spans.toReversed().map((span) => span.char.repeat(span.count));
  const shown = text.trimEnd();
  // Nothing follows the last opener yet: it has nothing to mark.
  return /[*_~]$/.test(shown) && !shown.endsWith('\\*') ? shown.replace(/[*_~]+$/, '') : shown + closers.join('');
}
