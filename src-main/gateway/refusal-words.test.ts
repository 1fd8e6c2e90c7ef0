import { expect, it } from 'vitest';
import { AbortReason, AppFailure } from '../platform/app-failure.ts';
import { ManualClock } from '../platform/clock.ts';
import { refusalWords } from './refusal-words.ts';

/** A body that gives these pieces, and then stands still until it is closed. */
function stallingBody(pieces: readonly string[], closed: Error) {
  const left = pieces.map((piece) => Buffer.from(piece));
  let fail: (thrown: Error) => void = () => undefined;
  let isClosed = false;
  return {
    get isClosed() {
      return isClosed;
    },
    read: () => {
      if (isClosed) return Promise.resolve(null);
      const next = left.shift();
      if (next !== undefined) return Promise.resolve(next);
      return new Promise<Buffer | null>((_resolve, reject) => {
        fail = reject;
      });
    },
    close() {
      isClosed = true;
      fail(closed);
    },
    abort: (reason: Error) => fail(reason),
  };
}

const LOST = new AppFailure('upstream_lost', 'Cut.');

it('[E10-12] the words of a refusal that stalls are waited for two seconds, and what came is kept', async () => {
  const clock = new ManualClock();
  const body = stallingBody(['{"error":', '{"message"'], LOST);
  const words = refusalWords(body, clock);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1999);
  expect(body.isClosed).toBe(false);
  clock.advance(1);
  expect((await words).toString()).toBe('{"error":{"message"');
});

it('[E10-12] more of a refusal than anybody reads is closed', async () => {
  const body = stallingBody(['12345', '67890', 'more'], LOST);
  expect((await refusalWords(body, new ManualClock(), 8)).toString()).toBe('1234567890');
  expect(body.isClosed).toBe(true);
});

it('[E4-01] whoever stops meanwhile gets the reason of the stop', async () => {
  const reason = new AbortReason('user');
  const body = stallingBody(['{'], LOST);
  const words = refusalWords(body, new ManualClock());
  await new Promise((resolve) => setImmediate(resolve));
  body.abort(reason);
  await expect(words).rejects.toBe(reason);
});
