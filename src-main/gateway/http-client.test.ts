import type { Dispatcher } from 'undici';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import { answer, endlessStream, text } from '../../e2e/fake-upstream/script.ts';
import { AppFailure } from '../platform/app-failure.ts';
import { systemClock } from '../platform/clock.ts';
import { HttpAnswer } from './http-answer.ts';
import { HttpClient } from './http-client.ts';
import { HttpExchange } from './http-exchange.ts';
import { rejectionOf } from './testing/calls.ts';

let fake: FakeUpstream;
const http = new HttpClient();

beforeEach(async () => {
  fake = await FakeUpstream.start();
});

afterEach(async () => {
  await fake.close();
  await http.close();
});

const open = (fields: { maxBytes?: number; signal?: AbortSignal; leaving?: () => void } = {}) =>
  http.open(
    { method: 'POST', url: `${fake.url}/v1/chat/completions`, headers: {}, json: { stream: true, messages: [] } },
    {
      upstream: 'test',
      deadlines: { headersTimeoutMs: 5000, idleTimeoutMs: 5000, totalTimeoutMs: 60_000 },
      clock: systemClock,
      signal: fields.signal ?? new AbortController().signal,
      maxBytes: fields.maxBytes ?? 1024 * 1024,
      ...(fields.leaving === undefined ? {} : { leaving: fields.leaving }),
    },
  );

test('[decision 34] an endless answer stops at its size cap, and the socket is closed', async () => {
  fake.next([endlessStream(100_000)]);
  const received = await open({ maxBytes: 100_000 });
  const failure = await rejectionOf(
    (async () => {
      while ((await received.read()) !== null) continue;
    })(),
  );
  expect(failure).toMatchObject({ code: 'upstream_bad_response', details: { maxBytes: 100_000 } });
  await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
});

test('a whole answer has a smaller cap', async () => {
  fake.next(answer(200, 'x'.repeat(9 * 1024 * 1024)));
  const received = await open({ maxBytes: 64 * 1024 * 1024 });
  expect(await rejectionOf(received.text())).toMatchObject({ code: 'upstream_bad_response' });
});

test('the beginning of a long error is read, the rest is not', async () => {
  fake.next(answer(500, 'x'.repeat(1024 * 1024)));
  const received = await open();
  const words = await received.refusal();
  expect(words.length).toBeGreaterThanOrEqual(64 * 1024);
  expect(words.length).toBeLessThan(500_000);
  expect(await received.read()).toBeNull();
});

test('nothing of a finished call stays with its signal', async () => {
  const controller = new AbortController();
  fake.next([text('a')]);
  const received = await open({ signal: controller.signal });
  while ((await received.read()) !== null) continue;
  controller.abort();
  expect(await received.read()).toBeNull();
  expect(fake.recorder.aborts).toHaveLength(0);
});

test('a closed pool opens again for the next request', async () => {
  await (await open()).text();
  await http.close();
  expect((await open()).status).toBe(200);
});

test('a compressed answer is refused by name instead of being read as noise', async () => {
  fake.next(answer(200, 'whatever these bytes are', { 'content-encoding': 'gzip' }));
  const failure = await rejectionOf(open());
  expect(failure).toMatchObject({ code: 'upstream_bad_response', details: { encoding: 'gzip' } });
  expect(fake.requests[0]?.headers['accept-encoding']).toBe('identity');
});

test('[decision 31] says that a request leaves before any of it has left, on new connections and on used ones', async () => {
  const reached: number[] = [];
  const leaving = () => reached.push(fake.requests.length);
  for (let round = 0; round < 3; round++) await (await open({ leaving })).text();
  await Promise.all(Array.from({ length: 3 }, async () => (await open({ leaving })).text()));
  expect(reached).toHaveLength(6);
  expect(reached.slice(0, 4)).toEqual([0, 1, 2, 3]);
  expect(reached.every((seen, at) => seen <= at)).toBe(true);
  const stopped = new AbortController();
  const failing = rejectionOf(open({ leaving, signal: stopped.signal }));
  stopped.abort(new Error('stopped'));
  await failing;
  expect(reached).toHaveLength(6);
});

test('what has arrived whole is taken without a wait; what has not, or was given up, is not', async () => {
  const begun = async () => {
    const exchange = new HttpExchange();
    const controller = { paused: false } as Dispatcher.DispatchController;
    exchange.onResponseStart(controller, 200, {});
    exchange.onResponseData(controller, Buffer.from('ab'));
    const release = vi.fn();
    const parts = { upstream: 'test', clock: systemClock, exchange, idleTimeoutMs: 5000, maxBytes: 3, release };
    return { exchange, controller, release, received: new HttpAnswer(await exchange.head, parts) };
  };
  const one = await begun();
  expect(one.received.arrived()).toBeNull();
  one.exchange.onResponseData(one.controller, Buffer.from('c'));
  one.exchange.onResponseEnd();
  expect(one.received.arrived()?.toString()).toBe('abc');
  expect(one.release).toHaveBeenCalledOnce();
  expect(one.received.arrived()).toBeNull();
  expect(await one.received.read()).toBeNull();

  const large = await begun();
  large.exchange.onResponseData(large.controller, Buffer.from('cd'));
  large.exchange.onResponseEnd();
  expect(() => large.received.arrived()).toThrow(AppFailure);
  expect(large.release).toHaveBeenCalledOnce();

  const stopped = await begun();
  stopped.exchange.onResponseEnd();
  stopped.exchange.abort(new Error('stopped'));
  expect(stopped.received.arrived()).toBeNull();
  await expect(stopped.received.read()).rejects.toThrow('stopped');
});
