import type { Coverage } from './compression-types.ts';
import type { ContextLayout } from './context-layout.ts';

/** Of the room beside fixed parts and summary, the share that the tail may fill. The rest is for what comes next. */
const TAIL_ROOM_RATIO = 0.5;

export interface CutLimits {
  /** Rows that stay as they are, as far as they fit. */
  tailRows: number;
  /** No more rows than this after the cut, or the next plan would compress again. */
  mostRows: number;
  /** The whole request. */
  budgetTokens: number;
  /** What the summary's row may cost. */
  summaryTokens: number;
}

/** What would be covered with a cut before the row at `cut`, and what of that is kept. */
export function coverageAt(layout: ContextLayout, cut: number): Coverage {
  const known = new Set(layout.coverage?.leftOut);
  const seen = layout.coverage?.covered ?? 0;
  const leftOut: number[] = [];
  for (let at = 0; at < cut; at++) {
    const stays = at < layout.headEnd || layout.isKeptWithPin[at] === true;
    if (stays && (at >= seen || known.has(at))) leftOut.push(at);
  }
  return { covered: cut, leftOut, opener: openerAt(layout, cut) };
}

/** A tail in the middle of a turn is kept together with the request that the turn answers (E7-07). */
function openerAt(layout: ContextLayout, cut: number): number | null {
  if (layout.rows[cut]?.role === 'user' || (cut === layout.rows.length && layout.hasInput)) return null;
  for (let at = cut - 1; at >= layout.headEnd; at--) {
    if (layout.rows[at]?.role === 'user') return layout.isKeptWithPin[at] ? null : at;
  }
  return null;
}

/** The request's tokens with a cut before each place, from sums that are made once. */
function costsByCut(layout: ContextLayout, summaryTokens: number): (cut: number) => number {
  let kept = 0;
  let after = layout.tokens.reduce((sum, count) => sum + count, 0);
  const costs: number[] = [];
  for (const [at, count] of [...layout.tokens, 0].entries()) {
    costs.push(layout.fixedTokens + summaryTokens + kept + after);
    if (at < layout.headEnd || layout.isKeptWithPin[at] === true) kept += count;
    after -= count;
  }
  return (cut) => {
    const opener = openerAt(layout, cut);
    return (costs[cut] ?? 0) + (opener === null ? 0 : (layout.tokens[opener] ?? 0));
  };
}

/**
 * Where the tail begins: as many of the newest rows as asked for, from the beginning of a group on, and fewer where they
 * would leave no room for what comes next. A last group that fits only just is kept; one that does not is covered, too.
 *
 * @returns null where nothing can be covered, or the rest would not fit either.
 */
export function chooseCut(layout: ContextLayout, limits: CutLimits): number | null {
  const end = layout.rows.length;
  const from = Math.max(layout.headEnd, layout.coverage?.covered ?? 0);
  // The group that the wanted cut would part belongs to the tail.
  const wanted = end - limits.tailRows;
  const first = layout.groups.find((group) => group.end > wanted)?.start ?? end;
  const starts = layout.groups.map((group) => group.start);
  const costOf = costsByCut(layout, limits.summaryTokens);
  const cuts = [...starts, end]
    .filter((cut) => cut > from && cut >= first && end - cut <= limits.mostRows)
    .map((cut) => ({ cut, cost: costOf(cut) }));
  const least = layout.floorTokens + limits.summaryTokens;
  const roomyTokens = least + Math.max(0, limits.budgetTokens - least) * TAIL_ROOM_RATIO;
  const roomy = cuts.find(({ cut, cost }) => cut < end && cost <= roomyTokens);
  return (roomy ?? cuts.slice(-2).find(({ cost }) => cost <= limits.budgetTokens))?.cut ?? null;
}
