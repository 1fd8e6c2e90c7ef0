import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { workAtRest } from './at-rest.ts';
import { drawInTurn, isDrawingInTurn } from './draw-in-turn.ts';

const WINDOW_PX = 800;
const clock = { nowMs: 0 };
let frames: (() => void)[] = [];
let asked: string[] = [];

/** Something of 100 px in a list that is all in sight. */
function partAt(topPx: number, name = String(topPx), around: Element | null = null): Element {
  return {
    parentElement: around,
    getBoundingClientRect: () => {
      asked.push(name);
      return { top: topPx, bottom: topPx + 100 };
    },
  } as unknown as Element;
}

/** A frame that takes so long, and what is done after it. */
function frame(tookMs = 1): void {
  const callbacks = frames;
  frames = [];
  for (const callback of callbacks) callback();
  clock.nowMs += tookMs;
  vi.advanceTimersByTime(0);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(performance, 'now').mockImplementation(() => clock.nowMs);
  vi.stubGlobal('innerHeight', WINDOW_PX);
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback));
  frames = [];
  asked = [];
});
afterEach(() => {
  for (let count = 0; frames.length > 0 && count < 100; count++) frame();
  vi.runAllTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Puts parts in line, each of which takes so long. @returns those that were drawn. */
function drawAll(tops: readonly number[], tookMs: number): number[] {
  const drawn: number[] = [];
  for (const top of tops) {
    drawInTurn(partAt(top), () => {
      drawn.push(top);
      clock.nowMs += tookMs;
    });
  }
  return drawn;
}

test('the nearest to the window is drawn first, a few milliseconds after each frame', () => {
  const drawn = drawAll([-900, 2000, -300, 400], 2);
  expect(drawn).toEqual([]);
  frame();
  // Three milliseconds hold a part of two and begin another.
  expect(drawn).toEqual([400, -300]);
  frame();
  expect(drawn).toEqual([400, -300, -900, 2000]);
  frame();
  expect(frames).toEqual([]);
});

test('after a late frame nothing is drawn that nobody sees, but not forever', () => {
  const drawn = drawAll([-900, -700], 5);
  frame(30);
  frame(30);
  expect(drawn).toEqual([]);
  frame(30);
  expect(drawn).toEqual([-700]);
  frame();
  expect(drawn).toEqual([-700, -900]);
});

test('what is in sight is drawn after a late frame as well', () => {
  const drawn = drawAll([-900, 700], 5);
  frame(30);
  expect(drawn).toEqual([700]);
});

test('what was taken back is not drawn, also by what is drawn before it', () => {
  const drawn: string[] = [];
  const takeBack = drawInTurn(partAt(-500), () => drawn.push('b'));
  drawInTurn(partAt(100), () => {
    drawn.push('a');
    takeBack();
  });
  frame();
  frame();
  expect(drawn).toEqual(['a']);
});

test('where what is around a part is far away, the part itself is not asked where it stands', () => {
  const far = partAt(5000, 'far');
  drawInTurn(partAt(5100, 'in it', far), () => undefined);
  drawInTurn(partAt(120, 'near', partAt(100, 'around')), () => undefined);
  frame();
  expect(asked.toSorted()).toEqual(['around', 'far', 'near']);
});

test('a part knows that it is drawn in its turn, and what nobody sees waits until parts have rested', () => {
  const done: unknown[] = [];
  expect(isDrawingInTurn()).toBe(false);
  drawInTurn(partAt(100), () => {
    done.push(isDrawingInTurn());
    workAtRest(() => done.push('at rest'));
  });
  frame();
  expect([done, isDrawingInTurn()]).toEqual([[true], false]);
  // Somebody scrolls on: another part is drawn 200 ms later.
  clock.nowMs += 200;
  drawInTurn(partAt(100), () => done.push('b'));
  frame();
  clock.nowMs += 100;
  vi.advanceTimersByTime(300);
  expect(done).toEqual([true, 'b']);
  clock.nowMs += 200;
  vi.advanceTimersByTime(200);
  expect(done).toEqual([true, 'b', 'at rest']);
});

test('what waits for rest gives way after some milliseconds and can be taken back', () => {
  const done: number[] = [];
  const takeBacks = Array.from({ length: 5 }, (_, index) =>
    workAtRest(() => {
      done.push(index);
      clock.nowMs += 2;
    }),
  );
  takeBacks[1]?.();
  clock.nowMs += 1000;
  vi.advanceTimersToNextTimer();
  expect(done).toEqual([0, 2]);
  vi.runAllTimers();
  expect(done).toEqual([0, 2, 3, 4]);
});
