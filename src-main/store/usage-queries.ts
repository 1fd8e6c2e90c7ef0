import type {
  CallCaller,
  CallOutcome,
  CallPurpose,
  FigureSource,
  PriceSnapshot,
  UsageCall,
} from '#contract/usage-report';
import type { SqliteDatabase } from './database.ts';
import { fromJson } from './json-column.ts';
import { ROLLUP_SPANS_MS, ROLLUP_SUMS } from './usage-repository.ts';

/** What calls have in common that are summed together. Empty text is unknown. */
export interface UsageLine {
  lineId: number;
  profile: string;
  model: string;
  credentialId: string;
  credentialLabel: string;
  caller: CallCaller;
  purpose: CallPurpose;
  source: FigureSource;
  currency: string;
}

/** Sums over some calls of one line. `…Calls` counts those that know the figure. */
export interface UsageSums {
  lineId: number;
  requests: number;
  refused: number;
  unpriced: number;
  inputCalls: number;
  inputTokens: number;
  outputCalls: number;
  outputTokens: number;
  cacheReadCalls: number;
  cacheReadTokens: number;
  /** Input of the calls that know their cache reads. */
  cacheReadInputTokens: number;
  cacheWriteCalls: number;
  cacheWriteTokens: number;
  reasoningCalls: number;
  reasoningTokens: number;
  costPicos: bigint;
}

/** A booked call with its place in the ledger. */
export interface NumberedCall extends UsageCall {
  number: number;
}

export interface UsageQueries {
  /**
   * Sums of the days between neighbouring bounds (Unix milliseconds, whole quarter hours), and of all of them.
   *
   * @returns `days` by model, source and currency only: one line stands for all that share them. `sums` by line.
   */
  usageByDay(input: { bounds: number[] }): { lines: UsageLine[]; days: UsageSums[][]; sums: UsageSums[] };
  /** Sums of one span. @param input.fromMs and `toMs` whole quarter hours; `toMs` is exclusive. */
  usageBetween(input: { fromMs: number; toMs: number }): { lines: UsageLine[]; sums: UsageSums[] };
  /**
   * Sums of everything that a conversation spent, and what is under way in it.
   *
   * @returns `runs`: how many of its runs called each model.
   */
  usageOfSession(input: { sessionId: string }): {
    lines: UsageLine[];
    sums: UsageSums[];
    open: UsageCall[];
    runs: { model: string; runs: number }[];
  };
  /** The calls of one run, those under way apart; oldest first. */
  usageOfRun(input: { sessionId: string; runId: string; limit: number }): { booked: NumberedCall[]; open: UsageCall[] };
  /** Sums of what was spent on behalf of a program's key, by when the calls began. @param input.toMs exclusive. */
  usageOfClient(input: { clientId: string; fromMs: number; toMs: number }): { lines: UsageLine[]; sums: UsageSums[] };
  /** Sums of what each of these runs spent, itself and its summaries. */
  usageOfRuns(input: { runIds: readonly string[] }): {
    lines: UsageLine[];
    runs: { runId: string; sums: UsageSums[] }[];
  };
  /** Newest first, those before `beforeNumber`. */
  usageCalls(input: { limit: number; beforeNumber: number | null }): NumberedCall[];
  /** Oldest first, those that began within the span and come after the place of another one. */
  usageCallsBetween(input: {
    after: { startedAtMs: number; number: number };
    toMs: number;
    limit: number;
  }): NumberedCall[];
}

interface SumRow extends Record<string, bigint> {
  line_id: bigint;
  cost_picos: bigint;
}

interface LineRow {
  id: number;
  profile: string;
  model: string;
  credential_id: string;
  credential_label: string;
  caller: CallCaller;
  purpose: CallPurpose;
  source: FigureSource;
  currency: string;
}

