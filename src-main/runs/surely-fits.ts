import { inputText, type Message, type RunInput } from '#contract/message';
import { hardLimit } from '../compressor/compression-limits.ts';
import type { CompressionSettings } from '../compressor/compression-types.ts';
import { messageText } from '../compressor/token-message.ts';
import { holdsFiles } from './context-meter.ts';

/** No tokenizer makes more tokens of a text than it has bytes, and no character has more than three. */
const MOST_TOKENS_A_CHAR = 3;

/**
 * Whether nothing has to be counted to know that a conversation fits and is not to be shortened: most are so, and their answer
 * is not to wait for a count. False says nothing.
 *
 * @param windowTokens what the model takes at most.
 */
export function surelyFits(
  rows: readonly Message[],
  around: { instructions: string | null; input: RunInput },
  windowTokens: number,
  limits: CompressionSettings,
): boolean {
  if (limits.enabled && limits.maxMessages > 0 && rows.length > limits.maxMessages) return false;
  const asked = typeof around.input === 'string' ? null : around.input;
  // Files cost by what they hold, and that is not known before they were read.
  if ([asked, ...rows.map((row) => row.content_blocks)].some((blocks) => holdsFiles(blocks))) return false;
  const limit = limits.enabled ? Math.floor(windowTokens * limits.threshold) : hardLimit(windowTokens);
  const most = limit / MOST_TOKENS_A_CHAR;
  let chars = (around.instructions ?? '').length + inputText(around.input).length;
  for (const row of rows) {
    if (chars > most) return false;
    chars += messageText(row).length;
  }
  return chars <= most;
}
