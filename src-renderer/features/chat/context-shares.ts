import type { ContextParts } from '#contract/records';

export const CONTEXT_PARTS = ['system', 'pinned', 'summary', 'recent', 'files', 'draft'] as const;
export type ContextPartName = (typeof CONTEXT_PARTS)[number];

export interface ContextShare {
  name: ContextPartName;
  tokens: number;
  /** Of the window, 0 to 100; all of them together are never more than 100. */
  percent: number;
}

export interface ContextFigures {
  shares: ContextShare[];
  totalTokens: number;
  freeTokens: number;
  /** Where compaction starts, as a share of the window; null where it is switched off. */
  tickPercent: number | null;
  state: 'fits' | 'compacts' | 'full';
}

/** A window keeps this much for the answer (as the compressor does). */
const ANSWER_SHARE = 0.05;

/**
 * The parts of the next request with what is being written, as they stand to the window.
 *
 * @param typedTokens of the text in the composer; its files are in the context.
 */
export function contextFigures(context: ContextParts, typedTokens: number): ContextFigures {
  const { windowTokens, thresholdTokens, parts } = context;
  const draftTokens = typedTokens + context.draftFiles.tokens;
  const tokensOf = (name: ContextPartName) => (name === 'draft' ? draftTokens : parts[name]);
  const totalTokens = context.totalTokens + draftTokens;
  const whole = Math.max(windowTokens, totalTokens, 1);
  const shares = CONTEXT_PARTS.map((name) => ({
    name,
    tokens: tokensOf(name),
    percent: (tokensOf(name) / whole) * 100,
  }));
  const tick = thresholdTokens === null ? null : (thresholdTokens / whole) * 100;
  const isOver = totalTokens > (thresholdTokens ?? windowTokens * (1 - ANSWER_SHARE));
  return {
    shares,
    totalTokens,
    freeTokens: Math.max(0, windowTokens - totalTokens),
    tickPercent: tick,
    state: !isOver ? 'fits' : thresholdTokens === null ? 'full' : 'compacts',
  };
}
