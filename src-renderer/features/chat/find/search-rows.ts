import type { Message } from '#contract/message';
import type { Turn } from '../group-turns.ts';
import { partsOf } from '../message-input.ts';
import { findMatches, findPattern, mayHold } from './find-matches.ts';
import type { FindMatch } from './find-store.ts';

/** Work between two looks at the clock, and how long the page may wait for it. */
const SLICE_MS = 8;

const words = new WeakMap<Message, string>();

/** The words of a message as they stand on the page. Read once, for as long as the message lives. */
async function wordsOf(row: Message): Promise<string> {
  const known = words.get(row);
  if (known !== undefined) return known;
  const { plainText } = await import('../markdown/plain-text.ts');
  const text = plainText(row.content);
  words.set(row, text);
  return text;
}

/**
 * Where the words stand in turns, in order. What was said is looked through; thinking and what tools gave back are not.
 * Gives way to the page every few milliseconds.
 *
 * @returns null where `isWanted` turned false meanwhile.
 */
export async function searchTurns(
  turns: readonly Turn[],
  query: string,
  isWanted: () => boolean,
): Promise<FindMatch[] | null> {
  const pattern = findPattern(query);
  const found: FindMatch[] = [];
  if (pattern === null) return found;
  let sliceEndMs = performance.now() + SLICE_MS;
  for (const turn of turns) {
    for (const row of turn.user === null ? turn.rows : [turn.user, ...turn.rows]) {
      if (row.role === 'tool' || row.content === '' || !mayHold(row.content, query)) continue;
      const text = row.role === 'user' ? partsOf(row).text : await wordsOf(row);
      const count = findMatches(text, pattern).length;
      for (let nth = 0; nth < count; nth++) found.push({ turnKey: turn.key, messageId: row.id, nth });
      if (performance.now() < sliceEndMs) continue;
      await new Promise((resolve) => setTimeout(resolve));
      if (!isWanted()) return null;
      sliceEndMs = performance.now() + SLICE_MS;
    }
  }
  return isWanted() ? found : null;
}
