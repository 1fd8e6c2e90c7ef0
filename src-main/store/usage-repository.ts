import type { Budget, ModelOverride, PriceSnapshot, UsageCall } from '#contract/usage-report';
import type { SqliteDatabase } from './database.ts';

/**
 * The spans of UTC that sums are kept for, each a whole number of the one before. Every zone in use is a whole number of
 * quarter hours away from UTC, so any zone's days are made of whole spans, mostly of nine instead of 96.
 */
export const ROLLUP_SPANS_MS = [900_000, 3_600_000, 21_600_000] as const;

/** SQLite's largest integer; a cost beyond it is no cost but a slip in a price table. */
const MOST_PICOS = 2n ** 62n;

function picos(digits: string | null): bigint | null {
  if (digits === null) return null;
  const value = BigInt(digits);
  return value <= MOST_PICOS ? value : null;
}

interface OpenRow {
  draft: string;
}

interface BudgetRow {
  id: string;
  period: Budget['period'];
  currency: string;
  limit_text: string;
  warn_share: number;
  stops: number;
}

interface OverrideRow {
  id: string;
  profile: string | null;
  model: string;
  currency: string;
  input: string | null;
  output: string | null;
  cache_read: string | null;
  cache_write: string | null;
  cache_write_1h: string | null;
  context_tokens: number | null;
}

/** Figures of a conversation; null is unknown. One estimated call makes the sums estimates. */
export interface SessionTokens {
  inputTokens: number | null;
  outputTokens: number | null;
  contextTokens: number | null;
  source: 'provider' | 'estimate';
}

/** What a rollup adds up, by column. */
export const ROLLUP_SUMS = [
  'requests',
  'refused',
  'unpriced',
  'input_calls',
  'input_tokens',
  'output_calls',
  'output_tokens',
  'cache_read_calls',
  'cache_read_tokens',
  'cache_read_input_tokens',
  'cache_write_calls',
  'cache_write_tokens',
  'reasoning_calls',
  'reasoning_tokens',
  'cost_picos',
] as const;

/** In the order of their columns; the cost, which may be beyond a double, comes last. */
type RollupSums = Record<Exclude<(typeof ROLLUP_SUMS)[number], 'cost_picos'>, number> & { cost_picos: bigint };

function noSums(): RollupSums {
  return {
    requests: 0,
    refused: 0,
    unpriced: 0,
    input_calls: 0,
    input_tokens: 0,
    output_calls: 0,
    output_tokens: 0,
    cache_read_calls: 0,
    cache_read_tokens: 0,
    cache_read_input_tokens: 0,
    cache_write_calls: 0,
    cache_write_tokens: 0,
    reasoning_calls: 0,
    reasoning_tokens: 0,
    cost_picos: 0n,
  };
}

function addCall(sums: RollupSums, call: UsageCall, cost: bigint | null): void {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = call;
  sums.requests++;
  if (call.outcome === 'refused') sums.refused++;
  if (call.billable && cost === null) sums.unpriced++;
  if (inputTokens !== null) sums.input_calls++;
  sums.input_tokens += inputTokens ?? 0;
  if (outputTokens !== null) sums.output_calls++;
  sums.output_tokens += outputTokens ?? 0;
  if (cacheReadTokens !== null) {
    sums.cache_read_calls++;
    sums.cache_read_tokens += cacheReadTokens;
    sums.cache_read_input_tokens += inputTokens ?? 0;
  }
  if (cacheWriteTokens !== null) sums.cache_write_calls++;
  sums.cache_write_tokens += cacheWriteTokens ?? 0;
  if (reasoningTokens !== null) sums.reasoning_calls++;
  sums.reasoning_tokens += reasoningTokens ?? 0;
  if (cost !== null) sums.cost_picos += cost;
}

/** What makes a line, as one text. */
function lineKey(call: UsageCall): string {
  const { profile, model, credentialId, credentialLabel, caller, purpose, source, price } = call;
  return JSON.stringify([profile, model, credentialId, credentialLabel, caller, purpose, source, price?.currency]);
}

function known<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

export type UsageRepository = ReturnType<typeof createUsageRepository>;

/**
 * The ledger. A call is opened before it leaves and booked once, whatever ends it: booking moves it from the open calls to
 * the ledger and adds it to the sums, in the caller's transaction. Writes belong inside a `Committer` entry.
 */
