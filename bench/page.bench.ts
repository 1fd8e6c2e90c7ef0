import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from '@playwright/test';
import { startHeadless } from '../e2e/host-process.ts';
import { launchChromium } from '../e2e/launch-chromium.ts';
import { installProbe, type Probe, startProbe, stopProbe, summary } from './page-probe.ts';
import { ANSWERS, repeat, shortAnswer } from './page-texts.ts';
import { median, round, startAnnounced } from './processes.ts';
import { seedConversation, seedStore } from './seed.ts';

// The built page in Chromium, as it is used: how soon it stands, how long a conversation takes to open, and how it moves
// while an answer of 200 KB is written at a fixed rate and somebody types. The browser draws without a graphics card.
// BENCH_PARTS chooses: start, open, giant, stream, heap. CHROMIUM_PATH names the browser.

const ALL_PARTS = ['start', 'open', 'giant', 'stream', 'heap'];
const PARTS = new Set((process.env['BENCH_PARTS'] ?? ALL_PARTS.join()).split(','));
const ROWS = { busy: 2000, five: 5000, other: 5000 };
const ANSWER_CHARS = 200_000;
const TOKEN_CHARS = 4;
const RATES = [300, 1000];
const MEASURED_SECONDS = 7;
const KEY_PAUSE_MS = 110;
const HEAP_RUNS = 10;
const GOALS = {
  firstPaintMs: 300,
  composerMs: 500,
  openMs: 120,
  switchMs: 80,
  scrollFrameMs: 34,
  frameP95Ms: 18,
  longTaskMs: 50,
  keyP95Ms: 12,
  heapMb: 250,
};
const TOKEN = 'bench';

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
await seedStore(dir, async (store) => {
  for (const [id, rows] of Object.entries(ROWS)) await seedConversation(store, id, rows, shortAnswer);
  await seedConversation(store, 'giant', 40, (index) =>
    index === 39 ? repeat(ANSWERS['mixed']?.(60_000) ?? '', 1_000_000) : shortAnswer(index),
  );
});
const fake = await startAnnounced<{ url: string }>(['e2e/fake-upstream/main.ts', '--port', '0']);
const host = await startHeadless({ node: process.execPath, dataDir: dir, token: TOKEN, port: 0, env: {} });
const browser = await launchChromium(process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium');

async function call(route: string, input: unknown): Promise<unknown> {
  const reply = await fetch(`${host.url}/api/app/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify(input),
  });
  const answer = (await reply.json()) as { ok: true; data: unknown } | { ok: false; error: { message: string } };
  if (!answer.ok) throw new Error(`${route}: ${answer.error.message}`);
  return answer.data;
}

async function openPage(): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(installProbe);
  await page.goto(`${host.url}/#token=${TOKEN}`);
  await page.getByTestId('composer-input').waitFor();
  await page.locator('[data-session-id="five"]').waitFor();
  return page;
}

/** From the click in the list to the paint that shows the newest message. */
async function openConversation(page: Page, id: keyof typeof ROWS | 'giant', lastId: string): Promise<number> {
  const tookMs = await page.evaluate(
    ([title, last]) => {
      const { probe } = globalThis as unknown as { probe: Probe };
      const button = document.querySelector(`[data-session-id="${title}"] button, button[data-session-id="${title}"]`);
      if (!(button instanceof HTMLElement)) throw new Error(`There is no row for ${title}.`);
      const isThere = () => {
        const row = document.querySelector(`[data-message-id="${last}"]`);
        return row?.querySelector('[data-answer-text]') != null && row.getBoundingClientRect().top < innerHeight;
      };
      return probe.until(() => button.click(), isThere);
    },
    [id, lastId],
  );
  return tookMs;
}

async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number };
  return usedSize / 1e6;
}

/** Queues one answer: most of it at once, the rest at a fixed rate. */
async function nextAnswer(text: string, rate: number, seconds: number): Promise<void> {
  const pacedChars = rate * TOKEN_CHARS * seconds;
  const first = text.slice(0, Math.max(0, text.length - pacedChars));
  const steps = [
    ...(first.match(/[\s\S]{1,2000}/g) ?? []).map((part) => ({ do: 'text', text: part })),
    { do: 'wait', ms: 2500 },
    { do: 'paced', tokensPerSecond: rate, seconds, text: text.slice(first.length) },
  ];
  const reply = await fetch(`${fake.hello.url}/__fake/next`, { method: 'POST', body: JSON.stringify(steps) });
  if (!reply.ok) throw new Error(`The upstream refused the script: ${reply.status}`);
}

async function sendMessage(page: Page, text: string): Promise<void> {
  await page.getByTestId('composer-input').fill(text);
  await page.keyboard.press('Enter');
  await page.getByTestId('stop').waitFor();
}

const results: Record<string, unknown> = {};
let met = true;
const hold = (isMet: boolean) => {
  met &&= isMet;
  return isMet;
};

