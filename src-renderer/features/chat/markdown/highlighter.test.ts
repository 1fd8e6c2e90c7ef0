import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HighlightAnswer, HighlightRequest } from './highlight-protocol.ts';
import { Highlighter, type HighlightWorker } from './highlighter.ts';

class ScriptedWorker implements HighlightWorker {
  readonly asked: HighlightRequest[] = [];
  isTerminated = false;
  onmessage: HighlightWorker['onmessage'] = null;
  onerror: HighlightWorker['onerror'] = null;

  postMessage(request: HighlightRequest): void {
    this.asked.push(request);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(lines: HighlightAnswer['lines'], id = this.asked.at(-1)?.id ?? -1): void {
    this.onmessage?.({ data: { id, lines } } as MessageEvent<HighlightAnswer>);
  }
}

let workers: ScriptedWorker[];
let highlighter: Highlighter;
const current = () => {
  const worker = workers.at(-1);
  if (worker === undefined) throw new Error('No worker was started.');
  return worker;
};

beforeEach(() => {
  vi.useFakeTimers();
  workers = [];
  highlighter = new Highlighter(() => {
    const worker = new ScriptedWorker();
    workers.push(worker);
    return worker;
  });
});
afterEach(() => vi.useRealTimers());

describe('[E6-07] the highlighter', () => {
  it('starts no worker before the first code, and asks for one block at a time', async () => {
    expect(workers).toHaveLength(0);
    const first = highlighter.highlight('typescript', 'a');
    const second = highlighter.highlight('python', 'b');
    expect(current().asked.map(({ code }) => code)).toEqual(['a']);
    current().answer([[1, 1]]);
    expect(await first).toEqual([[1, 1]]);
    expect(current().asked.map(({ code }) => code)).toEqual(['a', 'b']);
    current().answer(null);
    expect(await second).toBeNull();
    expect(workers).toHaveLength(1);
  });

  it('asks for the same code once, also while it waits', async () => {
    const both = [highlighter.highlight('css', 'x'), highlighter.highlight('css', 'x')];
    current().answer([[0, 1]]);
    expect(await Promise.all(both)).toEqual([[[0, 1]], [[0, 1]]]);
    expect(current().asked).toHaveLength(1);
    expect(highlighter.peek('css', 'x')).toEqual([[0, 1]]);
    expect(highlighter.peek('html', 'x')).toBeUndefined();
  });

  it('code that never ends costs itself: the worker is replaced and the next one is asked', async () => {
    const endless = highlighter.highlight('cpp', 'endless');
    const next = highlighter.highlight('cpp', 'next');
    vi.advanceTimersByTime(10_000);
    expect(await endless).toBeNull();
    expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
    // What the first one says too late is nobody's answer.
    workers[0]?.answer([[1, 7]]);
    current().answer([[2, 4]]);
    expect(await next).toEqual([[2, 4]]);
  });

  it('a worker that cannot start leaves the code plain', async () => {
    const lines = highlighter.highlight('go', 'x');
    current().onerror?.({} as ErrorEvent);
    expect(await lines).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('what is kept of earlier code is bounded', async () => {
    const size = 1_100_000;
    for (const letter of ['a', 'b', 'c']) {
      const lines = highlighter.highlight('json', letter.repeat(size));
      current().answer([]);
      await lines;
    }
    expect(highlighter.peek('json', 'a'.repeat(size))).toBeUndefined();
    expect(highlighter.peek('json', 'c'.repeat(size))).toEqual([]);
  });
});
