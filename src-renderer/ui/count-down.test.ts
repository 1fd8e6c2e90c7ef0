import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { countDown } from './count-down.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function pageThat(visibilityState: DocumentVisibilityState) {
  const events = new EventTarget();
  const page = {
    visibilityState,
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
  };
  const show = (next: DocumentVisibilityState) => {
    page.visibilityState = next;
    events.dispatchEvent(new Event('visibilitychange'));
  };
  return { page: page as unknown as Document, show };
}

it('[E12] a wait counts down once a second and leaves no timer behind', () => {
  const { page } = pageThat('visible');
  const told: number[] = [];
  countDown(Date.now() + 2500, (left) => told.push(left), { now: Date.now, page });
  vi.advanceTimersByTime(400);
  expect(told).toEqual([3]);
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([3, 2, 1, 0]);
  expect(vi.getTimerCount()).toBe(0);
});

it('[E12] a page that nobody sees sets no timer, and is right at once when it is seen again', () => {
  const { page, show } = pageThat('visible');
  const told: number[] = [];
  const end = countDown(Date.now() + 60_000, (left) => told.push(left), { now: Date.now, page });
  show('hidden');
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(45_000);
  expect(told).toEqual([60, 60]);
  show('visible');
  expect(told.at(-1)).toBe(15);
  end();
  expect(vi.getTimerCount()).toBe(0);
  show('visible');
  expect(told).toHaveLength(3);
});

it('[E12] a wait that is over is told once and costs nothing', () => {
  const { page, show } = pageThat('visible');
  const told: number[] = [];
  countDown(Date.now() - 1, (left) => told.push(left), { now: Date.now, page });
  show('visible');
  expect(told).toEqual([0]);
  expect(vi.getTimerCount()).toBe(0);
});