export function createUsageRepository(db: SqliteDatabase) {
  const open = db.prepare<[string, string | null, string | null, string]>(`
    insert into usage_open_calls (id, run_id, session_id, draft) values (?, ?, ?, ?)
    on conflict (id) do update set draft = excluded.draft`);
  const close = db.prepare<[string]>('delete from usage_open_calls where id = ?');
  const openOfRun = db.prepare<[string], OpenRow>(
    "select draft from usage_open_calls where run_id = ? and json_extract(draft, '$.purpose') = 'chat' order by id",
  );
  const openOfSession = db.prepare<[string], OpenRow>(
    'select draft from usage_open_calls where session_id = ? order by id',
  );
  const openOfNobody = db.prepare<[], OpenRow>(`
    select draft from usage_open_calls o where json_extract(draft, '$.purpose') <> 'chat' or not (
      exists (select 1 from runs r where r.id = o.run_id and r.status in ('pending', 'running', 'cancelling'))
      or exists (select 1 from upstream_follow_ups f where f.run_id = o.run_id)) order by id`);
  const ofSession = db.prepare<[string], { input: number | null; output: number | null; estimated: number | null }>(`
    select sum(input_tokens) as input, sum(output_tokens) as output, sum(l.source <> 'provider') as estimated
    from usage_calls c join usage_lines l on l.id = c.line_id where c.session_id = ?`);
  // An agent asks its model several times for one answer: what it reports of them is no context.
  const newestOfSession = db.prepare<[string], { tokens: number | null }>(`
    select c.input_tokens + c.output_tokens - coalesce(c.reasoning_tokens, 0) as tokens
    from usage_calls c join usage_lines l on l.id = c.line_id left join runs r on r.id = c.run_id
    where c.session_id = ? and l.purpose = 'chat' and r.upstream_run_id is null
    order by c.number desc limit 1`);
  const findPrice = db.prepare<[string], number>('select id from usage_prices where snapshot = ?').pluck();
  const addPrice = db.prepare<[string]>('insert into usage_prices (snapshot) values (?)');
  const lineFields = 'profile, model, credential_id, credential_label, caller, purpose, source, currency';
  const findLine = db
    .prepare<string[], number>(`select id from usage_lines where (${lineFields}) = (?, ?, ?, ?, ?, ?, ?, ?)`)
    .pluck();
  const addLine = db.prepare<string[]>(`insert into usage_lines (${lineFields}) values (?, ?, ?, ?, ?, ?, ?, ?)`);
  const insert = db.prepare<(string | number | bigint | null)[]>(`
    insert into usage_calls (id, run_id, session_id, client_id, line_id, price_id, outcome, billable, input_source, output_source,
      input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
      reasoning_tokens, cost_picos, started_at_ms, ended_at_ms)
    values (${Array.from({ length: 20 }, () => '?').join(', ')}) on conflict (id) do nothing`);
  const add = db.prepare<(number | bigint)[]>(`
    insert into usage_rollups (span_ms, bucket_ms, line_id, ${ROLLUP_SUMS.join(', ')})
    values (?, ?, ?, ${ROLLUP_SUMS.map(() => '?').join(', ')})
    on conflict (span_ms, bucket_ms, line_id) do update set
      ${ROLLUP_SUMS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`);
  const budgets = db.prepare<[], BudgetRow>('select * from usage_budgets order by created_at_ms, id');
  const saveBudget = db.prepare<[string, string, string, string, number, number, number]>(`
    insert into usage_budgets (id, period, currency, limit_text, warn_share, stops, created_at_ms)
    values (?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set period = excluded.period,
      currency = excluded.currency, limit_text = excluded.limit_text, warn_share = excluded.warn_share,
      stops = excluded.stops`);
  const removeBudget = db.prepare<[string]>('delete from usage_budgets where id = ?');
  const overrides = db.prepare<[], OverrideRow>('select * from model_overrides order by created_at_ms, id');
  const saveOverride = db.prepare<[OverrideRow & { created_at_ms: number }]>(`
    insert into model_overrides (id, profile, model, currency, input, output, cache_read, cache_write, cache_write_1h,
      context_tokens, created_at_ms)
    values (@id, @profile, @model, @currency, @input, @output, @cache_read, @cache_write, @cache_write_1h,
      @context_tokens, @created_at_ms)
    on conflict (id) do update set profile = excluded.profile, model = excluded.model, currency = excluded.currency,
      input = excluded.input, output = excluded.output, cache_read = excluded.cache_read,
      cache_write = excluded.cache_write, cache_write_1h = excluded.cache_write_1h,
      context_tokens = excluded.context_tokens`);
  const removeOverride = db.prepare<[string]>('delete from model_overrides where id = ?');

  // Looked up each time: an id that was remembered may have been taken back with its transaction.
  const lineIdOf = (call: UsageCall): number => {
    const fields = [
      call.profile,
      call.model ?? '',
      call.credentialId ?? '',
      call.credentialLabel ?? '',
      call.caller,
      call.purpose,
      call.source,
      call.price?.currency ?? '',
    ];
    return findLine.get(...fields) ?? Number(addLine.run(...fields).lastInsertRowid);
  };
  const priceIdOf = (price: PriceSnapshot | null): number | null => {
    if (price === null) return null;
    const text = JSON.stringify(price);
    return findPrice.get(text) ?? Number(addPrice.run(text).lastInsertRowid);
  };
  const drafts = (rows: OpenRow[]) => rows.map((row) => JSON.parse(row.draft) as UsageCall);

  /** @returns whether it was not booked before. */
  const insertOne = (call: UsageCall, lineId: number, priceId: number | null, cost: bigint | null): boolean =>
    insert.run(
      call.id,
      call.runId,
      call.sessionId,
      call.clientId ?? null,
      lineId,
      priceId,
      call.outcome,
      Number(call.billable),
      call.inputSource,
      call.outputSource,
      call.inputTokens,
      call.outputTokens,
      call.cacheReadTokens,
      call.cacheWriteTokens,
      call.cacheWrite5mTokens,
      call.cacheWrite1hTokens,
      call.reasoningTokens,
      cost,
      call.startedAtMs,
      call.endedAtMs,
    ).changes > 0;

  /** Calls that are booked together share their line, their price and their sums: each is looked up or written once. */
  const book = (calls: readonly UsageCall[]): void => {
    const lines = new Map<string, number>();
    const prices = new Map<PriceSnapshot | null, number | null>([[null, null]]);
    const sums = new Map<string, { lineId: number; bucketMs: number; sums: RollupSums }>();
    for (const call of calls) {
      close.run(call.id);
      const lineId = known(lines, lineKey(call), () => lineIdOf(call));
      const priceId = known(prices, call.price, () => priceIdOf(call.price));
      const cost = picos(call.costPicos);
      if (!insertOne(call, lineId, priceId, cost)) continue;
      const bucketMs = Math.floor(call.startedAtMs / ROLLUP_SPANS_MS[0]) * ROLLUP_SPANS_MS[0];
      const sum = known(sums, `${bucketMs} ${lineId}`, () => ({ lineId, bucketMs, sums: noSums() }));
      addCall(sum.sums, call, cost);
    }
    for (const { lineId, bucketMs, sums: figures } of sums.values()) {
      const { cost_picos: cost, ...counts } = figures;
      for (const spanMs of ROLLUP_SPANS_MS) {
        add.run(spanMs, Math.floor(bucketMs / spanMs) * spanMs, lineId, ...Object.values(counts), cost);
      }
    }
  };

  return {
    /** Writes down that a call is about to leave, as it would be booked if nothing more were ever heard of it. */
    open: (draft: UsageCall): void => void open.run(draft.id, draft.runId, draft.sessionId, JSON.stringify(draft)),
    /** Forgets calls that never left. */
    drop(ids: readonly string[]): void {
      for (const id of ids) close.run(id);
    },
    /** Books calls that have ended. One that is booked already stays as it is. */
    book,
    /** The open calls that make a run's answer, oldest first. */
    openOfRun: (runId: string): UsageCall[] => drafts(openOfRun.all(runId)),
    openOfSession: (sessionId: string): UsageCall[] => drafts(openOfSession.all(sessionId)),
    /** Open calls that no run and no follow-up will ever end: their process did. */
    openOfNobody: (): UsageCall[] => drafts(openOfNobody.all()),
    /** What a conversation has cost in tokens so far, and what its newest request and answer hold together. */
    sessionTokens(sessionId: string): SessionTokens {
      const sum = ofSession.get(sessionId);
      return {
        inputTokens: sum?.input ?? null,
        outputTokens: sum?.output ?? null,
        contextTokens: newestOfSession.get(sessionId)?.tokens ?? null,
        source: (sum?.estimated ?? 0) > 0 ? 'estimate' : 'provider',
      };
    },
    budgets: (): Budget[] =>
      budgets.all().map((row) => ({
        id: row.id,
        period: row.period,
        currency: row.currency,
        limit: row.limit_text,
        warnShare: row.warn_share,
        stops: row.stops === 1,
      })),
    saveBudget: (budget: Budget, atMs: number): void =>
      void saveBudget.run(
        budget.id,
        budget.period,
        budget.currency,
        budget.limit,
        budget.warnShare,
        Number(budget.stops),
        atMs,
      ),
    removeBudget: (id: string): boolean => removeBudget.run(id).changes > 0,
    overrides: (): ModelOverride[] =>
      overrides.all().map((row) => ({
        id: row.id,
        profile: row.profile,
        model: row.model,
        currency: row.currency,
        input: row.input,
        output: row.output,
        cacheRead: row.cache_read,
        cacheWrite: row.cache_write,
        cacheWrite1h: row.cache_write_1h,
        contextTokens: row.context_tokens,
      })),
    saveOverride: (entry: ModelOverride, atMs: number): void =>
      void saveOverride.run({
        id: entry.id,
        profile: entry.profile,
        model: entry.model,
        currency: entry.currency,
        input: entry.input,
        output: entry.output,
        cache_read: entry.cacheRead,
        cache_write: entry.cacheWrite,
        cache_write_1h: entry.cacheWrite1h,
        context_tokens: entry.contextTokens,
        created_at_ms: atMs,
      }),
    removeOverride: (id: string): boolean => removeOverride.run(id).changes > 0,
  };
}
