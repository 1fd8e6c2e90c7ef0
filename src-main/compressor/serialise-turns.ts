import type { Message } from '#contract/message';
import { readCalls } from './read-calls.ts';
import { shortenMiddle } from './shorten-text.ts';

interface TextSize {
  limit: number;
  head: number;
  tail: number;
}

/** How much of each part a summariser reads, in characters. */
export interface SerialSize {
  tool: TextSize;
  args: TextSize;
  text: TextSize;
}

const sized = (limit: number, head: number, tail: number): TextSize => ({ limit, head, tail });
const WHOLE = sized(Number.POSITIVE_INFINITY, 0, 0);

/** From what is wanted (A.12) down to what a summariser with a small window can still read. */
export const SERIAL_SIZES: readonly SerialSize[] = [
  { tool: sized(5500, 4000, 1500), args: sized(1500, 1400, 60), text: WHOLE },
  { tool: sized(1500, 1000, 400), args: sized(500, 400, 60), text: sized(4000, 3000, 900) },
  { tool: sized(300, 200, 60), args: sized(150, 90, 20), text: sized(800, 600, 150) },
];

/** One row as the summariser reads it; empty where there is nothing to read. */
export function serialiseRow(row: Message, size: SerialSize): string {
  const content = row.content.toWellFormed();
  switch (row.role) {
    case 'user':
    case 'assistant': {
      const text = content.trim() === '' ? [] : [`${row.role}: ${shortenMiddle(content, size.text)}`];
      const calls = readCalls(row).map(
        (call) => `[tool_call: ${call.function.name}(${shortenMiddle(call.function.arguments, size.args)})]`,
      );
      return [...text, ...calls].join('\n');
    }
    case 'tool':
      return `[tool:${row.tool_name ?? 'unknown'}] ${shortenMiddle(content, size.tool)}`;
    case 'system':
      // For the person only; no model has seen it.
      return '';
  }
}
