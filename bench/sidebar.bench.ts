import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHeadless } from '../e2e/host-process.ts';
import { launchChromium } from '../e2e/launch-chromium.ts';
import { median, percentile, round } from './processes.ts';
import { seedStore } from './seed.ts';

// The list of conversations of the built page in Chromium: how soon it stands, and how it scrolls while rows change. The
// browser draws without a graphics card. CHROMIUM_PATH names it, BENCH_SESSIONS changes the length, BENCH_FRAMES the way.

const SESSIONS = Number(process.env['BENCH_SESSIONS'] ?? 5000);
const FLOOR_SESSIONS = 50;
const FRAMES = Number(process.env['BENCH_FRAMES'] ?? 300);
/** A fast flick: about six screens a second. */
const STEP_PX = 80;
const GOALS = { frameP95Ms: 18, longTaskMs: 50 };
const TOKEN = 'bench';
const HOUR_MS = 3_600_000;

interface Scrolled {
  frames: number[];
  longestTaskMs: number;
  rows: number;
  travelledPx: number;
}

async function measure(sessions: number) {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  await seedStore(dir, async (store) => {
    const nowMs = Date.now();
    await store.committer.commit(() => {
      for (let index = 0; index < sessions; index++) {
        const atMs = nowMs - index * HOUR_MS;
        store.sessions.insert({
          id: `s${index}`,
          title: `Conversation ${index} about ${['locks', '租约', 'a release', 'the garden'][index % 4]}`,
          title_source: 'user',
          profile: null,
          model: null,
          workspace: null,
          created_at_ms: atMs,
          updated_at_ms: atMs,
        });
        if (index % 5 === 0) store.sessions.change(`s${index}`, { tags: '["work"]' });
      }
    });
  });
  const host = await startHeadless({ node: process.execPath, dataDir: dir, token: TOKEN, port: 0, env: {} });
  const browser = await launchChromium(process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium');
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const startMs = performance.now();
    await page.goto(`${host.url}/#token=${TOKEN}`);
    await page.getByTestId('session-item').first().waitFor();
    const listedMs = performance.now() - startMs;
    // What loads while nobody waits is not part of the way.
    await page.waitForTimeout(1500);
    const scrolled = await page.evaluate(
      async ({ frames, step }): Promise<Scrolled> => {
        const scroller = document.querySelector('[data-scroller]');
        if (scroller === null) throw new Error('There is no list.');
        let longestTaskMs = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, entry.duration);
        });
        observer.observe({ type: 'longtask' });
        const times: number[] = [];
        const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
        let before = await nextFrame();
        let rows = 0;
        for (let frame = 0; frame < frames; frame++) {
          scroller.scrollTop += step;
          const now = await nextFrame();
          times.push(now - before);
          before = now;
          rows = Math.max(rows, document.querySelectorAll('[data-session-id]').length);
        }
        observer.disconnect();
        return { frames: times, longestTaskMs, rows, travelledPx: scroller.scrollTop };
      },
      { frames: FRAMES, step: STEP_PX },
    );
    return { listedMs, ...scrolled };
  } finally {
    await browser.close();
    await host.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

const floor = await measure(FLOOR_SESSIONS);
const measured = await measure(SESSIONS);
const figures = ({ listedMs, frames, longestTaskMs, rows, travelledPx }: typeof measured) => ({
  listedMs: round(listedMs, 0),
  frameP50Ms: round(median(frames), 1),
  frameP95Ms: round(percentile(frames, 0.95), 1),
  longestTaskMs: round(longestTaskMs, 0),
  rowsDrawn: rows,
  travelledPx: round(travelledPx, 0),
});
const result = figures(measured);
process.stdout.write(
  `${JSON.stringify({
    name: 'sidebar',
    sessions: SESSIONS,
    frames: FRAMES,
    goals: GOALS,
    ...result,
    floor: { sessions: FLOOR_SESSIONS, ...figures(floor) },
    met:
      (result.frameP95Ms ?? Number.POSITIVE_INFINITY) <= GOALS.frameP95Ms && measured.longestTaskMs <= GOALS.longTaskMs,
  })}\n`,
);
