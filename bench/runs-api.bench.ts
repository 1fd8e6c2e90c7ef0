import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../src-main/platform/clock.ts';
import { dataPaths } from '../src-main/platform/paths.ts';
import { openStore } from '../src-main/store/store.ts';
import { median, percentile, round, startAnnounced } from './processes.ts';

// The runs API as programs meet it: many readers of one run, many runs at once, and pages of a thread with a long past. The
// core is a process of its own, and so is the upstream; the programs are this one. The floor of a page is `/api/ok`.

const SUBSCRIBERS = Number(process.env['BENCH_SUBSCRIBERS'] ?? 1000);
const RUNS = Number(process.env['BENCH_RUNS'] ?? 200);
const PAST_RUNS = 10_000;
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 1_000_000);
const STAMP = /@(\d+(?:\.\d+)?)\|/g;
const HEADERS = { authorization: 'Bearer bench', 'content-type': 'application/json' };

interface HostReport {
  loopP99Ms: number;
  loopMaxMs: number;
  heapMb: number;
  externalMb: number;
  rssMb: number;
}

const now = () => performance.timeOrigin + performance.now();

/** A thread of ten thousand answered messages, and one run with most of the events of the store. */
function seed(dir: string): void {
  const store = openStore(dataPaths(dir), { clock: systemClock });
  const { db } = store;
  db.exec(`
    begin;
    insert into sessions (id, title, created_at_ms, updated_at_ms, message_count, last_seq) values ('past', 'past', 1, 1, ${PAST_RUNS * 2}, ${EVENTS});
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${PAST_RUNS})
    insert into runs (id, session_id, status, profile, model, queue_id, options, usage, created_at_ms, started_at_ms, ended_at_ms, first_human_message)
    select printf('run-%06d', i), 'past', 'success', 'demo', 'm' || (i % 5), 'q' || i, '{"profile":"demo","model":null,"instructions":null,"reasoningEffort":null}',
      json_object('input_tokens', i, 'output_tokens', 1, 'total_tokens', i + 1), i, i, i + 1, 'question ' || i from n;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${PAST_RUNS * 2})
    insert into messages (id, session_id, run_id, position, role, content, status, created_at_ms)
    select 'm' || i, 'past', printf('run-%06d', (i + 1) / 2), i, case i % 2 when 1 then 'user' else 'assistant' end, 'message ' || i, 'final', i from n;
    insert into usage_lines (id, profile, model, credential_id, credential_label, caller, purpose, source, currency)
    values (1, 'demo', 'm0', '', '', 'lead_agent', 'chat', 'provider', ''), (2, 'demo', 'm1', '', '', 'lead_agent', 'chat', 'estimate', '');
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${PAST_RUNS})
    insert into usage_calls (id, run_id, session_id, line_id, outcome, billable, input_tokens, output_tokens, started_at_ms, ended_at_ms)
    select 'c' || i, printf('run-%06d', i), 'past', 1 + i % 2, 'completed', 1, i, 1, i, i + 1 from n;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${EVENTS})
    insert into run_events (session_id, seq, run_id, event, payload, at_ms)
    select 'past', i, case when i <= 100000 then printf('run-%06d', i % ${PAST_RUNS} + 1) else 'run-000001' end, 'message.delta',
      json_object('event', 'message.delta', 'run_id', 'run-000001', 'message_id', 'm2', 'timestamp', 1, 'delta', 'word ' || i), i from n;
    commit;`);
  store.close();
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
seed(dir);
const fake = await startAnnounced<{ url: string }>(['e2e/fake-upstream/main.ts', '--port', '0']);
const host = await startAnnounced<{ url: string }>(['--expose-gc', 'bench/core-host.ts'], { SLUICE_DATA_DIR: dir });
const base = host.hello.url;

async function ask(what: 'gc' | 'reset' | 'report'): Promise<HostReport> {
  host.child.send(what);
  return ((await once(host.child, 'message')) as [HostReport])[0];
}

async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${base}${path}`, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

async function paced(tokensPerSecond: number, seconds: number): Promise<void> {
  const steps = [{ do: 'paced', tokensPerSecond, seconds, stamped: true }];
  await fetch(`${fake.hello.url}/__fake/default`, { method: 'POST', headers: HEADERS, body: JSON.stringify(steps) });
}

const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

interface Heard {
  delays: number[];
  messages: number;
  isEnded: boolean;
}

/** One event stream, read to its end. */
function subscribe(path: string): { opened: Promise<void>; ended: Promise<Heard> } {
  const opened = Promise.withResolvers<void>();
  const ended = new Promise<Heard>((resolve, reject) => {
    const heard: Heard = { delays: [], messages: 0, isEnded: false };
    const request = get(`${base}${path}`, { agent, headers: HEADERS }, (response) => {
      opened.resolve();
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        const at = now();
        heard.messages += text.split('event: messages\n').length - 1;
        heard.isEnded ||= text.includes('event: end\n');
        // The newest part of a frame: earlier ones of the same frame waited for it on purpose.
        const stamps = Array.from(text.matchAll(STAMP), (match) => Number(match[1]));
        const last = stamps.at(-1);
        if (last !== undefined) heard.delays.push(at - last);
      });
      response.on('end', () => resolve(heard));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
  return { opened: opened.promise, ended };
}

async function subscribers(count: number) {
  const seconds = 20;
  await paced(5, seconds);
  const before = await ask('gc');
  const run = await post('/api/threads/watched/runs', {
    assistant_id: 'fake',
    multitask_strategy: 'enqueue',
    input: { messages: `to ${count}` },
  });
  const path = `/api/threads/watched/runs/${String(run['run_id'])}/stream?stream_mode=messages-tuple`;
  const all = Array.from({ length: count }, () => subscribe(path));
  await Promise.all(all.map(({ opened }) => opened));
  await ask('reset');
  const heard = await Promise.all(all.map(({ ended }) => ended));
  const during = await ask('report');
  await sleep(1000);
  const after = await ask('gc');
  const most = Math.max(...heard.map((one) => one.messages));
  const steady = heard.flatMap((one) => one.delays.slice(-Math.floor(5 * (seconds - 8))));
  return {
    subscribers: count,
    events: most,
    complete: heard.filter((one) => one.isEnded && one.messages === most).length,
    delayP50Ms: round(percentile(steady, 0.5)),
    delayP99Ms: round(percentile(steady, 0.99)),
    loopP99Ms: round(during.loopP99Ms),
    heapGrowthMb: round(after.heapMb + after.externalMb - before.heapMb - before.externalMb),
  };
}

async function manyRuns(count: number) {
  await paced(50, 15);
  await ask('gc');
  await sleep(500);
  await ask('reset');
  await sleep(2000);
  const idle = await ask('report');
  const paths: string[] = [];
  for (let index = 0; index < count; index++) {
    const run = await post(`/api/threads/many-${index}/runs`, {
      assistant_id: 'fake',
      input: { messages: `run ${index}` },
    });
    paths.push(`/api/threads/many-${index}/runs/${String(run['run_id'])}/stream?stream_mode=messages-tuple`);
  }
  const all = paths.map(subscribe);
  await Promise.all(all.map(({ opened }) => opened));
  await ask('reset');
  await sleep(8000);
  const busy = await ask('report');
  const heard = await Promise.all(all.map(({ ended }) => ended));
  return {
    runs: count,
    complete: heard.filter((one) => one.isEnded).length,
    loopP99Ms: round(busy.loopP99Ms - idle.loopP99Ms),
    loopMaxMs: round(busy.loopMaxMs),
    idleLoopP99Ms: round(idle.loopP99Ms),
  };
}

async function page(path: string): Promise<number | null> {
  const samples: number[] = [];
  for (let n = 0; n < 25; n++) {
    const startedMs = performance.now();
    const response = await fetch(`${base}${path}`, { headers: HEADERS });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    samples.push(performance.now() - startedMs);
  }
  return round(median(samples.slice(5)));
}

try {
  await post('/api/app/profiles.create', {
    name: 'fake',
    kind: 'openai-chat',
    baseUrl: fake.hello.url,
    defaultModel: 'm',
  });
  const past = '/api/threads/past';
  const events = `${past}/runs/run-000001/events?limit=200`;
  const pages = {
    floorMs: await page('/api/ok'),
    listMs: await page(`${past}/runs?limit=100`),
    listDeepMs: await page(`${past}/runs?limit=100&cursor=5000_run-005000`),
    messagesMs: await page(`${past}/messages?limit=200`),
    tokenUsageMs: await page(`${past}/token-usage`),
    eventsFirstMs: await page(events),
    eventsMiddleMs: await page(`${events}&after_seq=${EVENTS / 2}`),
    eventsLastMs: await page(`${events}&before_seq=${EVENTS}`),
  };
  const one = await subscribers(1);
  const watched = await subscribers(SUBSCRIBERS);
  const many = await manyRuns(RUNS);
  const within = (value: number | null, most: number) => value !== null && value <= most;
  const goals = {
    'a page of a thread of 10,000 runs ≤ 20 ms': [
      pages.listMs,
      pages.listDeepMs,
      pages.messagesMs,
      pages.tokenUsageMs,
    ].every((ms) => within(ms, 20)),
    'a page of 1,000,000 events ≤ 10 ms': [pages.eventsFirstMs, pages.eventsMiddleMs, pages.eventsLastMs].every((ms) =>
      within(ms, 10),
    ),
    '1,000 subscribers get everything': watched.complete === watched.subscribers,
    '1,000 subscribers p99 ≤ 50 ms': within(watched.delayP99Ms, 50),
    'memory flat after they leave (≤ 10 MB)': within(watched.heapGrowthMb, 10),
    '200 runs: loop delay p99 ≤ 20 ms above idle': within(many.loopP99Ms, 20),
  };
  process.stdout.write(`${JSON.stringify({ pages, floor: one, watched, many, met: goals }, null, 2)}\n`);
} finally {
  await host.stop();
  await fake.stop();
  rmSync(dir, { recursive: true, force: true });
}
