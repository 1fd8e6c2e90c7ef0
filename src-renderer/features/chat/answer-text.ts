import type { Message } from '#contract/message';

/** The text of an answer without its thinking and its tools: what Copy takes. */
export function answerText(rows: Message[]): string {
  return rows
    .filter((row) => row.role === 'assistant' && row.content !== '')
    .map((row) => row.content)
    .join('\n\n');
}
