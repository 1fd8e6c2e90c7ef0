import { once } from 'node:events';
import { Pool } from 'undici';
import { median, percentile, round, startAnnounced } from './processes.ts';
import { startRelayCore } from './relay-core.ts';

// The model endpoints, in four processes on the machine's cores: an upstream that answers at once, a minimal pass-through of
// `node:http` (the floor), the core with keys, permits and the ledger on, and this one, which asks. Each figure is taken
// from the upstream itself (direct), through the floor and through the core, taking turns, once the code of all is warm.
// BENCH_PAIRS chooses pairs.

const GOALS = {
  addedP50Ms: 0.4,
  addedP99Ms: 1.5,
  requestsOfDirect: 0.25,
  cpuMsPerRequest: 0.15,
  addedFirstTokenMs: 0.8,
  tokensOfDirect: 0.5,
  memoryGrowthMb: 60,
};
const ROUNDS = 5;
/** V8 takes some ten thousand requests until the code of any of the three ways is as fast as it gets. */
const WARM_UP = 12_000;
/** Each pair has code of its own besides. */
const PAIR_WARM_UP = 3000;

const upstream = await startAnnounced<{ url: string }>(['bench/relay-upstream.ts']);
const floor = await startAnnounced<{ url: string }>(['bench/relay-floor.ts'], { BENCH_UPSTREAM: upstream.hello.url });
const relay = await startRelayCore(upstream.hello.url);
const { core } = relay;

interface Way {
  pool: Pool;
  cpuMs(): Promise<number>;
}

async function cpuOf(child: typeof floor.child): Promise<number> {
  const answered = once(child, 'message') as Promise<[{ cpuMs: number }]>;
  child.send('report');
  return (await answered)[0].cpuMs;
}

const poolTo = (url: string) => new Pool(url, { connections: 64, pipelining: 1 });
const ways: Record<'direct' | 'floor' | 'ours', Way> = {
  direct: { pool: poolTo(upstream.hello.url), cpuMs: async () => 0 },
  floor: { pool: poolTo(floor.hello.url), cpuMs: () => cpuOf(floor.child) },
  ours: { pool: poolTo(core.url), cpuMs: async () => (await core.ask('report')).cpuMs },
};
type WayName = keyof typeof ways;
const NAMES: WayName[] = ['direct', 'floor', 'ours'];

const PAIRS = {
  'openai → openai': { path: '/v1/chat/completions', profile: 'openai' },
  'anthropic → anthropic': { path: '/v1/messages', profile: 'anthropic' },
  'openai → anthropic': { path: '/v1/chat/completions', profile: 'anthropic' },
  'anthropic → openai': { path: '/v1/messages', profile: 'openai' },
} as const;
type Pair = (typeof PAIRS)[keyof typeof PAIRS];

const system = 'You are a careful assistant that answers in few words. '.repeat(8);

function request(pair: Pair, stream: string | null): { path: string; body: string } {
  const body = {
    model: `${pair.profile}/${stream ?? 'm'}`,
    max_tokens: 1000,
    messages: [{ role: 'user', content: `${system}What is the capital of France?` }],
    ...(stream === null ? {} : { stream: true }),
  };
  return { path: pair.path, body: JSON.stringify(body) };
}

const { headers } = relay;

