import { expect, it } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { deferred } from '../../platform/deferred.ts';
import { type CountParts, countRequestTokens } from './count-tokens.ts';
import { readProgramRequest } from './relay-request.ts';

const body = (content: unknown) =>
  readProgramRequest('anthropic-messages', Buffer.from(JSON.stringify({ messages: [{ role: 'user', content }] })));

async function countedAs(counts: number[], content: unknown = ['a', 'b'].map((text) => ({ type: 'text', text }))) {
  const parts = { clock: new ManualClock(), countTexts: () => Promise.resolve(counts) } as unknown as CountParts;
  const profile = { name: 'gpt', kind: 'openai-chat' } as const;
  const question = { id: '1', request: body(content), profile, model: 'm', headers: {}, search: '' };
  return countRequestTokens(parts, question, new AbortController().signal);
}

it('[E11-04] an estimate saturates, and never wraps into a negative', async () => {
  expect(await countedAs([2 ** 31, 2 ** 31])).toEqual({ inputTokens: 2 ** 31 - 1, isEstimate: true });
  expect(await countedAs([-5000])).toEqual({ inputTokens: 0, isEstimate: true });
  expect(await countedAs([3, 4])).toEqual({ inputTokens: 11, isEstimate: true });
});

it('[E11-04] nothing at all is counted as nothing but its message', async () => {
  expect(await countedAs([], '')).toEqual({ inputTokens: 4, isEstimate: true });
});

it('[E11-04][BUG-D16] a provider that wants a pause is waited for no longer than a person notices', async () => {
  const clock = new ManualClock();
  const asked = deferred<void>();
  let isOver = false;
  const next = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      asked.resolve();
    });
  const parts = {
    clock,
    countTexts: () => Promise.resolve([3]),
    gateway: {
      relay: (_profile: string, _request: unknown, signal: AbortSignal) =>
        Promise.resolve({
          call: { next: () => next(signal) },
          over: () => {
            isOver = true;
          },
        }),
    },
  } as unknown as CountParts;
  const profile = { name: 'claude', kind: 'anthropic' } as const;
  const question = { id: '1', request: body('x'), profile, model: 'm', headers: {}, search: '' };
  const counted = countRequestTokens(parts, question, new AbortController().signal);
  await asked.promise;
  clock.advance(5000);
  expect(await counted).toEqual({ inputTokens: 7, isEstimate: true });
  expect([isOver, clock.pending]).toEqual([true, 0]);
});
