import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import type { RouteInput, RouteName, RouteOutputs } from '#contract/routes';
import { startHeadless } from '../e2e/host-process.ts';
import { installProbe, startProbe, stopProbe, summary } from './page-probe.ts';
import { round } from './processes.ts';

// The page of keys in Chromium, which draws without a graphics card: scrolling through 200 cards, and a storm in which every
// key's rest changes once a second. The floor is the same way through an empty page of the same height. CHROMIUM_PATH names
// the browser, BENCH_KEYS changes the length, BENCH_SECONDS the storm.

const KEYS = Number(process.env['BENCH_KEYS'] ?? 200);
const STORM_S = Number(process.env['BENCH_SECONDS'] ?? 8);
/** The whole page in this many frames: about a screen in eight of them. */
const STEPS = 120;
const ROUNDS = 3;
const GOALS = { frameP95Ms: 34, longTaskMs: 50 };
const TOKEN = 'bench';
const TRACED = ['disabled-by-default-devtools.timeline', '__metadata'];

/** Refuses every key for a time that grows with each refusal, so that each one moves the end of a rest. */
let refusals = 0;
const upstream = createServer((request, response) => {
  request.resume();
  refusals++;
  response.writeHead(429, {
    'content-type': 'application/json',
    'retry-after': String(300 + Math.ceil(refusals / 20)),
  });
  response.end(JSON.stringify({ error: { message: 'Too many requests', type: 'rate_limit_error' } }));
});
await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
const upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const host = await startHeadless({ node: process.execPath, dataDir: dir, token: TOKEN, port: 0, env: {} });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});

