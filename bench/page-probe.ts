import type { Page } from '@playwright/test';
import { percentile, round } from './processes.ts';

// What a page does with its time, measured in it: frames, long tasks, and how long a key waits for its letter.

export interface PageSamples {
  /** From one frame to the next. */
  frames: number[];
  /** Tasks of more than 50 ms, from when on they were measured. */
  longTasks: number[];
  /** From the key to the end of all that its letter had the page do. */
  keys: number[];
  /** From the key to the paint that shows its letter, in steps of 8 ms. */
  keyPaints: number[];
}

/** Put into a page before it loads. It runs there, so it is one function that needs nothing else. */
export function installProbe(): void {
  const samples: PageSamples = { frames: [], longTasks: [], keys: [], keyPaints: [] };
  let on = false;
  let lastMs = 0;
  let keyAtMs = 0;
  const frame = (nowMs: number) => {
    if (!on) return;
    if (lastMs > 0) samples.frames.push(nowMs - lastMs);
    lastMs = nowMs;
    requestAnimationFrame(frame);
  };
  new PerformanceObserver((list) => {
    if (on) for (const entry of list.getEntries()) samples.longTasks.push(entry.duration);
  }).observe({ type: 'longtask' });
  new PerformanceObserver((list) => {
    if (on) for (const entry of list.getEntries()) if (entry.name === 'keydown') samples.keyPaints.push(entry.duration);
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  addEventListener(
    'keydown',
    (event) => {
      keyAtMs = event.timeStamp;
    },
    true,
  );
  addEventListener('input', () => {
    const startMs = keyAtMs;
    if (on) queueMicrotask(() => samples.keys.push(performance.now() - startMs));
  });
  let composerAtMs = 0;
  addEventListener(
    'focusin',
    (event) => {
      if (composerAtMs === 0 && event.target instanceof HTMLTextAreaElement) composerAtMs = performance.now();
    },
    true,
  );
  Object.assign(globalThis, {
    probe: {
      start() {
        samples.frames = [];
        samples.longTasks = [];
        samples.keys = [];
        samples.keyPaints = [];
        on = true;
        lastMs = 0;
        requestAnimationFrame(frame);
      },
      stop(): PageSamples {
        on = false;
        return samples;
      },
      composerAtMs: () => composerAtMs,
      /** From the call of `act` to the paint after something is there. */
      until(act: () => void, isThere: () => boolean): Promise<number> {
        const startMs = performance.now();
        act();
        return new Promise((resolve) => {
          const look = () => {
            if (!isThere()) {
              requestAnimationFrame(look);
              return;
            }
            const painted = new MessageChannel();
            painted.port1.onmessage = () => resolve(performance.now() - startMs);
            requestAnimationFrame(() => painted.port2.postMessage(null));
          };
          look();
        });
      },
    },
  });
}

export interface Probe {
  start(): void;
  stop(): PageSamples;
  composerAtMs(): number;
  until(act: () => void, isThere: () => boolean): Promise<number>;
}

export async function startProbe(page: Page): Promise<void> {
  await page.evaluate(() => (globalThis as unknown as { probe: Probe }).probe.start());
}

export async function stopProbe(page: Page): Promise<PageSamples> {
  return page.evaluate(() => (globalThis as unknown as { probe: Probe }).probe.stop());
}

export function summary(samples: PageSamples) {
  const { frames, longTasks, keys, keyPaints } = samples;
  return {
    frameP50: round(percentile(frames, 0.5)),
    frameP95: round(percentile(frames, 0.95)),
    frameMax: round(Math.max(0, ...frames)),
    frames: frames.length,
    longTasks: longTasks.map((each) => Math.round(each)),
    keyP95: round(percentile(keys, 0.95)),
    keyPaintP95: round(percentile(keyPaints, 0.95)),
    keys: keys.length,
  };
}
