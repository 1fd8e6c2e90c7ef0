import { chooseCut, coverageAt } from './choose-cut.ts';
import { clampSettings, hardLimit, summaryAllowance, triggerLimit } from './compression-limits.ts';
import type { CompressionPlan, CompressionSettings, ContextInput, SummaryPlan } from './compression-types.ts';
import { assembleRows, type ContextLayout, layOut, requestTokens, tokensAt } from './context-layout.ts';

/** A conversation of this many messages is never summarised from nothing (E7-01). */
const FEW_MESSAGES = 4;
/** Thirteen sections in fewer tokens than this say nothing. */
const LEAST_SUMMARY_TOKENS = 200;
/** What the prefix and the frame of the summary's row cost at most beside its text. */
const SUMMARY_FRAME_TOKENS = 200;

/** Decides what is to be done before a request; pure. About 10 ms for 5,000 messages with a snapshot. */
export function planCompression(input: ContextInput): CompressionPlan {
  const settings = clampSettings(input.settings);
  const layout = layOut({ ...input, settings });
  return planLayout(layout, settings, input);
}

/** The same for a layout that is there already. @param settings clamped. */
export function planLayout(
  layout: ContextLayout,
  settings: CompressionSettings,
  input: Pick<ContextInput, 'windowTokens' | 'force' | 'nowMs' | 'lastFailureAtMs'>,
): CompressionPlan {
  const { windowTokens, force } = input;
  const tokens = requestTokens(layout);
  const { floorTokens } = layout;
  if (floorTokens > hardLimit(windowTokens)) return { kind: 'too-small', neededTokens: floorTokens, windowTokens };
  const budgetTokens = triggerLimit(settings, input, floorTokens);
  const isOverBudget = tokens > budgetTokens;
  const asIs: CompressionPlan =
    layout.snapshot === null
      ? { kind: 'none', tokens }
      : { kind: 'assemble', tokens, rows: assembleRows(layout, layout.snapshot, layout.coverage) };
  if (!force && !isOverBudget && !isOverCount(layout, settings)) return asIs;
  const mayAsk = force || (settings.enabled && !isCoolingDown(settings, input));
  const summary = mayAsk ? planSummary(layout, settings, { windowTokens, force, budgetTokens }) : null;
  if (summary !== null) {
    return { kind: layout.snapshot === null ? 'full' : 'incremental', tokens, budgetTokens, ...summary };
  }
  return isOverBudget ? { kind: 'prune', tokens, budgetTokens } : asIs;
}

/** Rows that no summary covers yet. */
function newRows(layout: ContextLayout): number {
  return layout.rows.length - (layout.coverage?.covered ?? 0);
}

function isOverCount(layout: ContextLayout, settings: CompressionSettings): boolean {
  if (!settings.enabled || settings.maxMessages === 0) return false;
  return newRows(layout) > settings.maxMessages && !hasFewMessages(layout);
}

function hasFewMessages(layout: ContextLayout): boolean {
  return layout.snapshot === null && layout.rows.length <= FEW_MESSAGES;
}

/** A clock that was set back ends the wait rather than prolonging it. */
function isCoolingDown(settings: CompressionSettings, input: Pick<ContextInput, 'nowMs' | 'lastFailureAtMs'>): boolean {
  if (input.lastFailureAtMs === null) return false;
  const sinceMs = input.nowMs - input.lastFailureAtMs;
  return sinceMs >= 0 && sinceMs < settings.cooldownMs;
}

/** What a summary would cover; null where asking a model for one could gain nothing (BUG-A26, E7-09). */
function planSummary(
  layout: ContextLayout,
  settings: CompressionSettings,
  limits: { windowTokens: number; force: boolean; budgetTokens: number },
): SummaryPlan | null {
  const rows = newRows(layout);
  if (hasFewMessages(layout) || (rows <= settings.tailMessages && !limits.force)) return null;
  const { budgetTokens } = limits;
  const roomTokens = budgetTokens - layout.floorTokens - SUMMARY_FRAME_TOKENS;
  const summaryTokens = summaryAllowance(settings, limits.windowTokens, roomTokens);
  if (summaryTokens < LEAST_SUMMARY_TOKENS) return null;
  const cut = chooseCut(layout, {
    // A person who asks for a summary of a short conversation gets one of its older half.
    tailRows: limits.force ? Math.min(settings.tailMessages, Math.floor(rows / 2)) : settings.tailMessages,
    mostRows: settings.maxMessages === 0 ? Number.POSITIVE_INFINITY : settings.maxMessages,
    budgetTokens,
    summaryTokens: summaryTokens + SUMMARY_FRAME_TOKENS,
  });
  if (cut === null) return null;
  const { leftOut, opener } = coverageAt(layout, cut);
  const places = sourcePlaces(layout, cut, leftOut);
  const sourceTokens = tokensAt(layout, places);
  const historyTokens = requestTokens(layout) - layout.fixedTokens;
  const gain = sourceTokens - (layout.snapshot === null ? SUMMARY_FRAME_TOKENS : 0);
  if (gain <= 0 || gain < settings.minSavingRatio * historyTokens) return null;
  const source = places.flatMap((at) => layout.rows[at] ?? []);
  return { cut, source, sourceTokens, leftOut, opener, summaryTokens };
}

/** Covered rows that no summary has seen, without those that this one is to leave out. */
function sourcePlaces(layout: ContextLayout, cut: number, leftOut: readonly number[]): number[] {
  const skipped = new Set(leftOut);
  const unseen = new Set(layout.coverage?.leftOut);
  const seen = layout.coverage?.covered ?? 0;
  const places: number[] = [];
  for (let at = 0; at < cut; at++) {
    if ((at >= seen || unseen.has(at)) && !skipped.has(at)) places.push(at);
  }
  return places;
}
