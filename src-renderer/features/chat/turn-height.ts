import type { Message } from '#contract/message';
import { holdsMessage, type Turn } from './group-turns.ts';

// How high a turn is while it is not drawn: as it was when it was, else a guess from its text. A guess that is wrong only
// moves the scrollbar; what the reader looks at is drawn and held in place.

/** Characters of a line at the reading measure, and the height of a line, in px. */
const LINE_CHARS = 84;
const LINE_PX = 25;
/** The slab of the person's words, and the footer and paddings of an answer. */
const SAID_PX = 24;
const ANSWER_PX = 56;
const ROW_PX = 28;
/** Beyond it a height is forgotten again; a turn's key is some 40 characters. */
const MOST_KNOWN = 20_000;

const known = new Map<string, number>();

/** @param px as measured on the page. */
export function rememberTurnPx(key: string, px: number): void {
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, px);
}

export function turnPx(turn: Turn): number {
  return known.get(turn.key) ?? estimateTurnPx(turn);
}

/** Lines that a text takes, line ends counted. */
export function textLines(text: string): number {
  let lines = 0;
  for (let from = 0; from <= text.length; ) {
    const found = text.indexOf('\n', from);
    const end = found < 0 ? text.length : found;
    lines += Math.max(1, Math.ceil((end - from) / LINE_CHARS));
    if (found < 0) break;
    from = end + 1;
  }
  return lines;
}

export function estimateTurnPx(turn: Turn): number {
  const said = turn.user === null ? 0 : SAID_PX + textLines(turn.user.content) * LINE_PX;
  const rows = turn.rows.reduce((sum, row) => sum + rowPx(row), 0);
  return said + rows + ANSWER_PX;
}

function rowPx(row: Message): number {
  if (row.role === 'tool') return ROW_PX;
  const thought = row.reasoning === null || row.reasoning === '' ? 0 : ROW_PX;
  return thought + (row.content === '' ? 0 : textLines(row.content) * LINE_PX);
}

/**
 * Which turns the first paint draws, from one index up to another: those that fill so much from the message that a reader
 * comes back to, else those at the end.
 */
export function firstDrawn(turns: readonly Turn[], openAt: string | null, px: number): [first: number, last: number] {
  const at = openAt === null ? -1 : turns.findIndex((turn) => holdsMessage(turn, openAt));
  if (at < 0) return [firstOfEnd(turns, px), turns.length];
  let last = at;
  for (let sum = 0; last < turns.length && sum < px; last++) {
    const turn = turns[last];
    if (turn !== undefined) sum += turnPx(turn);
  }
  return [at, last];
}

/** Where the turns begin that together are as high as this: those that stand at the end of a conversation. */
export function firstOfEnd(turns: readonly Turn[], px: number): number {
  let index = turns.length;
  for (let sum = 0; index > 0 && sum < px; index--) {
    const turn = turns[index - 1];
    if (turn !== undefined) sum += turnPx(turn);
  }
  return index;
}
