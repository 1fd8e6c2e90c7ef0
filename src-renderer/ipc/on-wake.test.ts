import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onWake } from './on-wake.ts';

describe('waking up', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function page(visibilityState: DocumentVisibilityState = 'visible') {
    const window = new EventTarget();
    let skippedMs = 0;
    const woken = vi.fn();
    const end = onWake(woken, {
      window: window as unknown as Window,
      document: { visibilityState },
      now: () => Date.now() + skippedMs,
    });
    return { window, woken, end, sleep: (ms: number) => (skippedMs += ms) };
  }

  it('[E5-05] a machine that slept for more than 30 s is noticed, and noticed once', async () => {
    const { woken, sleep } = page();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(woken).not.toHaveBeenCalled();
    sleep(31_000);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(woken).toHaveBeenCalledTimes(1);
  });

  it('[E5-05] a late timer is no sleep, and a hidden page is left alone', async () => {
    const late = page();
    late.sleep(20_000);
    const hidden = page('hidden');
    hidden.sleep(120_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(late.woken).not.toHaveBeenCalled();
    expect(hidden.woken).not.toHaveBeenCalled();
  });

  it('[E5-05] the network coming back is told, until nobody wants to know', () => {
    const { window, woken, end } = page();
    window.dispatchEvent(new Event('online'));
    end();
    window.dispatchEvent(new Event('online'));
    expect(woken).toHaveBeenCalledTimes(1);
  });
});
