import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from './app.fixture.ts';
import { ROOT } from './host-process.ts';

const RENDERER = join(ROOT, 'out', 'renderer');
/** What the window loads before its first paint, compressed. */
const MOST_ENTRY_BYTES = 350 * 1024;
const HEAVY = /katex|typeset-math|mermaid|shiki|highlight-worker|markdown-stream/;

test('[E12] what the first paint waits for is small, and holds none of the heavy parts', () => {
  const page = readFileSync(join(RENDERER, 'index.html'), 'utf8');
  const files = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
  expect(files.length).toBeGreaterThanOrEqual(2);
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(RENDERER, file))).length, 0);
  expect(bytes).toBeLessThan(MOST_ENTRY_BYTES);
  expect(files.filter((file) => HEAVY.test(file))).toEqual([]);
  // They are there all the same, as files of their own: a bundler that took them in would leave none.
  expect(readdirSync(join(RENDERER, 'assets')).filter((file) => HEAVY.test(file)).length).toBeGreaterThan(2);
});

test('[E12] a page at rest has no timer faster than a second', async ({ app }) => {
  const { page } = app;
  await page.addInitScript(() => {
    const delays: number[] = [];
    const original = window.setInterval.bind(window);
    Object.assign(window, {
      intervalDelays: delays,
      setInterval: (work: TimerHandler, delay = 0, ...rest: unknown[]) => {
        delays.push(delay);
        return original(work, delay, ...rest);
      },
    });
  });
  await page.reload();
  await page.getByTestId('composer-input').fill('/echo hello');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('send')).toBeVisible();
  const delays = await page.evaluate(() => (window as unknown as { intervalDelays: number[] }).intervalDelays);
  expect(delays.filter((delay) => delay < 1000)).toEqual([]);
});
