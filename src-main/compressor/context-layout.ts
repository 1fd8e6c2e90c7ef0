import type { Message } from '#contract/message';
import type { ContextInput, Coverage, Snapshot } from './compression-types.ts';
import { groupRows, type RowGroup } from './group-rows.ts';
import { readCoverage } from './snapshot-source.ts';
import { summaryRow } from './summary-row.ts';

/** A conversation as the planner sees it: what each row costs and which rows have a place of their own. */
export interface ContextLayout {
  rows: readonly Message[];
  /** Tokens of each row. */
  tokens: readonly number[];
  groups: readonly RowGroup[];
  /** Rows before this place are the head: whole groups within `headMessages`. */
  headEnd: number;
  /** Rows of groups with a pinned row: these stay together. */
  isKeptWithPin: readonly boolean[];
  isPinned: readonly boolean[];
  /** The person's newest message; -1 where none of the rows is it. */
  lastUser: number;
  /** The message to be answered goes along beside the rows (`fixed.input`), so that these are all earlier ones. */
  hasInput: boolean;
  fixedTokens: number;
  /** What may never be shortened: fixed parts, pinned rows and the person's newest message. */
  floorTokens: number;
  /** Null where there is no snapshot, or none that is valid for these rows. */
  snapshot: Snapshot | null;
  coverage: Coverage | null;
}

export function layOut(input: ContextInput): ContextLayout {
  const { rows, fixed, pinnedIds } = input;
  const tokens = rows.map((row) => input.tokensOf(row));
  const groups = groupRows(rows);
  const isPinned = rows.map((row) => pinnedIds.has(row.id));
  const isKeptWithPin = rows.map(() => false);
  let headEnd = 0;
  for (const { start, end } of groups) {
    if (headEnd === start && end <= input.settings.headMessages) headEnd = end;
    if (isPinned.slice(start, end).includes(true)) isKeptWithPin.fill(true, start, end);
  }
  const hasInput = fixed.input > 0;
  // Beside the message to be answered the one before it is as old as any: two long ones in turn have to fit one window.
  const lastUser = hasInput ? -1 : rows.findLastIndex((row) => row.role === 'user');
  const fixedTokens = fixed.system + fixed.tools + fixed.input;
  const untouchable = tokens.reduce((sum, count, at) => (isPinned[at] || at === lastUser ? sum + count : sum), 0);
  const coverage = input.coverage ?? readCoverage(input.snapshot, rows);
  return {
    rows,
    tokens,
    groups,
    headEnd,
    isKeptWithPin,
    isPinned,
    lastUser,
    hasInput,
    fixedTokens,
    floorTokens: fixedTokens + untouchable,
    snapshot: coverage === null ? null : input.snapshot,
    coverage,
  };
}

/** The places of the rows that are sent as they are when a summary stands for those before `coverage.covered`. */
function verbatimPlaces(layout: ContextLayout, coverage: Coverage | null): number[] {
  const kept = new Set(coverage?.leftOut);
  if (coverage !== null && coverage.opener !== null) kept.add(coverage.opener);
  return layout.rows.flatMap((_, at) =>
    coverage === null || at >= coverage.covered || at < layout.headEnd || layout.isKeptWithPin[at] || kept.has(at)
      ? [at]
      : [],
  );
}

/**
 * The places of covered rows that are sent beside the summary: pinned ones with the rest of their groups, those that the
 * summary leaves out, and the opener.
 */
export function verbatimCovered(rows: readonly Message[], coverage: Coverage): number[] {
  const places = new Set(coverage.leftOut);
  if (coverage.opener !== null) places.add(coverage.opener);
  for (const { start, end } of groupRows(rows)) {
    if (start >= coverage.covered) break;
    if (!rows.slice(start, end).some((row) => row.pinned === true)) continue;
    for (let at = start; at < Math.min(end, coverage.covered); at++) places.add(at);
  }
  return [...places].filter((at) => at < coverage.covered).sort((a, b) => a - b);
}

export function tokensAt(layout: ContextLayout, places: readonly number[]): number {
  return places.reduce((sum, at) => sum + (layout.tokens[at] ?? 0), 0);
}

/** Everything that a request would carry, in tokens. */
export function requestTokens(layout: ContextLayout): number {
  const summary = layout.snapshot?.tokens ?? 0;
  return layout.fixedTokens + summary + tokensAt(layout, verbatimPlaces(layout, layout.coverage));
}

/** What is sent, in order: the head, the summary, rows that were kept beside it, the rows after it. */
export function assembleRows(layout: ContextLayout, snapshot: Snapshot | null, coverage: Coverage | null): Message[] {
  const places = verbatimPlaces(layout, coverage);
  const rowsAt = (chosen: readonly number[]) => chosen.flatMap((at) => layout.rows[at] ?? []);
  const lastCovered = coverage === null ? undefined : layout.rows[coverage.covered - 1];
  if (snapshot === null || lastCovered === undefined) return rowsAt(places);
  const head = places.filter((at) => at < layout.headEnd);
  return [...rowsAt(head), summaryRow(snapshot, lastCovered), ...rowsAt(places.slice(head.length))];
}
