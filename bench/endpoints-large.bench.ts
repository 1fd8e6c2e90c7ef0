import { once } from 'node:events';
import { Pool } from 'undici';
import { median, round, startAnnounced } from './processes.ts';
import { startRelayCore } from './relay-core.ts';

// Requests of the size that coding agents send: 50 KB with a dozen tools, beside the upstream itself and the minimal pass-through;
// conversations and pictures of 1 to 20 MB, and how long the core's loop stands still for them; and what the core holds of
// 50 requests of 1 MB while their answers go on. Each as its bytes pass through and translated.

const AGENT_ROUNDS = 5;
const HELD_STREAMS = 50;
const BIG_ROUNDS = 4;

const upstream = await startAnnounced<{ url: string }>(['bench/relay-upstream.ts']);
const floor = await startAnnounced<{ url: string }>(['bench/relay-floor.ts'], { BENCH_UPSTREAM: upstream.hello.url });
const relay = await startRelayCore(upstream.hello.url);
const { core, headers } = relay;

const poolTo = (url: string) => new Pool(url, { connections: 64, pipelining: 1 });
const pools = { direct: poolTo(upstream.hello.url), floor: poolTo(floor.hello.url), ours: poolTo(core.url) };
type WayName = keyof typeof pools;
const NAMES: WayName[] = ['direct', 'floor', 'ours'];
const PAIRS = { 'anthropic → anthropic': 'anthropic', 'anthropic → openai': 'openai' };

async function cpuMs(way: WayName): Promise<number> {
  if (way === 'direct') return 0;
  if (way === 'ours') return (await core.ask('report')).cpuMs;
  const answered = once(floor.child, 'message') as Promise<[{ cpuMs: number }]>;
  floor.child.send('report');
  return (await answered)[0].cpuMs;
}

