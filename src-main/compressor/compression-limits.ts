import type { CompressionSettings, ContextInput } from './compression-types.ts';

/** The answer's room. Not more than this, or a threshold of 0.95 could never be reached. */
const ANSWER_RESERVE_RATIO = 0.05;
/** A summary may have this share of the window, and this much in any window (A.12). */
const SUMMARY_WINDOW_RATIO = 0.2;
const SUMMARY_LEAST_ALLOWANCE_TOKENS = 1000;

function within(value: number, least: number, most: number, fallback: number): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : fallback;
}

/** Settings that came from a file or an older version, within what they mean. */
export function clampSettings(settings: CompressionSettings): CompressionSettings {
  return {
    enabled: settings.enabled,
    threshold: within(settings.threshold, 0.05, 0.95, 0.5),
    maxMessages: Math.floor(within(settings.maxMessages, 0, 1_000_000, 200)),
    tailMessages: Math.floor(within(settings.tailMessages, 0, 500, 20)),
    headMessages: Math.floor(within(settings.headMessages, 0, 3, 0)),
    summaryTokens: Math.floor(within(settings.summaryTokens, 0, 1_000_000, 8000)),
    minSavingRatio: within(settings.minSavingRatio, 0, 1, 0.1),
    cooldownMs: within(settings.cooldownMs, 0, Number.MAX_SAFE_INTEGER, 300_000),
  };
}

/** The most that a request may have: the window without the answer's room. */
export function hardLimit(windowTokens: number): number {
  return windowTokens - Math.ceil(windowTokens * ANSWER_RESERVE_RATIO);
}

/**
 * The tokens beyond which a request is compressed, and to which it is. Where the parts that may not be shortened exceed the
 * threshold by themselves, it could never be met: then the window's own limit counts, as it does while compression is off.
 *
 * @param settings clamped.
 */
export function triggerLimit(
  settings: CompressionSettings,
  input: Pick<ContextInput, 'windowTokens' | 'force'>,
  floorTokens: number,
): number {
  const hard = hardLimit(input.windowTokens);
  const threshold = Math.min(hard, Math.floor(settings.threshold * input.windowTokens));
  return (settings.enabled || input.force) && floorTokens <= threshold ? threshold : hard;
}

/** Most tokens of a summary's text. Never more than half of the room that a small window leaves beside the fixed parts. */
export function summaryAllowance(settings: CompressionSettings, windowTokens: number, roomTokens: number): number {
  const share = Math.max(SUMMARY_LEAST_ALLOWANCE_TOKENS, Math.floor(windowTokens * SUMMARY_WINDOW_RATIO));
  return Math.min(settings.summaryTokens, share, Math.floor(roomTokens / 2));
}
