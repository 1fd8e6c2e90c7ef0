import { formatDecimal, PICO_PLACES } from '#contract/money';
import type { CallCaller, CostSum, CredentialUsage, ModelUsage, UsageTotals } from '#contract/usage-report';
import type { UsageLine, UsageSums } from '../store/usage-queries.ts';

/** Sums with the line that they are of. */
export interface LineSums {
  line: UsageLine;
  sums: UsageSums;
}

/** Sums put beside their lines. Sums of a line that is not in the list are of a newer read, and left out by nobody. */
export function joinLines(lines: readonly UsageLine[], sums: readonly UsageSums[]): LineSums[] {
  const byId = new Map(lines.map((line) => [line.lineId, line]));
  return sums.flatMap((one) => {
    const line = byId.get(one.lineId);
    return line === undefined ? [] : [{ line, sums: one }];
  });
}

/** All of them as one. */
export function toTotals(rows: readonly LineSums[]): UsageTotals {
  const sum = (read: (sums: UsageSums) => number) => rows.reduce((total, { sums }) => total + read(sums), 0);
  const known = (calls: (sums: UsageSums) => number, tokens: (sums: UsageSums) => number) =>
    sum(calls) === 0 ? null : sum(tokens);
  const cacheRead = known(
    (sums) => sums.cacheReadCalls,
    (sums) => sums.cacheReadTokens,
  );
  const ratioInput = sum((sums) => sums.cacheReadInputTokens);
  const estimated = rows.filter(({ line }) => line.source === 'estimate');
  return {
    inputTokens: known(
      (sums) => sums.inputCalls,
      (sums) => sums.inputTokens,
    ),
    outputTokens: known(
      (sums) => sums.outputCalls,
      (sums) => sums.outputTokens,
    ),
    cacheReadTokens: cacheRead,
    cacheWriteTokens: known(
      (sums) => sums.cacheWriteCalls,
      (sums) => sums.cacheWriteTokens,
    ),
    reasoningTokens: known(
      (sums) => sums.reasoningCalls,
      (sums) => sums.reasoningTokens,
    ),
    requests: sum((sums) => sums.requests),
    refused: sum((sums) => sums.refused),
    estimatedRequests: estimated.reduce((total, { sums }) => total + sums.requests, 0),
    estimatedTokens: estimated.reduce((total, { sums }) => total + sums.inputTokens + sums.outputTokens, 0),
    cacheHitRatio: cacheRead === null || ratioInput === 0 ? null : cacheRead / ratioInput,
    cost: toCost(rows),
  };
}

/** Sums by currency. They are never added to each other. */
function toCost(rows: readonly LineSums[]): CostSum {
  const amounts = new Map<string, { all: bigint; estimated: bigint }>();
  let unpricedCalls = 0;
  for (const { line, sums } of rows) {
    unpricedCalls += sums.unpriced;
    if (line.currency === '' || sums.requests - sums.refused - sums.unpriced <= 0) continue;
    const known = amounts.get(line.currency) ?? { all: 0n, estimated: 0n };
    amounts.set(line.currency, {
      all: known.all + sums.costPicos,
      estimated: known.estimated + (line.source === 'estimate' ? sums.costPicos : 0n),
    });
  }
  return {
    amounts: [...amounts]
      .toSorted(([, a], [, b]) => (a.all === b.all ? 0 : a.all < b.all ? 1 : -1))
      .map(([currency, { all, estimated }]) => ({
        currency,
        amount: formatDecimal(all, PICO_PLACES),
        estimated: formatDecimal(estimated, PICO_PLACES),
      })),
    unpricedCalls,
  };
}

function groups<Key>(rows: readonly LineSums[], keyOf: (line: UsageLine) => Key): [Key, LineSums[]][] {
  const found = new Map<Key, LineSums[]>();
  for (const row of rows) {
    const key = keyOf(row.line);
    const group = found.get(key);
    if (group === undefined) found.set(key, [row]);
    else group.push(row);
  }
  return [...found];
}

/** Dearest first, then the busiest: the first currency decides, which is the one with the largest sum over all. */
function byWeight(a: UsageTotals, b: UsageTotals): number {
  const cost = ({ cost: { amounts } }: UsageTotals) => Number(amounts[0]?.amount ?? '0');
  return cost(b) - cost(a) || b.requests - a.requests;
}

export function toModels(rows: readonly LineSums[]): ModelUsage[] {
  return groups(rows, (line) => line.model)
    .map(([model, group]) => ({ model: model === '' ? null : model, ...toTotals(group) }))
    .toSorted(byWeight);
}

/** @param labelOf what a key is called now; null for one that is gone, which keeps the name it had. */
export function toCredentials(
  rows: readonly LineSums[],
  labelOf: (credentialId: string) => string | null,
): CredentialUsage[] {
  // A call without a key is told apart by whom it went to.
  return groups(rows, (line) => (line.credentialId === '' ? `/${line.profile}` : line.credentialId))
    .map(([, group]) => {
      const newest = group.map(({ line }) => line).toSorted((a, b) => b.lineId - a.lineId)[0];
      const id = newest?.credentialId ?? '';
      const label = (id === '' ? null : labelOf(id)) ?? newest?.credentialLabel ?? '';
      return {
        credentialId: id === '' ? null : id,
        label: label === '' ? null : label,
        profile: newest?.profile ?? '',
        ...toTotals(group),
      };
    })
    .toSorted(byWeight);
}

export function toCallers(rows: readonly LineSums[]): { caller: CallCaller; totals: UsageTotals }[] {
  return groups(rows, (line) => line.caller).map(([caller, group]) => ({ caller, totals: toTotals(group) }));
}