async function call<Name extends RouteName>(route: Name, input: RouteInput<Name>): Promise<RouteOutputs[Name]> {
  const reply = await fetch(`${host.url}/api/app/${route}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const answer = (await reply.json()) as { ok: true; data: RouteOutputs[Name] } | { ok: false; error: unknown };
  if (!answer.ok) throw new Error(`${route}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

/** The whole way down, a step a frame. */
async function scroll(page: Page) {
  await startProbe(page);
  await page.evaluate(async (steps) => {
    const scroller = document.querySelector('.page');
    if (scroller === null) throw new Error('There is no page.');
    for (let step = 0; step < steps; step++) {
      scroller.scrollTop = (scroller.scrollHeight * step) / steps;
      await new Promise(requestAnimationFrame);
    }
  }, STEPS);
  return stopProbe(page);
}

/** The figures of several ways as those of one. */
async function scrolled(page: Page) {
  await browser.startTracing(page, { categories: TRACED });
  const all = { frames: [] as number[], longTasks: [] as number[], keys: [], keyPaints: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const { frames, longTasks } = await scroll(page);
    all.frames.push(...frames);
    all.longTasks.push(...longTasks);
    // The probe's last frame is over before it starts again.
    await page.waitForTimeout(200);
  }
  const { longTasks, frameP50, frameP95, frameMax } = summary(all);
  return { frameP50, frameP95, frameMax, longTasks, ...cpuOfTasks(await browser.stopTracing()) };
}

async function openKeys(): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(installProbe);
  await page.goto(`${host.url}/#token=${TOKEN}`);
  await page.getByTestId('nav-credentials').click();
  await page.getByTestId('key-card').first().waitFor();
  await page.waitForTimeout(1500);
  return page;
}

/** An empty page of the height that the cards have. */
async function emptyPage(page: Page): Promise<void> {
  await page.evaluate(() => {
    const scroller = document.querySelector('.page');
    const heightPx = scroller?.scrollHeight ?? 0;
    for (const child of scroller?.children ?? []) if (child instanceof HTMLElement) child.style.display = 'none';
    const empty = document.createElement('div');
    empty.style.height = `${heightPx}px`;
    scroller?.append(empty);
  });
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** CPU time in microseconds. */
  tdur?: number;
  args?: { name?: string };
}

/** What the page's tasks took of the processor: other work on the machine makes a task longer, and this not. */
function cpuOfTasks(trace: Buffer) {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const times = traceEvents
    .filter(({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && mains.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000);
  return {
    taskCpuMaxMs: round(Math.max(0, ...times), 0),
    tasksOver50MsCpu: times.filter((ms) => ms > GOALS.longTaskMs).length,
    cpuMs: round(
      times.reduce((sum, ms) => sum + ms, 0),
      0,
    ),
  };
}

try {
  const profile = await call('profiles.create', {
    name: 'Provider',
    kind: 'openai-chat',
    baseUrl: upstreamUrl,
    defaultModel: 'm',
  });
  const ids: string[] = [];
  for (let index = 0; index < KEYS; index++) {
    const { id } = await call('credentials.create', {
      profileId: profile.id,
      label: `Key ${String(index).padStart(3, '0')}`,
      secret: `sk-bench-${index}-0123456789abcdef`,
      priority: index % 5,
      ...(index % 3 === 0 ? { group: `team ${index % 4}` } : {}),
      ...(index % 2 === 0 ? { maxInFlight: 3 } : {}),
    });
    ids.push(id);
  }
  const still = await openKeys();
  const calm = await scrolled(still);
  await emptyPage(still);
  const floor = await scrolled(still);
  await still.close();

  // The storm. The first round puts every key to rest, so that what is measured is rests that change.
  const storm = () => call('credentials.test', { credentialIds: ids });
  await storm();
  const page = await openKeys();
  const stormFor = async (seconds: number, meanwhile: () => Promise<void>) => {
    await browser.startTracing(page, { categories: TRACED });
    await startProbe(page);
    let on = true;
    const raging = (async () => {
      for (let second = 0; second < seconds; second++) {
        const pause = new Promise((resolve) => setTimeout(resolve, 1000));
        await storm();
        await pause;
      }
      on = false;
    })();
    while (on) await meanwhile();
    await raging;
    const { longTasks, frameP50, frameP95, frameMax } = summary(await stopProbe(page));
    return { frameP50, frameP95, frameMax, longTasks, ...cpuOfTasks(await browser.stopTracing()) };
  };
  const before = refusals;
  const seen = await page.locator('[data-testid="countdown"]').first().textContent();
  const watching = await stormFor(STORM_S, () => page.waitForTimeout(100));
  const stormed = (refusals - before) / STORM_S;
  const counted = await page.locator('[data-testid="countdown"]').first().textContent();
  if (seen === counted) throw new Error('No countdown moved.');
  const scrolling = await stormFor(STORM_S, () =>
    page.evaluate(async () => {
      const scroller = document.querySelector('.page');
      if (scroller === null) throw new Error('There is no page.');
      for (let step = 0; step < 30; step++) {
        const top = scroller.scrollTop + 60;
        scroller.scrollTop = top >= scroller.scrollHeight - scroller.clientHeight ? 0 : top;
        await new Promise(requestAnimationFrame);
      }
    }),
  );
  const metrics = await page.context().newCDPSession(page);
  await metrics.send('Performance.enable');
  const { metrics: values } = await metrics.send('Performance.getMetrics');
  const value = (name: string) => values.find((each) => each.name === name)?.value ?? 0;
  const longestTaskMs = Math.max(0, ...watching.longTasks, ...scrolling.longTasks);
  const longestCpuMs = Math.max(watching.taskCpuMaxMs ?? 0, scrolling.taskCpuMaxMs ?? 0);
  process.stdout.write(
    `${JSON.stringify({
      name: 'manager',
      keys: KEYS,
      goals: GOALS,
      scroll: { steps: STEPS, rounds: ROUNDS, ...calm, floor, met: (calm.frameP95 ?? 0) <= GOALS.frameP95Ms },
      storm: {
        seconds: STORM_S,
        changesPerSecond: round(stormed, 0),
        watching,
        scrolling,
        longestTaskMs,
        longestCpuMs,
        met: longestCpuMs <= GOALS.longTaskMs,
      },
      page: { heapMb: round(value('JSHeapUsedSize') / 1e6), nodes: value('Nodes') },
    })}\n`,
  );
} finally {
  await browser.close();
  await host.stop();
  upstream.close();
  upstream.closeAllConnections();
  rmSync(dir, { recursive: true, force: true });
}
