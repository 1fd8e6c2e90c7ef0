import type { Message } from '#contract/message';
import type { CompressionPorts, SummaryRequest } from './compression-types.ts';
import { SERIAL_SIZES, serialiseRow } from './serialise-turns.ts';
import { shortenMiddle } from './shorten-text.ts';
import { SUMMARISER_SYSTEM, summaryPrompt } from './summary-prompt.ts';

/** Joints between counted pieces, and what the provider's format adds. */
const MARGIN_TOKENS = 64;
const LEFT_OUT = (turns: number) => `[… ${turns} older messages left out: they did not fit …]`;

export interface SummarySource {
  /** Rows to summarise, oldest first. */
  rows: readonly Message[];
  previous: string | null;
  summaryTokens: number;
  windowTokens: number;
}

/**
 * The one call to the summariser. It fits the window together with its answer: where the turns do not, their parts are
 * shortened more and more, and only then the oldest messages are left out, with a line that says how many.
 *
 * @returns null where there is nothing to read, or the window holds no turn at all.
 * @throws the signal's reason when it aborts.
 */
export async function summaryRequest(
  source: SummarySource,
  countTokens: CompressionPorts['countTokens'],
  signal: AbortSignal,
): Promise<SummaryRequest | null> {
  const { summaryTokens } = source;
  const most = source.windowTokens - summaryTokens - MARGIN_TOKENS;
  const previous = source.previous === null ? null : await withinTokens(source.previous, most / 2, countTokens, signal);
  const request = (turns: string): SummaryRequest => ({
    system: SUMMARISER_SYSTEM,
    prompt: summaryPrompt({ previous, turns, summaryTokens }),
    maxTokens: summaryTokens,
  });
  const empty = request(LEFT_OUT(source.rows.length));
  const [system = 0, prompt = 0] = await countTokens([empty.system, empty.prompt], signal);
  const room = most - system - prompt;
  let pieces: string[] = [];
  let counts: number[] = [];
  for (const size of SERIAL_SIZES) {
    pieces = source.rows.map((row) => serialiseRow(row, size)).filter((piece) => piece !== '');
    if (pieces.length === 0) return null;
    counts = await countTokens(
      pieces.map((piece) => `${piece}\n\n`),
      signal,
    );
    if (counts.reduce((sum, count) => sum + count, 0) <= room) return request(pieces.join('\n\n'));
  }
  const kept = newestWithin(counts, room);
  if (kept === 0) return null;
  return request([LEFT_OUT(pieces.length - kept), ...pieces.slice(-kept)].join('\n\n'));
}

/** How many of the newest counts fit. */
function newestWithin(counts: readonly number[], room: number): number {
  let sum = 0;
  for (let kept = 0; kept < counts.length; kept++) {
    sum += counts.at(-1 - kept) ?? 0;
    if (sum > room) return kept;
  }
  return counts.length;
}

/** A summary from a larger window, shortened in its middle: its first and last sections matter most. */
async function withinTokens(
  text: string,
  most: number,
  countTokens: CompressionPorts['countTokens'],
  signal: AbortSignal,
): Promise<string> {
  const [count = 0] = await countTokens([text], signal);
  if (count <= most) return text;
  const chars = Math.max(0, Math.floor((text.length * most) / count) - 60);
  const head = Math.floor(chars * 0.7);
  return shortenMiddle(text, { limit: 0, head, tail: chars - head });
}