interface CallRow extends LineRow {
  number: number;
  call_id: string;
  run_id: string | null;
  session_id: string | null;
  outcome: CallOutcome;
  billable: number;
  input_source: FigureSource | null;
  output_source: FigureSource | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cache_read_tokens: number | null;
  cache_write_tokens: number | null;
  cache_write_5m_tokens: number | null;
  cache_write_1h_tokens: number | null;
  reasoning_tokens: number | null;
  cost_text: string | null;
  snapshot: string | null;
  started_at_ms: number;
  ended_at_ms: number;
}

/** The sums of single rows, as booking adds them up. */
const SUMS_OF_CALLS = `
  count(*) as requests,
  sum(outcome = 'refused') as refused,
  sum(billable = 1 and cost_picos is null) as unpriced,
  count(input_tokens) as input_calls,
  coalesce(sum(input_tokens), 0) as input_tokens,
  count(output_tokens) as output_calls,
  coalesce(sum(output_tokens), 0) as output_tokens,
  count(cache_read_tokens) as cache_read_calls,
  coalesce(sum(cache_read_tokens), 0) as cache_read_tokens,
  coalesce(sum(case when cache_read_tokens is not null then input_tokens end), 0) as cache_read_input_tokens,
  count(cache_write_tokens) as cache_write_calls,
  coalesce(sum(cache_write_tokens), 0) as cache_write_tokens,
  count(reasoning_tokens) as reasoning_calls,
  coalesce(sum(reasoning_tokens), 0) as reasoning_tokens,
  coalesce(sum(cost_picos), 0) as cost_picos`;

function toSums(row: SumRow): UsageSums {
  const count = (name: (typeof ROLLUP_SUMS)[number]) => Number(row[name] ?? 0n);
  return {
    lineId: Number(row.line_id),
    requests: count('requests'),
    refused: count('refused'),
    unpriced: count('unpriced'),
    inputCalls: count('input_calls'),
    inputTokens: count('input_tokens'),
    outputCalls: count('output_calls'),
    outputTokens: count('output_tokens'),
    cacheReadCalls: count('cache_read_calls'),
    cacheReadTokens: count('cache_read_tokens'),
    cacheReadInputTokens: count('cache_read_input_tokens'),
    cacheWriteCalls: count('cache_write_calls'),
    cacheWriteTokens: count('cache_write_tokens'),
    reasoningCalls: count('reasoning_calls'),
    reasoningTokens: count('reasoning_tokens'),
    costPicos: row.cost_picos,
  };
}

function toCall(row: CallRow): NumberedCall {
  return {
    number: row.number,
    id: row.call_id,
    runId: row.run_id,
    sessionId: row.session_id,
    profile: row.profile,
    model: row.model === '' ? null : row.model,
    credentialId: row.credential_id === '' ? null : row.credential_id,
    credentialLabel: row.credential_label === '' ? null : row.credential_label,
    caller: row.caller,
    purpose: row.purpose,
    outcome: row.outcome,
    billable: row.billable === 1,
    source: row.source,
    inputSource: row.input_source,
    outputSource: row.output_source,
    price: fromJson<PriceSnapshot>(row.snapshot),
    costPicos: row.cost_text,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cacheReadTokens: row.cache_read_tokens,
    cacheWriteTokens: row.cache_write_tokens,
    cacheWrite5mTokens: row.cache_write_5m_tokens,
    cacheWrite1hTokens: row.cache_write_1h_tokens,
    reasoningTokens: row.reasoning_tokens,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
  };
}

interface Piece {
  spanMs: number;
  fromMs: number;
  toMs: number;
}

/** What a time is made of: as much of it as possible in the longest spans, the ends in shorter ones. */
function piecesOf(fromMs: number, toMs: number, spans: readonly number[] = ROLLUP_SPANS_MS): Piece[] {
  const spanMs = spans.at(-1);
  if (spanMs === undefined || fromMs >= toMs) return [];
  const shorter = spans.slice(0, -1);
  const first = Math.ceil(fromMs / spanMs) * spanMs;
  const last = Math.floor(toMs / spanMs) * spanMs;
  if (shorter.length === 0) return [{ spanMs, fromMs, toMs }];
  if (first >= last) return piecesOf(fromMs, toMs, shorter);
  return [...piecesOf(fromMs, first, shorter), { spanMs, fromMs: first, toMs: last }, ...piecesOf(last, toMs, shorter)];
}

