import { Pool } from 'undici';
import { type Announced, round, startAnnounced } from './processes.ts';
import { startRelayCore } from './relay-core.ts';

// Whether 200,000 requests of a program leave memory as it was: three of four plain, the fourth a stream, one of a hundred
// left in the middle. After each step the core collects and says what it holds. BENCH_REQUESTS changes the number, BENCH_AT_ONCE
// how many are under way; with BENCH_PLAIN none is a stream and none is left.

const REQUESTS = Number(process.env['BENCH_REQUESTS'] ?? 200_000);
const STEP = Math.min(20_000, REQUESTS);
const AT_ONCE = Number(process.env['BENCH_AT_ONCE'] ?? 32);
const IS_PLAIN = process.env['BENCH_PLAIN'] !== undefined;
const GOAL_GROWTH_MB = 60;

const upstream: Announced<{ url: string }> = await startAnnounced(['bench/relay-upstream.ts']);
const relay = await startRelayCore(upstream.hello.url);
const pool = new Pool(relay.core.url, { connections: AT_ONCE, pipelining: 1 });

function bodyOf(stream: string | null): string {
  return JSON.stringify({
    model: `openai/${stream ?? 'm'}`,
    max_tokens: 1000,
    messages: [{ role: 'user', content: 'You are a careful assistant that answers in few words. '.repeat(8) }],
    ...(stream === null ? {} : { stream: true }),
  });
}
const PLAIN = bodyOf(null);
const SHORT = bodyOf('fast:20');
const LONG = bodyOf('paced:200:2000');

async function ask(number: number): Promise<void> {
  const isLeft = !IS_PLAIN && number % 100 === 0;
  const answer = await pool.request({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: relay.headers,
    body: isLeft ? LONG : !IS_PLAIN && number % 4 === 0 ? SHORT : PLAIN,
  });
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${await answer.body.text()}`);
  if (!isLeft) {
    await answer.body.dump({ limit: 1024 * 1024 });
    return;
  }
  answer.body.on('error', () => undefined);
  answer.body.destroy();
}

let asked = 0;
async function askMany(count: number): Promise<void> {
  const until = asked + count;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (asked < until) await ask(++asked);
    }),
  );
}

async function held() {
  // What was left is booked, and connections are closed, a moment later.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await relay.core.ask('gc');
  const { heapMb, rssMb, externalMb } = await relay.core.ask('gc');
  return { heapMb, rssMb, externalMb };
}

try {
  await askMany(Math.min(5000, REQUESTS));
  const before = await held();
  const steps: Record<string, number | null>[] = [];
  let last = before;
  for (let done = 0; done < REQUESTS; done += STEP) {
    await askMany(STEP);
    last = await held();
    const { heapMb, rssMb, externalMb } = last;
    steps.push({ requests: done + STEP, heapMb: round(heapMb), externalMb: round(externalMb), rssMb: round(rssMb) });
  }
  const growthMb = last.rssMb - before.rssMb;
  process.stdout.write(
    JSON.stringify({
      warm: { heapMb: round(before.heapMb), externalMb: round(before.externalMb), rssMb: round(before.rssMb) },
      steps,
      growthMb: {
        heap: round(last.heapMb - before.heapMb),
        rss: round(growthMb),
        goal: GOAL_GROWTH_MB,
        met: growthMb <= GOAL_GROWTH_MB,
      },
    }),
  );
} finally {
  await pool.destroy();
  await relay.stop();
  await upstream.stop();
}
