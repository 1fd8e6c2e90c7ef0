import { expect, it } from 'vitest';
import { deferred } from '../../platform/deferred.ts';
import { keptBeforeItsEnd } from './kept-before-its-end.ts';

async function* framesOf(texts: readonly string[], sent: string[]): AsyncGenerator<Buffer, void, undefined> {
  for (const text of texts) {
    sent.push(text);
    yield Buffer.from(text);
  }
}

it('[E11-06] a stream under an Idempotency-Key ends for its reader once it is kept, and not before', async () => {
  const sent: string[] = [];
  const noted: string[] = [];
  const kept = deferred<void>();
  const asked = deferred<void>();
  const frames = keptBeforeItsEnd(framesOf(['a', 'b', 'stop', 'after'], sent), {
    isComplete: () => sent.includes('stop'),
    note: (bytes) => noted.push(String(bytes)),
    keep: () => {
      asked.resolve();
      return kept.promise;
    },
  });
  expect(String((await frames.next()).value)).toBe('a');
  expect(noted).toEqual(['a']);
  expect(String((await frames.next()).value)).toBe('b');
  let isTold = false;
  const last = frames.next().finally(() => {
    isTold = true;
  });
  await asked.promise;
  expect(noted).toEqual(['a', 'b', 'stop', 'after']);
  expect(isTold).toBe(false);
  kept.resolve();
  expect(String((await last).value)).toBe('stopafter');
  expect((await frames.next()).done).toBe(true);
});

it('[E11-06] one whose end never comes is not kept, and goes on as it comes', async () => {
  const read: string[] = [];
  const frames = keptBeforeItsEnd(framesOf(['a', 'b'], []), {
    isComplete: () => false,
    note: () => undefined,
    keep: () => Promise.reject(new Error('it is not whole')),
  });
  for await (const bytes of frames) read.push(String(bytes));
  expect(read).toEqual(['a', 'b']);
});
