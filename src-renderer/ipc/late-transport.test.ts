import { describe, expect, it } from 'vitest';
import { ok } from '#contract/errors';
import type { ChatEvent } from '#contract/events';
import { lateTransport } from './late-transport.ts';
import type { Transport } from './transport.ts';

function fakeTransport(): { transport: Transport; listeners: Set<(event: ChatEvent) => void> } {
  const listeners = new Set<(event: ChatEvent) => void>();
  const transport: Transport = {
    request: (route) => Promise.resolve(ok(route as never)),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onConnection: () => () => undefined,
  };
  return { transport, listeners };
}

describe('a transport that is still being loaded', () => {
  it('[E1-01] requests wait for it and subscriptions reach it', async () => {
    const { transport, listeners } = fakeTransport();
    let arrive: (transport: Transport) => void = () => undefined;
    const late = lateTransport(new Promise((resolve) => (arrive = resolve)));
    const answer = late.request('app.info', {});
    const unsubscribe = late.onEvent(() => undefined);
    arrive(transport);
    expect(await answer).toEqual(ok('app.info'));
    expect(listeners.size).toBe(1);
    unsubscribe();
    expect(listeners.size).toBe(0);
  });

  it('[E1-04] who leaves before it arrives is never subscribed', async () => {
    const { transport, listeners } = fakeTransport();
    const arriving = Promise.resolve(transport);
    lateTransport(arriving).onEvent(() => undefined)();
    await arriving;
    expect(listeners.size).toBe(0);
  });

  it('[E1-03] a transport that never comes is an answer in words, not an exception', async () => {
    const late = lateTransport(Promise.reject(new Error('the chunk is missing')));
    const answer = await late.request('app.info', {});
    expect(answer.ok).toBe(false);
  });
});