/** @param db a read-only connection; owned by the caller. */
export function createUsageQueries(db: SqliteDatabase): UsageQueries {
  const lines = db.prepare<[], LineRow>('select * from usage_lines order by id');
  const rollups = db
    .prepare<[number, number, number], SumRow>(
      `select line_id, ${ROLLUP_SUMS.map((name) => `sum(${name}) as ${name}`).join(', ')}
       from usage_rollups where span_ms = ? and bucket_ms >= ? and bucket_ms < ? group by line_id`,
    )
    .safeIntegers();
  const ofSession = db
    .prepare<[string], SumRow>(
      `select line_id, ${SUMS_OF_CALLS} from usage_calls where session_id = ? group by line_id`,
    )
    .safeIntegers();
  const sumsOfRun = db
    .prepare<[string], SumRow>(`select line_id, ${SUMS_OF_CALLS} from usage_calls where run_id = ? group by line_id`)
    .safeIntegers();
  const ofClient = db
    .prepare<[string, number, number], SumRow>(
      `select line_id, ${SUMS_OF_CALLS} from usage_calls
       where client_id = ? and started_at_ms >= ? and started_at_ms < ? group by line_id`,
    )
    .safeIntegers();
  const runsOfLine = db.prepare<[string], { line_id: number; runs: number }>(
    'select line_id, count(distinct run_id) as runs from usage_calls where session_id = ? group by line_id',
  );
  const runsOfLines = db
    .prepare<[string, string], number>(
      `select count(distinct run_id) from usage_calls
       where session_id = ? and line_id in (select value from json_each(?))`,
    )
    .pluck();
  const openOfSession = db
    .prepare<[string], string>('select draft from usage_open_calls where session_id = ? order by id')
    .pluck();
  const calls = (where: string) =>
    `select c.number, c.id as call_id, c.run_id, c.session_id, c.outcome, c.billable, c.input_source, c.output_source,
       c.input_tokens, c.output_tokens, c.cache_read_tokens, c.cache_write_tokens, c.cache_write_5m_tokens,
       c.cache_write_1h_tokens, c.reasoning_tokens, cast(c.cost_picos as text) as cost_text, c.started_at_ms,
       c.ended_at_ms, p.snapshot, l.*
     from usage_calls c join usage_lines l on l.id = c.line_id left join usage_prices p on p.id = c.price_id
     where ${where} limit ?`;
  const newest = db.prepare<[number, number], CallRow>(calls('c.number < ? order by c.number desc'));
  const between = db.prepare<[number, number, number, number], CallRow>(
    calls('(c.started_at_ms, c.number) > (?, ?) and c.started_at_ms < ? order by c.started_at_ms, c.number'),
  );

  const ofRun = db.prepare<[string, string, number], CallRow>(
    calls('c.session_id = ? and c.run_id = ? order by c.number'),
  );
  const openOfRun = db
    .prepare<[string], string>('select draft from usage_open_calls where run_id = ? order by id')
    .pluck();

  const sumsBetween = (fromMs: number, toMs: number): UsageSums[] => {
    const pieces = piecesOf(fromMs, toMs);
    return merge(
      pieces.flatMap((piece) => rollups.all(piece.spanMs, piece.fromMs, piece.toMs).map((row) => toSums(row))),
    );
  };
  const readLines = () =>
    lines.all().map(
      (row): UsageLine => ({
        lineId: row.id,
        profile: row.profile,
        model: row.model,
        credentialId: row.credential_id,
        credentialLabel: row.credential_label,
        caller: row.caller,
        purpose: row.purpose,
        source: row.source,
        currency: row.currency,
      }),
    );
  /** A run may have called one model in several ways; counted together only where that is so, which is rare and dearer. */
  const runsByModel = (sessionId: string) => {
    const modelOf = new Map(readLines().map((line) => [line.lineId, line.model]));
    const found = new Map<string, { line_id: number; runs: number }[]>();
    for (const one of runsOfLine.all(sessionId)) {
      const model = modelOf.get(one.line_id) ?? '';
      found.set(model, [...(found.get(model) ?? []), one]);
    }
    return [...found].map(([model, counts]) => {
      const lineIds = JSON.stringify(counts.map((one) => one.line_id));
      const runs = counts.length === 1 ? counts[0]?.runs : runsOfLines.get(sessionId, lineIds);
      return { model, runs: runs ?? 0 };
    });
  };
  // One read transaction: what is booked in between is in all parts of an answer or in none.
  const atOnce = <T>(read: () => T): T => db.transaction(read)();

  return {
    usageByDay: ({ bounds }) =>
      atOnce(() => {
        const lines = readLines();
        const first = new Map<string, number>();
        const standIn = new Map<number, number>();
        for (const { lineId, model, source, currency } of lines) {
          const key = JSON.stringify([model, source, currency]);
          if (!first.has(key)) first.set(key, lineId);
          standIn.set(lineId, first.get(key) ?? lineId);
        }
        const byDay = bounds.slice(1).map((toMs, index) => sumsBetween(bounds[index] ?? toMs, toMs));
        return {
          lines,
          days: byDay.map((day) =>
            merge(day.map((one) => ({ ...one, lineId: standIn.get(one.lineId) ?? one.lineId }))),
          ),
          sums: merge(byDay.flat()),
        };
      }),
    usageBetween: ({ fromMs, toMs }) => atOnce(() => ({ lines: readLines(), sums: sumsBetween(fromMs, toMs) })),
    usageOfSession: ({ sessionId }) =>
      atOnce(() => ({
        lines: readLines(),
        sums: ofSession.all(sessionId).map(toSums),
        open: openOfSession.all(sessionId).map((draft) => JSON.parse(draft) as UsageCall),
        runs: runsByModel(sessionId),
      })),
    usageOfRuns: ({ runIds }) =>
      atOnce(() => ({
        lines: readLines(),
        runs: runIds.map((runId) => ({ runId, sums: sumsOfRun.all(runId).map(toSums) })),
      })),
    usageOfRun: ({ sessionId, runId, limit }) =>
      atOnce(() => ({
        booked: ofRun.all(sessionId, runId, limit).map(toCall),
        open: openOfRun.all(runId).map((draft) => JSON.parse(draft) as UsageCall),
      })),
    usageOfClient: ({ clientId, fromMs, toMs }) =>
      atOnce(() => ({ lines: readLines(), sums: ofClient.all(clientId, fromMs, toMs).map(toSums) })),
    usageCalls: ({ limit, beforeNumber }) => newest.all(beforeNumber ?? Number.MAX_SAFE_INTEGER, limit).map(toCall),
    usageCallsBetween: ({ after, toMs, limit }) =>
      between.all(after.startedAtMs, after.number, toMs, limit).map(toCall),
  };
}

/** One sum a line. */
function merge(all: readonly UsageSums[]): UsageSums[] {
  const byLine = new Map<number, UsageSums>();
  for (const sums of all) {
    const known = byLine.get(sums.lineId);
    byLine.set(sums.lineId, known === undefined ? sums : addSums(known, sums));
  }
  return [...byLine.values()];
}

/** Both together; they are of the same line or of lines that are summed. */
export function addSums(a: UsageSums, b: UsageSums): UsageSums {
  return {
    lineId: a.lineId,
    requests: a.requests + b.requests,
    refused: a.refused + b.refused,
    unpriced: a.unpriced + b.unpriced,
    inputCalls: a.inputCalls + b.inputCalls,
    inputTokens: a.inputTokens + b.inputTokens,
    outputCalls: a.outputCalls + b.outputCalls,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadCalls: a.cacheReadCalls + b.cacheReadCalls,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheReadInputTokens: a.cacheReadInputTokens + b.cacheReadInputTokens,
    cacheWriteCalls: a.cacheWriteCalls + b.cacheWriteCalls,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    reasoningCalls: a.reasoningCalls + b.reasoningCalls,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    costPicos: a.costPicos + b.costPicos,
  };
}
