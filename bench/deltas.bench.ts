import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventDraft, LoggedEvent } from '#contract/events';
import { applyRunEvent, emptyRunView, type RunView } from '#contract/run-view';
import type { UpstreamEvent } from '../src-main/gateway/upstream-event.ts';
import { ManualClock } from '../src-main/platform/clock.ts';
import { DeltaCoalescer } from '../src-main/runs/delta-coalescer.ts';
import { UpstreamFolder } from '../src-main/runs/fold-upstream.ts';
import { askSocket, startCore, until } from './core-process.ts';
import { median, round, startAnnounced } from './processes.ts';

// One very long answer: what twice as many parts cost. First each fold by itself, one call a part, as nothing joins them;
// then the whole way from an upstream to a subscriber, which the core joins to 30 ms or 4 KiB. The floor of the whole way
// is the same stream read without Sluice.

const COUNTS = [100_000, 200_000] as const;
const TIMES = 5;
/** Twice as much may take 1.3 times twice as long. */
const GOAL_RATIO = 2.6;

const word = (index: number) => `word${index % 1000} `;

type Text = Extract<UpstreamEvent, { type: 'text' | 'reasoning' }>;

function newFolder(): UpstreamFolder {
  let id = 0;
  return new UpstreamFolder('r', { newId: () => `m${++id}`, now: () => 1_000 });
}

/** What the core makes of what the upstream says. */
function foldUpstream(type: Text['type'], count: number): number {
  const folder = newFolder();
  const parts = Array.from({ length: count }, (_, index): Text => ({ type, text: word(index) }));
  const startMs = performance.now();
  for (const part of parts) folder.fold(part);
  return performance.now() - startMs;
}

function drafts(type: Text['type'], count: number): EventDraft[] {
  const folder = newFolder();
  return Array.from({ length: count }, (_, index) => folder.fold({ type, text: word(index) })).flat();
}

/** The one reducer: what the log folds for snapshots and what the page draws. */
function reduce(events: readonly EventDraft[]): number {
  const message = { id: 'u', session_id: 's', run_id: 'r', role: 'user', content: 'x', status: 'final' };
  let view: RunView = applyRunEvent(emptyRunView('s'), {
    v: 1,
    session_id: 's',
    seq: 1,
    ts: 1,
    event: 'run.peer_user_message',
    run_id: 'r',
    message,
    queue_id: null,
    profile: 'p',
    model: null,
  } as unknown as LoggedEvent);
  const logged = events.map(
    (draft, index): LoggedEvent => ({ v: 1, session_id: 's', seq: index + 2, ts: 1, ...draft }),
  );
  const startMs = performance.now();
  for (const event of logged) view = applyRunEvent(view, event);
  const tookMs = performance.now() - startMs;
  const text = view.live.map((row) => row.content + (row.reasoning ?? '')).join('');
  if (!text.endsWith(word(events.length - 1))) throw new Error('The fold lost the end of the answer.');
  return tookMs;
}

/** As a stream that never pauses meets it: joined to 4 KiB. */
function coalesce(events: readonly EventDraft[]): number {
  let written = 0;
  const coalescer = new DeltaCoalescer(new ManualClock(), (batch) => {
    written += batch.length;
    return Promise.resolve();
  });
  const startMs = performance.now();
  for (const event of events) coalescer.push(event);
  const tookMs = performance.now() - startMs;
  if (written >= events.length / 100) throw new Error('Nothing was joined.');
  return tookMs;
}

/** Medians of several rounds, with the counts taking turns, and what the second costs in terms of the first. */
async function compare(run: (count: number) => number | Promise<number>) {
  const samples: [number[], number[]] = [[], []];
  await run(COUNTS[0] / 10);
  for (let times = 0; times < TIMES; times++) {
    for (const [index, count] of COUNTS.entries()) {
      // What an earlier round left behind is not this one's.
      globalThis.gc?.();
      samples[index]?.push(await run(count));
    }
  }
  const [half, whole] = [median(samples[0]) ?? 0, median(samples[1]) ?? 0];
  return { ms: { '100k': round(half), '200k': round(whole) }, ratio: round(whole / half) };
}