async function askOnce(way: Way, { path, body }: { path: string; body: string }): Promise<void> {
  const answer = await way.pool.request({ method: 'POST', path, headers, body });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${text.slice(0, 300)}`);
}

async function plain(way: Way, pair: Pair, atOnce: number, count: number) {
  const asked = request(pair, null);
  const latencies: number[] = [];
  let left = count;
  const cpuBefore = await way.cpuMs();
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) {
        const fromMs = performance.now();
        await askOnce(way, asked);
        latencies.push(performance.now() - fromMs);
      }
    }),
  );
  const tookMs = performance.now() - startMs;
  return {
    p50: median(latencies) ?? 0,
    p99: percentile(latencies, 0.99) ?? 0,
    perSecond: (count * 1000) / tookMs,
    cpuMs: ((await way.cpuMs()) - cpuBefore) / count,
  };
}

async function streams(way: Way, pair: Pair, plan: string, atOnce: number, tokens: number) {
  const asked = request(pair, plan);
  const first: number[] = [];
  const delays: number[] = [];
  const cpuBefore = await way.cpuMs();
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const fromMs = performance.now();
      const { statusCode, body } = await way.pool.request({
        method: 'POST',
        path: asked.path,
        headers,
        body: asked.body,
      });
      if (statusCode !== 200) throw new Error(`${statusCode}: ${await body.text()}`);
      let seen = 0;
      let carry = '';
      for await (const chunk of body) {
        const text = carry + String(chunk);
        carry = text.slice(text.lastIndexOf('\n') + 1);
        const nowMs = performance.timeOrigin + performance.now();
        for (const [, at] of text.slice(0, text.length - carry.length).matchAll(/@(\d+\.\d+)\|/g)) {
          if (seen++ === 0) first.push(performance.now() - fromMs);
          delays.push(nowMs - Number(at));
        }
      }
      if (seen === 0) throw new Error('no token arrived');
    }),
  );
  const tookMs = performance.now() - startMs;
  const cpuMs = (await way.cpuMs()) - cpuBefore;
  return {
    perSecond: (tokens * atOnce * 1000) / tookMs,
    first: median(first) ?? 0,
    delayP50: median(delays) ?? 0,
    delayP99: percentile(delays, 0.99) ?? 0,
    cpuUsPerToken: (cpuMs * 1000) / (tokens * atOnce),
  };
}

/** Medians of a few rounds, in which the three ways take turns. */
async function rounds<T extends Record<string, number>>(one: (way: Way) => Promise<T>, count = ROUNDS) {
  const all = { direct: [] as T[], floor: [] as T[], ours: [] as T[] };
  for (let index = 0; index < count; index++) for (const name of NAMES) all[name].push(await one(ways[name]));
  const middle = (list: T[]) =>
    Object.fromEntries(
      Object.keys(list[0] ?? {}).map((field) => [field, median(list.map((each) => each[field] ?? 0)) ?? 0]),
    ) as T;
  return { direct: middle(all.direct), floor: middle(all.floor), ours: middle(all.ours) };
}

const figures: Record<string, unknown> = {};
const chosen = (process.env['BENCH_PAIRS'] ?? Object.keys(PAIRS).join(',')).split(',');

try {
  const warm = PAIRS['openai → openai'];
  for (const name of NAMES) await plain(ways[name], warm, 16, 1000);
  // Memory is counted from here, so that what the warm-up takes is in it.
  const before = await core.ask('gc');
  for (const name of NAMES) await plain(ways[name], warm, 64, WARM_UP);
  for (const [name, pair] of Object.entries(PAIRS)) {
    if (!chosen.includes(name)) continue;
    for (const each of NAMES) {
      await plain(ways[each], pair, 16, PAIR_WARM_UP);
      await streams(ways[each], pair, 'fast:3000', 16, 3000);
    }
    const single = await rounds((way) => plain(way, pair, 1, 250));
    const many: Record<string, unknown> = {};
    for (const atOnce of [16, 64]) {
      const { direct, floor: least, ours } = await rounds((way) => plain(way, pair, atOnce, 1500), 3);
      many[`c${atOnce}`] = {
        requestsPerSecond: {
          direct: round(direct.perSecond, 0),
          floor: round(least.perSecond, 0),
          ours: round(ours.perSecond, 0),
        },
        ofDirect: { floor: round(least.perSecond / direct.perSecond), ours: round(ours.perSecond / direct.perSecond) },
        cpuMsPerRequest: { floor: round(least.cpuMs, 3), ours: round(ours.cpuMs, 3) },
      };
    }
    const flows: Record<string, unknown> = {};
    for (const atOnce of [1, 16]) {
      const fast = await rounds((way) => streams(way, pair, 'fast:3000', atOnce, 3000), 3);
      const paced = await rounds((way) => streams(way, pair, 'paced:100:30', atOnce, 30));
      flows[`c${atOnce}`] = {
        tokensPerSecond: {
          direct: round(fast.direct.perSecond, 0),
          floor: round(fast.floor.perSecond, 0),
          ours: round(fast.ours.perSecond, 0),
        },
        ofDirect: {
          floor: round(fast.floor.perSecond / fast.direct.perSecond),
          ours: round(fast.ours.perSecond / fast.direct.perSecond),
        },
        cpuUsPerToken: { floor: round(fast.floor.cpuUsPerToken), ours: round(fast.ours.cpuUsPerToken) },
        pacedFirstTokenAddedMs: {
          floor: round(paced.floor.first - paced.direct.first),
          ours: round(paced.ours.first - paced.direct.first),
        },
        pacedDelayP99Ms: {
          direct: round(paced.direct.delayP99),
          floor: round(paced.floor.delayP99),
          ours: round(paced.ours.delayP99),
        },
      };
    }
    figures[name] = {
      c1: {
        p50Ms: {
          direct: round(single.direct.p50, 3),
          floor: round(single.floor.p50, 3),
          ours: round(single.ours.p50, 3),
        },
        addedP50Ms: {
          floor: round(single.floor.p50 - single.direct.p50, 3),
          ours: round(single.ours.p50 - single.direct.p50, 3),
        },
        addedP99Ms: {
          floor: round(single.floor.p99 - single.direct.p99, 3),
          ours: round(single.ours.p99 - single.direct.p99, 3),
        },
      },
      plain: many,
      streams: flows,
    };
  }
  const after = await core.ask('gc');
  const memory: Record<string, unknown> = {
    rssMb: { before: round(before.rssMb), after: round(after.rssMb) },
    heapMb: { before: round(before.heapMb), after: round(after.heapMb) },
  };
  process.stdout.write(JSON.stringify({ goals: GOALS, figures, memory }));
} finally {
  await Promise.all(NAMES.map((name) => ways[name].pool.destroy()));
  await relay.stop();
  await floor.stop();
  await upstream.stop();
}
