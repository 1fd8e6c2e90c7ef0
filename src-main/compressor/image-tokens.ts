import { assertNever } from '#contract/assert-never';
import type { ProfileKind } from '#contract/records';

/** What a model sees of a picture, in tokens, as far as the makers tell (documentation of both, 2026-11). */

export interface PictureSize {
  width: number;
  height: number;
}

/** Anthropic: a picture is shrunk to 1568 pixels at its longer edge and costs a token for 750 of its pixels. */
const ANTHROPIC_EDGE = 1568;
const ANTHROPIC_PIXELS_A_TOKEN = 750;
const ANTHROPIC_MOST = 1600;

/** OpenAI: shrunk to 2048 at the longer and 768 at the shorter edge, 170 tokens for each square of 512, and 85. */
const OPENAI_LONG = 2048;
const OPENAI_SHORT = 768;
const OPENAI_SQUARE = 512;
const OPENAI_EACH = 170;
const OPENAI_BASE = 85;

/** By whose rule pictures count; `none` for upstreams that are told of a picture's path and see nothing of it. */
export type PictureRule = 'anthropic' | 'openai' | 'none';

export function pictureRule(kind: ProfileKind): PictureRule {
  switch (kind) {
    case 'anthropic':
      return 'anthropic';
    case 'openai-chat':
      return 'openai';
    case 'hermes':
    case 'demo':
      return 'none';
    default:
      return assertNever(kind);
  }
}

/** @param size null where the file does not tell it: then the most that a picture can cost. */
export function imageTokens(size: PictureSize | null, rule: PictureRule): number {
  if (rule === 'none') return 0;
  if (rule === 'anthropic') {
    if (size === null) return ANTHROPIC_MOST;
    const { width, height } = within(size, ANTHROPIC_EDGE, Number.POSITIVE_INFINITY);
    return Math.min(ANTHROPIC_MOST, Math.ceil((width * height) / ANTHROPIC_PIXELS_A_TOKEN));
  }
  const { width, height } = within(size ?? { width: OPENAI_LONG, height: OPENAI_SHORT }, OPENAI_LONG, OPENAI_SHORT);
  return OPENAI_BASE + OPENAI_EACH * Math.ceil(width / OPENAI_SQUARE) * Math.ceil(height / OPENAI_SQUARE);
}

/** Shrunk, never enlarged, until both edges are within their limit. */
function within({ width, height }: PictureSize, long: number, short: number): PictureSize {
  const scale = Math.min(1, long / Math.max(width, height, 1), short / Math.max(1, Math.min(width, height)));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
