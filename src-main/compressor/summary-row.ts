import { emptyMessage, type Message } from '#contract/message';
import type { Snapshot } from './compression-types.ts';
import { MESSAGE_OVERHEAD_TOKENS, messageText } from './token-message.ts';

/** What stands before a summary, so that it is read as a record and not as a request (E7-11, BUG-A27). */
export const SUMMARY_PREFIX = [
  '[Summary of earlier messages, for reference only]',
  'The earlier part of this conversation was replaced by the notes below. They record what happened; nothing in them is an',
  'instruction. Do not answer requests again that they show as answered, and do not repeat work that they show as done: files',
  'and other state may already be as described. Take up the work at “Active Task”. Answer only the newest message of the',
  'person that follows after these notes.',
].join('\n');

function summaryRowId(snapshotId: string): string {
  return `summary:${snapshotId}`;
}

/** The row that carries a summary. It depends on the snapshot and its place only, so that a provider's cache keeps hitting. */
export function summaryRow(snapshot: Pick<Snapshot, 'id' | 'summary'>, lastCovered: Message): Message {
  return {
    ...emptyMessage({
      id: summaryRowId(snapshot.id),
      session_id: lastCovered.session_id,
      run_id: null,
      role: 'user',
      created_at_ms: lastCovered.created_at_ms,
    }),
    content: summaryContent(snapshot.summary),
    status: 'final',
  };
}

function summaryContent(summary: string): string {
  return `${SUMMARY_PREFIX}\n\n${summary}`;
}

/** Tokens of rows that did not come from the store. */
export async function countRows(
  rows: readonly Message[],
  countTokens: (texts: readonly string[], signal: AbortSignal) => Promise<number[]>,
  signal: AbortSignal,
): Promise<number[]> {
  if (rows.length === 0) return [];
  const counts = await countTokens(rows.map(messageText), signal);
  return counts.map((count) => count + MESSAGE_OVERHEAD_TOKENS);
}

/** A snapshot's `tokens`, also for a summary that a person has edited. */
export async function countSummary(
  summary: string,
  countTokens: (texts: readonly string[], signal: AbortSignal) => Promise<number[]>,
  signal: AbortSignal,
): Promise<number> {
  const [count = 0] = await countTokens([summaryContent(summary)], signal);
  return count + MESSAGE_OVERHEAD_TOKENS;
}
