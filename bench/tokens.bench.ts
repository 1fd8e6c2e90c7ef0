import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { estimateTokens } from '#contract/token-estimate';
import { contextWindowOf } from '../src-main/compressor/context-window.ts';
import { TokenCounter } from '../src-main/compressor/token-client.ts';
import { median, round } from './processes.ts';

// Counting tokens in the worker, timed and watched from its client's main loop: ordinary text, a cold count of two million
// tokens as a long conversation, and megabytes made to stall a tokenizer. The floor of the loop's delay is the same wait
// with nothing to do. Then the two things that the main thread does by itself: estimates and the look-up of a window.

const GOAL_MB_PER_SECOND = 5;
const GOAL_DELAY_MS = 50;
const TIMES = 5;
const CONVERSATION_TOKENS = 2_000_000;
const MESSAGES = 5_000;
const MEGABYTE = 1_000_000;

const root = join(import.meta.dirname, '..');
const worker = new URL('../src-main/compressor/token-worker.ts', import.meta.url);

function textsOf(folder: string, suffixes: readonly string[]): string {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const wanted = files.filter((file) => suffixes.some((suffix) => file.endsWith(suffix))).sort();
  return wanted.map((file) => readFileSync(join(root, folder, file), 'utf8')).join('\n');
}

/** The same numbers each time. */
function runOf(length: number, first: number, kinds: number): string {
  let state = 42;
  const chars = Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCodePoint(first + (state % kinds));
  });
  return chars.join('');
}

const megabytes = (text: string) => Buffer.byteLength(text) / MEGABYTE;

/** How late the main loop was while something was awaited. */
async function delayOf<T>(work: () => Promise<T>) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startMs = performance.now();
  const result = await work();
  const tookMs = performance.now() - startMs;
  delay.disable();
  // The monitor counts from one turn of its timer to the next; one millisecond of it is its own.
  const [p99, max] = [delay.percentile(99) / 1e6 - 1, delay.max / 1e6 - 1];
  return { result, tookMs, delayMs: { p99: round(p99), max: round(max), met: max <= GOAL_DELAY_MS } };
}

async function speedOf(counter: TokenCounter, text: string) {
  const samples: number[] = [];
  for (let times = 0; times < TIMES; times++) {
    const startMs = performance.now();
    await counter.count([text], 'gpt-4o');
    samples.push(performance.now() - startMs);
  }
  const speed = round((megabytes(text) / (median(samples) ?? 1)) * 1000, 1);
  return { megabytes: round(megabytes(text)), mbPerSecond: speed, met: (speed ?? 0) >= GOAL_MB_PER_SECOND };
}

// The worker keeps no process alive, so something here does.
const alive = setInterval(() => {}, 60_000);
const counter = new TokenCounter(worker, (cause) => {
  throw cause;
});

try {
  const english = textsOf('docs', ['.md']);
  const code = textsOf('src-main', ['.ts']);
  const page = `${english}\n${code}`;

  const idle = await delayOf(() => sleep(1_000));
  const rssBefore = process.memoryUsage.rss();
  // Cold: the thread, its table and its cache are new. Rows begin at different places, as no two messages are alike.
  const rowUnits = Math.ceil((CONVERSATION_TOKENS * 4.2) / MESSAGES);
  const rows = Array.from({ length: MESSAGES }, (_, at) => {
    const from = (at * 977) % Math.max(1, page.length - rowUnits);
    return page.slice(from, from + rowUnits);
  });
  const cold = await delayOf(() => counter.count(rows, 'gpt-4o'));
  const tokens = cold.result.reduce((sum, count) => sum + count, 0);

  const ordinary = {
    english: await speedOf(counter, english),
    code: await speedOf(counter, code),
    chinese: await speedOf(counter, runOf(MEGABYTE / 3, 0x4e00, 500).replaceAll(/(.{12})/g, '$1，')),
  };

  const worst: Record<string, unknown> = {};
  for (const [name, text] of Object.entries({
    oneLetter: 'a'.repeat(MEGABYTE),
    blanks: ' '.repeat(MEGABYTE),
    oneChinese: '的'.repeat(MEGABYTE / 3),
    emoji: '😀'.repeat(MEGABYTE / 4),
    randomLetters: runOf(MEGABYTE, 0x61, 26),
    randomChinese: runOf(MEGABYTE / 3, 0x4e00, 6_000),
    randomEmoji: runOf(MEGABYTE / 4, 0x1f300, 700),
    loneHalves: '\udc00'.repeat(MEGABYTE / 3),
    base64: Buffer.from(runOf(MEGABYTE / 2, 0, 256), 'latin1').toString('base64'),
  })) {
    const { tookMs, delayMs } = await delayOf(() => counter.count([text], 'gpt-4o'));
    worst[name] = { tookMs: round(tookMs), delayMs };
  }
  const rssAfter = process.memoryUsage.rss();

  const stop = new AbortController();
  const stopped = counter.count(rows, 'gpt-4o', stop.signal).catch((reason: unknown) => reason);
  await sleep(100);
  const abortedMs = performance.now();
  stop.abort();
  await stopped;
  const abortMs = performance.now() - abortedMs;
  const nextMs = performance.now();
  await counter.count(['next'], 'gpt-4o');
  const nextTookMs = performance.now() - nextMs;

  const estimateMs: number[] = [];
  for (let times = 0; times < TIMES; times++) {
    const startMs = performance.now();
    estimateTokens(page);
    estimateMs.push(performance.now() - startMs);
  }

  const profile = { id: 'p', kind: 'openai-chat', baseUrl: 'http://127.0.0.1:1', contextLength: null } as const;
  const ask = () => contextWindowOf({ profile, model: 'gpt-4o', ownEntries: [] });
  const first = await delayOf(ask);
  const again = await delayOf(ask);

  const figures = {
    goal: { mbPerSecond: GOAL_MB_PER_SECOND, delayMs: GOAL_DELAY_MS },
    floor: { delayMs: idle.delayMs },
    coldConversation: {
      messages: MESSAGES,
      tokens,
      seconds: round(cold.tookMs / 1000),
      mbPerSecond: round((megabytes(rows.join('')) / cold.tookMs) * 1000, 1),
      delayMs: cold.delayMs,
    },
    ordinary,
    worst,
    memoryMb: { before: round(rssBefore / MEGABYTE, 0), after: round(rssAfter / MEGABYTE, 0) },
    abort: { rejectedMs: round(abortMs), nextQuestionMs: round(nextTookMs) },
    estimate: { mbPerSecond: round((megabytes(page) / (median(estimateMs) ?? 1)) * 1000, 0) },
    contextWindow: { firstMs: round(first.tookMs), laterMs: round(again.tookMs) },
  };
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
} finally {
  clearInterval(alive);
  await counter.close();
}
