import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ProfileKind } from '#contract/records';
import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import { answer, cut, endlessStream, fail, text } from '../../e2e/fake-upstream/script.ts';
import { AbortReason, AppFailure } from '../platform/app-failure.ts';
import { systemClock } from '../platform/clock.ts';
import { Gateway } from './gateway.ts';
import { eventsOf, Reading, rejectionOf, requestOf, SECRET, terminalOf, textOf } from './testing/calls.ts';
import { fixedLease } from './testing/fixed-lease.ts';

let fake: FakeUpstream;
let released: number;
let leasedFor: string[];

beforeEach(async () => {
  fake = await FakeUpstream.start();
  released = 0;
  leasedFor = [];
});

afterEach(() => fake.close());

function gatewayOf(kind: ProfileKind, key: string | null = SECRET): Gateway {
  return new Gateway({
    profiles: {
      byName: (name) => ({ id: 'p1', name, kind, baseUrl: kind === 'demo' ? '' : fake.url, defaultModel: 'm1' }),
    },
    credentials: {
      lease: async ({ profileId, origin }) => {
        leasedFor.push(`${profileId} ${origin}`);
        return key === null ? null : fixedLease('c1', key, () => released++);
      },
    },
    settings: () => ({ headersTimeoutMs: 5000, idleTimeoutMs: 5000, totalTimeoutMs: 60_000 }),
    clock: systemClock,
  });
}

const signal = () => new AbortController().signal;

test('[E9-02] a run goes to the profile’s address with its key and its default model', async () => {
  const { run, credentialId } = await gatewayOf('openai-chat').start('work', requestOf({ model: null }), signal());
  await eventsOf(run);
  expect(credentialId).toBe('c1');
  expect(leasedFor).toEqual([`p1 ${fake.url}`]);
  expect(fake.requests[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
  expect(fake.requests[0]?.body).toMatchObject({ model: 'm1' });
});

test.each([
  ['it ends', [text('a')]],
  ['it fails in the stream', [text('a'), fail('x')]],
  ['it is cut', [text('a'), cut()]],
])('[BUG-D1] the key is held until the answer is over and given back once: %s', async (_name, steps) => {
  fake.next(steps);
  const { run } = await gatewayOf('openai-chat').start('work', requestOf(), signal());
  expect(released).toBe(0);
  await eventsOf(run);
  expect(released).toBe(1);
});

test('[BUG-D3] the key is given back once when the start fails', async () => {
  fake.next(answer(500, ''));
  await rejectionOf(gatewayOf('anthropic').start('work', requestOf(), signal()));
  expect(released).toBe(1);
});

test('[BUG-D3] the key is given back once when the start is aborted', async () => {
  const controller = new AbortController();
  fake.next({ steps: [], headersGate: 'never' });
  const failing = rejectionOf(gatewayOf('hermes').start('work', requestOf(), controller.signal));
  await fake.gates.reached('never');
  controller.abort(new AbortReason('user'));
  expect(await failing).toBeInstanceOf(AbortReason);
  expect(released).toBe(1);
});

test('[BUG-D3] the key is given back once when a run is aborted, read or not', async () => {
  const controller = new AbortController();
  fake.next([endlessStream()], [endlessStream()]);
  const gateway = gatewayOf('openai-chat');
  const read = await gateway.start('work', requestOf(), controller.signal);
  await gateway.start('work', requestOf(), controller.signal);
  const reading = new Reading(read.run);
  await reading.until((events) => events.length > 0);
  controller.abort(new AbortReason('user'));
  await reading.done;
  expect(terminalOf(reading.events).type).toBe('cancelled');
  expect(released).toBe(2);
  await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(2));
});

test('the key is given back once when the reader leaves early', async () => {
  fake.next([endlessStream()]);
  const { run } = await gatewayOf('openai-chat').start('work', requestOf(), signal());
  for await (const batch of run.events) if (batch.length > 0) break;
  expect(released).toBe(1);
});

test('a kind that needs a key says which step is missing, and calls nobody', async () => {
  const failure = await rejectionOf(gatewayOf('anthropic', null).start('work', requestOf(), signal()));
  expect(failure).toMatchObject({ code: 'no_credential', retry: { kind: 'user-action', action: 'add-key' } });
  expect(fake.requests).toHaveLength(0);
});

test('a local server needs no key, and gets no header for one', async () => {
  const { run, credentialId } = await gatewayOf('openai-chat', null).start('work', requestOf(), signal());
  expect(textOf(await eventsOf(run))).toContain('hello');
  expect(credentialId).toBeNull();
  expect(fake.requests[0]?.headers.authorization).toBeUndefined();
});

test('the demo asks for no key at all', async () => {
  const { run } = await gatewayOf('demo').start(
    'demo',
    requestOf({ input: { content: '/echo hi', parts: null } }),
    signal(),
  );
  expect(textOf(await eventsOf(run))).toBe('hi');
  expect(leasedFor).toEqual([]);
});

test('a failure of the key source passes as it is', async () => {
  const locked = new AppFailure('secrets_locked', 'Locked.');
  const gateway = new Gateway({
    profiles: { byName: (name) => ({ id: 'p1', name, kind: 'anthropic', baseUrl: fake.url, defaultModel: null }) },
    credentials: { lease: () => Promise.reject(locked) },
    settings: () => ({ headersTimeoutMs: 5000, idleTimeoutMs: 5000, totalTimeoutMs: 60_000 }),
    clock: systemClock,
  });
  expect(await rejectionOf(gateway.start('work', requestOf(), signal()))).toBe(locked);
});

test('[decision 11] Hermes is stopped by a request, all others by their socket', () => {
  expect(gatewayOf('hermes').stopStyle('x')).toBe('stop-request');
  for (const kind of ['openai-chat', 'anthropic', 'demo'] as const) {
    expect(gatewayOf(kind).stopStyle('x')).toBe('close-socket');
  }
});

test('attach is null where runs die with their connection, and gives the key back where the run is unknown', async () => {
  expect(await gatewayOf('openai-chat').attach('work', 'run_x', signal())).toBeNull();
  expect(leasedFor).toEqual([]);
  expect(await gatewayOf('hermes').attach('work', 'run_x', signal())).toBeNull();
  expect(released).toBe(1);
});
