import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UsageCall, UsageSummary } from '#contract/usage-report';
import { dataPaths } from '../src-main/platform/paths.ts';
import { startCore } from './core-process.ts';
import { median, percentile, round } from './processes.ts';
import { seedStore } from './seed.ts';

// The usage page over a ledger of a million calls, as a caller over HTTP sees it. The floor is the same question to a core
// whose ledger is empty. What booking a call takes is measured while the ledger is filled.

const CALLS = Number(process.env['BENCH_CALLS'] ?? 1_000_000);
const DAYS = 90;
const SESSIONS = 1000;
const A_TRANSACTION = 2000;
const TIMES = 30;
const GOAL_MS = 50;
const DAY_MS = 86_400_000;

/** The same numbers each time. */
let state = 11;
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() ** 2 * list.length)] as T;

const MODELS = ['claude-sonnet-4-5', 'gpt-5', 'gpt-5-mini', 'claude-haiku-4-5', 'qwen3', 'local'];
const KEYS = ['Work', 'Team spare', 'Research grant', 'Personal'];
const startMs = Date.now() - DAYS * DAY_MS;

function callOf(index: number): UsageCall {
  const model = pick(MODELS);
  const key = pick(KEYS);
  const input = Math.floor(random() * 20_000);
  const output = Math.floor(random() * 900);
  const isReported = random() > 0.03;
  const isPriced = model !== 'local';
  const startedAtMs = startMs + Math.floor((index / CALLS) * DAYS * DAY_MS);
  return {
    id: `c${index}`,
    runId: `r${index}`,
    sessionId: `s${index % SESSIONS}`,
    profile: 'p',
    model,
    credentialId: key,
    credentialLabel: key,
    caller: index % 40 === 0 ? 'middleware' : 'lead_agent',
    purpose: index % 40 === 0 ? 'summary' : 'chat',
    outcome: isReported ? 'completed' : 'stopped',
    billable: true,
    source: isReported ? 'provider' : 'estimate',
    inputSource: 'provider',
    outputSource: isReported ? 'provider' : 'estimate',
    inputTokens: input,
    outputTokens: output,
    cacheReadTokens: Math.floor(input * random()),
    cacheWriteTokens: null,
    cacheWrite5mTokens: null,
    cacheWrite1hTokens: null,
    reasoningTokens: null,
    price: isPriced ? { currency: 'USD', from: 'list', entry: model, tiers: [] } : null,
    costPicos: isPriced ? String(input * 3_000_000 + output * 15_000_000) : null,
    startedAtMs,
    endedAtMs: startedAtMs + 4000,
  };
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const emptyDir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const byHand = { requests: 0, picos: 0n };
const fillStartMs = performance.now();
await seedStore(dir, async (store) => {
  for (let from = 0; from < CALLS; from += A_TRANSACTION) {
    const calls = Array.from({ length: Math.min(A_TRANSACTION, CALLS - from) }, (_, at) => callOf(from + at));
    for (const call of calls) byHand.picos += BigInt(call.costPicos ?? 0);
    byHand.requests += calls.length;
    await store.committer.commit(() => store.usage.book(calls));
  }
  await store.committer.commit(() => {
    for (const [id, period] of [
      ['b1', 'day'],
      ['b2', 'month'],
    ] as const) {
      store.usage.saveBudget({ id, period, currency: 'USD', limit: '9000', warnShare: 0.8, stops: true }, 0);
    }
  });
});
const fillMs = performance.now() - fillStartMs;
const rollups = { rows: 0 };
await seedStore(dir, (store) => {
  rollups.rows = store.db.prepare('select count(*) from usage_rollups').pluck().get() as number;
  return Promise.resolve();
});
const core = await startCore(dir);
const empty = await startCore(emptyDir);

const month = new Date(startMs + (DAYS - 20) * DAY_MS).toISOString().slice(0, 7);
const QUESTIONS: Record<string, [route: string, input: unknown]> = {
  'the month’s page': ['usage.summary', { month }],
  'the last 30 days': ['usage.summary', { days: 30 }],
  'the last 30 days, a zone of quarter hours': ['usage.summary', { days: 30, timeZone: 'Asia/Kathmandu' }],
  'all 90 days': ['usage.summary', { days: DAYS }],
  budgets: ['usage.budgets', {}],
  'the newest 100 calls': ['usage.calls', { limit: 100 }],
  '100 calls from the middle': ['usage.calls', { limit: 100, cursor: String(Math.floor(CALLS / 2)) }],
  'one conversation': ['usage.session', { sessionId: 's7' }],
};

async function timed(asked: typeof core, route: string, input: unknown): Promise<number> {
  const beginMs = performance.now();
  await asked.call(route, input);
  return performance.now() - beginMs;
}

const figures = (all: readonly number[]) => ({
  median: round(median(all)),
  p95: round(percentile(all, 0.95)),
  max: round(Math.max(...all)),
});

try {
  const measured: Record<string, { own: number[]; floor: number[] }> = {};
  for (const [name, [route, input]] of Object.entries(QUESTIONS)) {
    await timed(core, route, input);
    await timed(empty, route, input);
    measured[name] = { own: [], floor: [] };
  }
  await core.ask('reset');
  for (let time = 0; time < TIMES; time++) {
    for (const [name, [route, input]] of Object.entries(QUESTIONS)) {
      measured[name]?.own.push(await timed(core, route, input));
      measured[name]?.floor.push(await timed(empty, route, input));
    }
  }
  const { loopP99Ms, loopMaxMs } = await core.ask('report');
  const whole = await core.call<UsageSummary>('usage.summary', { days: DAYS + 2 });
  const shown = Math.round(Number(whole.totals.cost.amounts[0]?.amount) * 100);
  const owed = Number(byHand.picos / 10n ** 10n);
  process.stdout.write(
    `${JSON.stringify({
      name: 'usage',
      calls: CALLS,
      days: DAYS,
      times: TIMES,
      goals: { pageMs: GOAL_MS },
      fill: {
        seconds: round(fillMs / 1000, 1),
        bookingUs: round((fillMs / CALLS) * 1000, 1),
        storeMb: Math.round(statSync(dataPaths(dir).database).size / 1e6),
        rollupRows: rollups.rows,
      },
      questionsMs: Object.fromEntries(
        Object.entries(measured).map(([name, { own, floor }]) => [
          name,
          { ...figures(own), floor: figures(floor), met: (median(own) ?? GOAL_MS + 1) <= GOAL_MS },
        ]),
      ),
      mainLoop: { loopP99Ms, loopMaxMs },
      sum: {
        requests: whole.totals.requests,
        equal: whole.totals.requests === byHand.requests && Math.abs(shown - owed) <= 1,
      },
    })}\n`,
  );
} finally {
  await core.stop();
  await empty.stop();
  rmSync(dir, { recursive: true, force: true });
  rmSync(emptyDir, { recursive: true, force: true });
}
