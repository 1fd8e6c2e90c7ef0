import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { workInTurn } from './work-in-turn.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const clock = { nowMs: 0 };

test('work is done in its order and gives way after some milliseconds', () => {
  const now = vi.spyOn(performance, 'now').mockImplementation(() => clock.nowMs);
  const done: number[] = [];
  for (let index = 0; index < 7; index++) {
    workInTurn(() => {
      done.push(index);
      clock.nowMs += 2;
    });
  }
  expect(done).toEqual([]);
  vi.advanceTimersToNextTimer();
  // Five milliseconds hold three pieces of two.
  expect(done).toEqual([0, 1, 2]);
  vi.runAllTimers();
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6]);
  now.mockRestore();
});

test('what was taken back is not done', () => {
  const done: string[] = [];
  workInTurn(() => done.push('a'));
  const takeBack = workInTurn(() => done.push('b'));
  workInTurn(() => done.push('c'));
  takeBack();
  vi.runAllTimers();
  expect(done).toEqual(['a', 'c']);
});