try {
  await call('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: fake.hello.url, defaultModel: 'm' });
  await call('settings.set', { values: { defaultProfile: 'fake', compressionEnabled: false } });
  await (await openPage()).close();

  if (PARTS.has('start')) {
    const paints: number[] = [];
    const composers: number[] = [];
    for (let times = 0; times < 5; times++) {
      const page = await openPage();
      const { paint, composer } = await page.evaluate(() => ({
        paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
        composer: (globalThis as unknown as { probe: Probe }).probe.composerAtMs(),
      }));
      paints.push(paint);
      composers.push(composer);
      await page.close();
    }
    const figures = { firstPaintMs: round(median(paints)), composerMs: round(median(composers)) };
    results['start'] = {
      ...figures,
      met: hold((figures.firstPaintMs ?? 1e9) <= GOALS.firstPaintMs && (figures.composerMs ?? 1e9) <= GOALS.composerMs),
    };
  }

  if (PARTS.has('open')) {
    const opened: number[] = [];
    for (let times = 0; times < 5; times++) {
      const page = await openPage();
      await sleep(300);
      opened.push(await openConversation(page, 'five', 'five-4999'));
      await page.close();
    }
    const page = await openPage();
    await openConversation(page, 'five', 'five-4999');
    const switched: number[] = [];
    for (let times = 0; times < 10; times++) {
      await sleep(300);
      switched.push(
        times % 2 === 0
          ? await openConversation(page, 'other', 'other-4999')
          : await openConversation(page, 'five', 'five-4999'),
      );
    }
    await startProbe(page);
    await page.mouse.move(700, 400);
    for (let step = 0; step < 120; step++) {
      await page.mouse.wheel(0, -500);
      await sleep(16);
    }
    const scrolled = summary(await stopProbe(page));
    await page.close();
    const figures = { openMs: round(median(opened)), switchMs: round(median(switched)) };
    results['open'] = {
      ...figures,
      openAllMs: opened.map(Math.round),
      switchAllMs: switched.map(Math.round),
      scrolled,
      met: hold((figures.openMs ?? 1e9) <= GOALS.openMs && (figures.switchMs ?? 1e9) <= GOALS.switchMs),
    };
  }

  if (PARTS.has('giant')) {
    const page = await openPage();
    const openMs = await openConversation(page, 'giant', 'giant-39');
    await sleep(2500);
    await page.mouse.move(700, 400);
    await startProbe(page);
    for (let step = 0; step < 200; step++) {
      await page.mouse.wheel(0, -400);
      await sleep(16);
    }
    const figures = summary(await stopProbe(page));
    await page.close();
    results['giant'] = {
      openMs: round(openMs),
      ...figures,
      met: hold(figures.frameMax !== null && figures.frameMax <= GOALS.scrollFrameMs),
    };
  }

  if (PARTS.has('stream')) {
    const streams: Record<string, unknown> = {};
    const page = await openPage();
    const session = await page.context().newCDPSession(page);
    await openConversation(page, 'busy', 'busy-1999');
    for (const [kind, make] of Object.entries(ANSWERS)) {
      for (const rate of RATES) {
        await nextAnswer(make(ANSWER_CHARS), rate, MEASURED_SECONDS);
        await sendMessage(page, `${kind} at ${rate}`);
        // The first part stands, and the first second is over.
        await sleep(3500);
        await startProbe(page);
        const endMs = performance.now() + (MEASURED_SECONDS - 2) * 1000;
        await page.getByTestId('composer-input').focus();
        while (performance.now() < endMs) {
          await page.keyboard.press('KeyA');
          await sleep(KEY_PAUSE_MS);
        }
        const figures = summary(await stopProbe(page));
        await page.getByTestId('stop').waitFor({ state: 'detached', timeout: 30_000 });
        await page.getByTestId('composer-input').fill('');
        const heap = round(await heapMb(session));
        streams[`${kind} ${rate}/s`] = {
          ...figures,
          heapMb: heap,
          met: hold(
            (figures.frameP95 ?? 1e9) <= GOALS.frameP95Ms &&
              figures.longTasks.length === 0 &&
              (figures.keyP95 ?? 1e9) <= GOALS.keyP95Ms &&
              (heap ?? 1e9) <= GOALS.heapMb,
          ),
        };
      }
    }
    await page.close();
    results['stream'] = streams;
  }

  if (PARTS.has('heap')) {
    const page = await openPage();
    const session = await page.context().newCDPSession(page);
    await openConversation(page, 'busy', 'busy-1999');
    const heaps: number[] = [];
    for (let run = 0; run < HEAP_RUNS; run++) {
      // Each answer takes the place of the one before, so that the conversation is the same each time.
      await nextAnswer(ANSWERS['mixed']?.(ANSWER_CHARS) ?? '', 1000, 1);
      if (run === 0) await sendMessage(page, 'again and again');
      else await page.getByTestId('regenerate').click();
      await page.getByTestId('stop').waitFor();
      await page.getByTestId('stop').waitFor({ state: 'detached', timeout: 30_000 });
      heaps.push(await heapMb(session));
    }
    await page.close();
    const grownMb = (heaps.at(-1) ?? 0) - (heaps[2] ?? 0);
    results['heap'] = {
      mb: heaps.map((each) => round(each, 1)),
      met: hold(Math.max(...heaps) <= GOALS.heapMb && grownMb <= 10),
    };
  }
} finally {
  await browser.close();
  await host.stop();
  await fake.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}
process.stdout.write(`${JSON.stringify({ name: 'page', goals: GOALS, ...results, met })}\n`);