async function ask(way: WayName, body: string): Promise<void> {
  const answer = await pools[way].request({ method: 'POST', path: '/v1/messages', headers, body });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${text.slice(0, 300)}`);
}

const text = (words: string) => ({ type: 'text', text: words });
/** One character of two bytes, as a long text of people always has some. */
const NOTES = 'What stands in the project’s own notes is to be remembered. ';

/** As a coding agent asks in the middle of its work. */
function agentRequest(model: string): string {
  const fields = Array.from({ length: 8 }, (_, at) => [
    `field_${at}`,
    { type: 'string', description: 'What is to be done with this field, in a sentence, so that the model knows.' },
  ]);
  const input_schema = { type: 'object', properties: Object.fromEntries(fields) as object, required: ['field_0'] };
  const description = 'Runs a command in a shell and gives back what it printed. '.repeat(36);
  return JSON.stringify({
    model,
    max_tokens: 32_000,
    system: [text('You are an interactive tool.'), text('Use the tools that you have, and be careful. '.repeat(240))],
    tools: Array.from({ length: 12 }, (_, at) => ({ name: `Tool${at}`, description, input_schema })),
    messages: [
      { role: 'user', content: [text(NOTES.repeat(50)), text('Say hello.')] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'Tool1', input: { field_0: 'ls' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'a file\n'.repeat(400) }] },
    ],
    metadata: { user_id: 'user_1_account_2_session_0123456789' },
  });
}

function talk(model: string, bytes: number, more: object = {}): string {
  const turn = (at: number) => ({
    role: at % 2 === 0 ? 'user' : 'assistant',
    content: [text(`${at} ${NOTES}${'Words of a long talk. '.repeat(110)}`)],
  });
  const count = 2 * Math.floor(bytes / 5200) + 1;
  return JSON.stringify({
    model,
    max_tokens: 1000,
    messages: Array.from({ length: count }, (_, at) => turn(at)),
    ...more,
  });
}

function picture(model: string, bytes: number): string {
  const source = { type: 'base64', media_type: 'image/png', data: Buffer.alloc((bytes * 3) / 4, 7).toString('base64') };
  return JSON.stringify({
    model,
    max_tokens: 1000,
    messages: [{ role: 'user', content: [{ type: 'image', source }, text('What’s this?')] }],
  });
}

async function agents(way: WayName, body: string, atOnce: number, count: number) {
  const latencies: number[] = [];
  let left = count;
  const cpuBefore = await cpuMs(way);
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) {
        const fromMs = performance.now();
        await ask(way, body);
        latencies.push(performance.now() - fromMs);
      }
    }),
  );
  const perSecond = (count * 1000) / (performance.now() - startMs);
  return { p50Ms: median(latencies) ?? 0, perSecond, cpuMs: ((await cpuMs(way)) - cpuBefore) / count };
}

async function agentFigures(profile: string) {
  const body = agentRequest(`${profile}/m`);
  for (const name of NAMES) await agents(name, body, 16, 4000);
  const figures: Record<string, unknown> = { bytes: Buffer.byteLength(body) };
  for (const [atOnce, count] of [
    [1, 250],
    [64, 1500],
  ] as const) {
    const all: Record<WayName, Awaited<ReturnType<typeof agents>>[]> = { direct: [], floor: [], ours: [] };
    for (let index = 0; index < AGENT_ROUNDS; index++)
      for (const name of NAMES) all[name].push(await agents(name, body, atOnce, count));
    const middle = (name: WayName, field: 'p50Ms' | 'perSecond' | 'cpuMs') =>
      median(all[name].map((each) => each[field])) ?? 0;
    const direct = middle('direct', 'perSecond');
    const of = (name: WayName) => ({
      addedP50Ms: round(middle(name, 'p50Ms') - middle('direct', 'p50Ms')),
      requestsOfDirect: round(middle(name, 'perSecond') / direct),
      cpuMsPerRequest: round(middle(name, 'cpuMs'), 3),
    });
    figures[`c${atOnce}`] = { floor: of('floor'), ours: of('ours') };
  }
  return figures;
}

async function bigFigures(body: string) {
  for (let warm = 0; warm < 2; warm++) await ask('ours', body);
  await core.ask('gc');
  await core.ask('reset');
  const before = await cpuMs('ours');
  for (let index = 0; index < BIG_ROUNDS; index++) await ask('ours', body);
  const { cpuMs: after, loopMaxMs } = await core.ask('report');
  return { loopMaxMs: round(loopMaxMs, 0), cpuMsPerRequest: round((after - before) / BIG_ROUNDS, 0) };
}

/** V8 counts buffers off in a thread of its own, a moment after it has let go of them. */
async function heldMb(): Promise<number> {
  await core.ask('gc');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { heapMb, externalMb } = await core.ask('gc');
  return heapMb + externalMb;
}

async function heldFigures(profile: string) {
  const body = talk(`${profile}/paced:20:200`, 1e6, { stream: true });
  const before = await heldMb();
  let begun = 0;
  let allBegan: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    allBegan = resolve;
  });
  const reading = Array.from({ length: HELD_STREAMS }, async () => {
    const answer = await pools.ours.request({ method: 'POST', path: '/v1/messages', headers, body });
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${await answer.body.text()}`);
    let isFirst = true;
    for await (const _chunk of answer.body) {
      if (isFirst && ++begun === HELD_STREAMS) allBegan();
      isFirst = false;
    }
  });
  await Promise.race([all, Promise.all(reading)]);
  const during = await heldMb();
  await Promise.all(reading);
  return { requestBytes: Buffer.byteLength(body), streams: HELD_STREAMS, heldMb: round(during - before, 0) };
}

try {
  const figures: Record<string, unknown> = {};
  for (const [name, profile] of Object.entries(PAIRS)) {
    const large: Record<string, unknown> = {};
    const agent = await agentFigures(profile);
    for (const megabytes of [1, 5, 20]) {
      large[`talk of ${megabytes} MB`] = await bigFigures(talk(`${profile}/m`, megabytes * 1e6));
      large[`picture of ${megabytes} MB`] = await bigFigures(picture(`${profile}/m`, megabytes * 1e6));
    }
    figures[name] = { agent, large, open: await heldFigures(profile) };
  }
  process.stdout.write(JSON.stringify({ figures }));
} finally {
  await Promise.all(NAMES.map((name) => pools[name].destroy()));
  await relay.stop();
  await floor.stop();
  await upstream.stop();
}
