import { emptyMessage, type Message } from '#contract/message';
import type { CompressionPorts } from './compression-types.ts';
import { groupRows } from './group-rows.ts';
import { shortenArguments, shortenOutput, shortenText } from './shorten-row.ts';
import { countRows } from './summary-row.ts';

/** How long a message may stay, in characters, from gentle to harsh. */
const TEXT_LIMITS_CHARS = [12_000, 3000, 600];

/** A row on its way to a model. */
export interface BudgetRow {
  row: Message;
  tokens: number;
  /** Pinned, or the person's newest message: stays to the byte. */
  isFixed: boolean;
  /** In a group with a pinned row: may be shortened, never dropped. */
  isNeeded: boolean;
  isHead: boolean;
  isTail: boolean;
  isSummary: boolean;
}

type Count = (rows: readonly Message[]) => Promise<number[]>;

/**
 * Shortens rows without a model until they fit, oldest first: tool outputs (all of them before the tail), arguments, long
 * texts; then a summary that was made for a larger window, and at last whole groups of rows are dropped, which a line tells
 * the model. Head rows come after the others. Pinned rows and the person's newest message stay to the byte.
 *
 * @param budgetTokens for the rows alone, without the parts that go with every request.
 * @returns the rows and their tokens, which exceed the budget only where nothing is left to shorten.
 * @throws the signal's reason when it aborts.
 */
export async function fitBudget(
  all: readonly BudgetRow[],
  budgetTokens: number,
  countTokens: CompressionPorts['countTokens'],
  signal: AbortSignal,
): Promise<{ rows: Message[]; tokens: number }> {
  const count: Count = (rows) => countRows(rows, countTokens, signal);
  let rows = [...all];
  rows = await shorten(
    rows,
    budgetTokens,
    count,
    (one) => shortenOutput(one.row),
    (one) => !one.isTail,
  );
  rows = await shorten(rows, budgetTokens, count, (one) => shortenArguments(one.row));
  for (const limit of TEXT_LIMITS_CHARS) {
    rows = await shorten(rows, budgetTokens, count, (one) => (one.isSummary ? null : shortenText(one.row, limit)));
  }
  for (const limit of TEXT_LIMITS_CHARS) {
    rows = await shorten(rows, budgetTokens, count, (one) => (one.isSummary ? shortenText(one.row, limit) : null));
  }
  return drop(rows, budgetTokens, count);
}

function sum(rows: readonly BudgetRow[]): number {
  return rows.reduce((total, one) => total + one.tokens, 0);
}

/** The head's rows come last: a person asked to keep them. */
function inOrder<T extends { isHead: boolean }>(all: readonly T[]): T[] {
  return [...all.filter((one) => !one.isHead), ...all.filter((one) => one.isHead)];
}

async function shorten(
  all: BudgetRow[],
  budgetTokens: number,
  count: Count,
  make: (one: BudgetRow) => Message | null,
  isDueAnyway: (one: BudgetRow) => boolean = () => false,
): Promise<BudgetRow[]> {
  let total = sum(all);
  if (total <= budgetTokens) return all;
  const made = inOrder(all).flatMap((one) => {
    const row = one.isFixed ? null : make(one);
    return row === null ? [] : [{ one, row }];
  });
  const counts = await count(made.map(({ row }) => row));
  const replaced = new Map<BudgetRow, BudgetRow>();
  for (const [at, { one, row }] of made.entries()) {
    const tokens = counts[at] ?? one.tokens;
    if (tokens >= one.tokens || (total <= budgetTokens && !isDueAnyway(one))) continue;
    total -= one.tokens - tokens;
    replaced.set(one, { ...one, row, tokens });
  }
  return all.map((one) => replaced.get(one) ?? one);
}

async function drop(
  all: readonly BudgetRow[],
  budgetTokens: number,
  count: Count,
): Promise<{ rows: Message[]; tokens: number }> {
  const whole = sum(all);
  const firstRow = all[0]?.row;
  if (whole <= budgetTokens || firstRow === undefined) return { rows: all.map((one) => one.row), tokens: whole };
  const groups = groupRows(all.map((one) => one.row)).map(({ start, end }) => {
    const members = all.slice(start, end);
    return { members, isHead: members.some((one) => one.isHead), isSummary: members.some((one) => one.isSummary) };
  });
  const loose = groups.filter(({ members }) => !members.some((one) => one.isFixed || one.isNeeded));
  const order = [...inOrder(loose.filter((one) => !one.isSummary)), ...loose.filter((one) => one.isSummary)];
  const [noticeTokens = 0] = await count([noticeRow(firstRow, all.length)]);
  const dropped = new Set<BudgetRow>();
  let total = whole + noticeTokens;
  for (const { members } of order) {
    if (total <= budgetTokens) break;
    for (const one of members) dropped.add(one);
    total -= sum(members);
  }
  const kept = all.filter((one) => !dropped.has(one));
  const keptRows = kept.map((one) => one.row);
  // The line is the last thing to go: without it the model does not know that something is missing.
  if (dropped.size === 0 || total > budgetTokens) return { rows: keptRows, tokens: sum(kept) };
  const before = kept.filter((one) => one.isHead || one.isSummary).length;
  return { rows: keptRows.toSpliced(before, 0, noticeRow(firstRow, dropped.size)), tokens: total };
}

function noticeRow(beside: Message, count: number): Message {
  return {
    ...emptyMessage({
      id: 'left-out',
      session_id: beside.session_id,
      run_id: null,
      role: 'user',
      created_at_ms: beside.created_at_ms,
    }),
    content: `[For reference only: ${count} earlier messages are left out here, because they do not fit the model’s window.]`,
    status: 'final',
  };
}