const judged = <T extends { ratio: number | null }>(figures: T) => ({
  ...figures,
  met: (figures.ratio ?? Number.POSITIVE_INFINITY) <= GOAL_RATIO,
});

const STREAM_HEAD = 'data: {"choices":[{"delta":{"content":';

/** The frames of a chat answer, as one text that the scripted upstream writes as fast as it is read. */
function frames(count: number): string {
  return Array.from({ length: count }, (_, index) => `${STREAM_HEAD}${JSON.stringify(word(index))}}}]}\n\n`).join('');
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const fake = await startAnnounced<{ url: string }>(['e2e/fake-upstream/main.ts', '--port', '0']);
const core = await startCore(dir);

async function plan(count: number): Promise<void> {
  await fetch(`${fake.hello.url}/__fake/next`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ do: 'raw', text: frames(count) }]),
  });
}

async function direct(count: number): Promise<number> {
  await plan(count);
  const startMs = performance.now();
  const response = await fetch(`${fake.hello.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'direct' }] }),
  });
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).length;
  if (bytes < count * STREAM_HEAD.length) throw new Error('The stream was cut.');
  return performance.now() - startMs;
}

try {
  const folds = {
    upstreamText: judged(await compare((count) => foldUpstream('text', count))),
    upstreamReasoning: judged(await compare((count) => foldUpstream('reasoning', count))),
    coalescer: judged(await compare((count) => coalesce(drafts('text', count)))),
    reducerText: judged(await compare((count) => reduce(drafts('text', count)))),
    reducerReasoning: judged(await compare((count) => reduce(drafts('reasoning', count)))),
  };

  await core.call('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: fake.hello.url, defaultModel: 'm' });
  const socket = await core.connect();
  const seen = { chars: 0, events: 0, ended: '' };
  socket.on('message.delta', (event: { delta: string }) => {
    seen.chars += event.delta.length;
    seen.events++;
  });
  for (const name of ['run.completed', 'run.failed']) socket.on(name, () => (seen.ended = name));
  let session = 0;
  const events: Record<number, number> = {};
  const coreCpu: [number[], number[]] = [[], []];
  const compared = await compare(async (count) => {
    await plan(count);
    const { cpuMs } = await core.ask('gc');
    Object.assign(seen, { chars: 0, events: 0, ended: '' });
    const startMs = performance.now();
    await askSocket(socket, 'run', { session_id: `s${session++}`, input: 'go', profile: 'fake' });
    await until('the answer has ended', () => seen.ended !== '', 60_000);
    const tookMs = performance.now() - startMs;
    const sent = Array.from({ length: count }, (_, index) => word(index).length).reduce(
      (sum, length) => sum + length,
      0,
    );
    if (seen.ended !== 'run.completed' || seen.chars !== sent) {
      throw new Error(`${count} parts: ${seen.ended} with ${seen.chars} of ${sent} characters`);
    }
    events[count] = seen.events;
    coreCpu[COUNTS.findIndex((known) => known === count)]?.push((await core.ask('report')).cpuMs - cpuMs);
    return tookMs;
  });
  const [cpuHalf, cpuWhole] = [median(coreCpu[0]) ?? 0, median(coreCpu[1]) ?? 0];
  const whole = judged(compared);
  const floor = await compare(direct);
  socket.disconnect();
  process.stdout.write(
    `${JSON.stringify({
      name: 'deltas',
      times: TIMES,
      goal: { ratio: GOAL_RATIO },
      folds,
      whole: {
        ...whole,
        /** What the core itself spends: it stays when the machine is busy with other things. */
        coreCpu: { ms: { '100k': round(cpuHalf), '200k': round(cpuWhole) }, ratio: round(cpuWhole / cpuHalf) },
        events,
        floor,
        perDeltaMicroseconds: round(((whole.ms['200k'] ?? 0) / COUNTS[1]) * 1000),
      },
      met: whole.met && Object.values(folds).every(({ met }) => met),
    })}\n`,
  );
} finally {
  await core.stop();
  await fake.stop();
  rmSync(dir, { recursive: true, force: true });
}
