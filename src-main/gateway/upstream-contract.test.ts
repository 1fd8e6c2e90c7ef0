import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ProfileKind } from '#contract/records';
import { ERA_TWO, RESPONSES } from '../../e2e/fake-upstream/capabilities.ts';
import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import {
  answer,
  cut,
  cutMidCharacter,
  endlessStream,
  endStream,
  fail,
  finish,
  keepalive,
  rateLimited,
  reasoning,
  stall,
  text,
  toolStart,
  wait,
  webPage,
  words,
} from '../../e2e/fake-upstream/script.ts';
import { AbortReason, AppFailure } from '../platform/app-failure.ts';
import { ManualClock } from '../platform/clock.ts';
import { readCapabilities } from './providers/hermes/read-capabilities.ts';
import { adapterFor } from './providers/registry.ts';
import {
  contextOf,
  eventsOf,
  Reading,
  reasoningOf,
  rejectionOf,
  requestOf,
  SECRET,
  terminalOf,
  textOf,
} from './testing/calls.ts';

let fake: FakeUpstream;

beforeEach(async () => {
  fake = await FakeUpstream.start();
});

afterEach(() => fake.close());

/** A way to an answer: a kind of upstream, and for Hermes what it says that it can do. */
interface Subject {
  name: string;
  kind: ProfileKind;
  capabilities: Record<string, unknown> | null;
  /** Whether an answer dies with its connection. */
  isSocket: boolean;
}

const SUBJECTS: Subject[] = [
  { name: 'hermes runs, first era', kind: 'hermes', capabilities: null, isSocket: false },
  { name: 'hermes runs, second era', kind: 'hermes', capabilities: ERA_TWO, isSocket: false },
  { name: 'hermes responses', kind: 'hermes', capabilities: RESPONSES, isSocket: true },
  { name: 'openai-chat', kind: 'openai-chat', capabilities: null, isSocket: true },
  { name: 'anthropic', kind: 'anthropic', capabilities: null, isSocket: true },
];

const startAs = (subject: Subject, fields: Parameters<typeof contextOf>[2] = {}) => {
  const { kind } = subject;
  if (subject.capabilities === null) fake.pretendEraOne();
  const capabilities = readCapabilities(subject.capabilities);
  return adapterFor(kind).start(requestOf(), contextOf(kind, fake.url, { capabilities, ...fields }));
};

describe.each(SUBJECTS)('[E9-01] $name', (subject) => {
  const { kind, isSocket } = subject;
  const start = (fields: Parameters<typeof contextOf>[2] = {}) => startAs(subject, fields);

  test('[decision 11] a run says how it is stopped', async () => {
    fake.next([text('a')]);
    const run = await start();
    expect(run.stopStyle).toBe(isSocket ? 'close-socket' : 'stop-request');
    expect(run.upstreamRunId === null).toBe(isSocket);
    await eventsOf(run);
  });

  test('text arrives whole and in order, then one terminal event', async () => {
    fake.next([...words('Grüße, 世界! 🎉 '.repeat(50))]);
    const events = await eventsOf(await start());
    expect(textOf(events)).toBe('Grüße, 世界! 🎉 '.repeat(50));
    expect(terminalOf(events)).toMatchObject({ type: 'completed', finishReason: 'stop' });
  });

  test('[E2-06] reasoning stands apart from text', async () => {
    fake.next([reasoning('Let me '), reasoning('think.'), text('Done.')]);
    const events = await eventsOf(await start());
    expect(reasoningOf(events)).toBe('Let me think.');
    expect(textOf(events)).toBe('Done.');
  });

  test('[E2-08] parallel tool calls keep their ids and arguments', async () => {
    fake.next([
      toolStart('search', { id: 'a', arguments: '{"query":"one"}' }),
      toolStart('search', { id: 'b', arguments: '{"query":"two"}' }),
      finish(),
    ]);
    const events = await eventsOf(await start());
    const last = new Map(
      events.flatMap((event) => (event.type === 'tool-start' ? [[event.callId, event] as const] : [])),
    );
    expect(last.get('a')).toMatchObject({ name: 'search', arguments: '{"query":"one"}', preview: 'one' });
    expect(last.get('b')).toMatchObject({ name: 'search', arguments: '{"query":"two"}', preview: 'two' });
  });

  test('[BUG-D20] usage is what was reported, and null where nothing was', async () => {
    fake.next([text('hi'), finish({ usage: { input: 12, output: 3 } })]);
    const told = terminalOf(await eventsOf(await start()));
    expect(told.usage).toMatchObject({ input_tokens: 12, output_tokens: 3, total_tokens: 15, cache_read_tokens: null });
    if (kind === 'anthropic') return;
    fake.next([text('hi')]);
    expect(terminalOf(await eventsOf(await start())).usage).toBeNull();
  });

  test('keep-alive comments are no content', async () => {
    fake.next([keepalive(), text('a'), keepalive(), text('b')]);
    expect(textOf(await eventsOf(await start()))).toBe('ab');
  });

  test.each([
    ['401', answer(401, { error: { message: `bad key ${SECRET}` } }), 'upstream_auth'],
    ['402', answer(402, { error: { message: 'pay' } }), 'quota_exhausted'],
    ['404', answer(404, { error: { message: 'nope' } }), 'upstream_rejected'],
    ['429 with Retry-After', rateLimited('7'), 'upstream_rate_limited'],
    ['500', answer(500, 'boom'), 'upstream_error'],
    ['503', answer(503, ''), 'upstream_overloaded'],
    ['a redirect', answer(302, '', { location: '/elsewhere' }), 'upstream_bad_response'],
    ['a web page under 200', webPage(), 'upstream_bad_response'],
    ['an empty body under 200', answer(200, '', { 'content-type': 'application/json' }), 'upstream_bad_response'],
    [
      'an error under 200',
      answer(200, { error: { type: 'overloaded_error', message: 'busy' } }),
      'upstream_overloaded',
    ],
    ['malformed JSON', answer(200, '{"half":', { 'content-type': 'application/json' }), 'upstream_bad_response'],
    ['another media type', answer(200, 'what?', { 'content-type': 'application/pdf' }), 'upstream_bad_response'],
  ])('[E2-12] %s is a typed failure of start, without the key in it', async (_name, script, code) => {
    fake.next(script);
    const failure = await rejectionOf(start());
    expect(failure).toBeInstanceOf(AppFailure);
    expect(failure).toMatchObject({ code });
    expect(JSON.stringify((failure as AppFailure).toAppError())).not.toContain(SECRET);
    expect(fake.requests).toHaveLength(1);
  });

  test('a refused connection says so', async () => {
    const address = fake.url;
    await fake.close();
    const failure = await rejectionOf(adapterFor(kind).start(requestOf(), contextOf(kind, address)));
    expect(failure).toMatchObject({
      code: 'upstream_unreachable',
      retry: { kind: 'user-action', action: 'check-address' },
    });
    fake = await FakeUpstream.start();
  });

  test('[BUG-D8] an error inside the stream is a failure, never an end', async () => {
    fake.next([text('partial'), fail('the model broke', isSocket ? 'overloaded_error' : undefined)]);
    const events = await eventsOf(await start());
    expect(textOf(events)).toBe('partial');
    expect(terminalOf(events)).toMatchObject({
      type: 'failed',
      error: { code: isSocket ? 'upstream_overloaded' : 'upstream_error' },
    });
  });

  test('[E2-22] headers that do not come end in a timeout, and the socket is closed', async () => {
    const clock = new ManualClock();
    fake.next({ steps: [], headersGate: 'never' });
    const failing = rejectionOf(start({ clock, deadlines: { headersTimeoutMs: 120_000 } }));
    await fake.gates.reached('never');
    clock.advance(119_999);
    expect(fake.recorder.aborts).toHaveLength(0);
    clock.advance(1);
    expect(await failing).toMatchObject({ code: 'timeout', details: { deadline: 'headers' } });
    await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
  });

  test('[E4-01] abort before the headers closes the socket within 100 ms', async () => {
    const controller = new AbortController();
    fake.next({ steps: [], headersGate: 'never' });
    const failing = rejectionOf(start({ signal: controller.signal }));
    await fake.gates.reached('never');
    const reason = new AbortReason('user');
    const atMs = performance.now();
    controller.abort(reason);
    expect(await failing).toBe(reason);
    await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
    expect((fake.recorder.aborts[0]?.atMs ?? 0) - atMs).toBeLessThan(100);
  });

  test('[E4-02] abort in mid-stream closes the socket within 100 ms and ends as cancelled', async () => {
    const controller = new AbortController();
    fake.next([endlessStream(200)]);
    const reading = new Reading(await start({ signal: controller.signal }));
    await reading.until((events) => textOf(events).length > 20);
    const atMs = performance.now();
    controller.abort(new AbortReason('user'));
    await reading.done;
    expect(performance.now() - atMs).toBeLessThan(100);
    expect(terminalOf(reading.events)).toMatchObject({ type: 'cancelled' });
    await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
    expect((fake.recorder.aborts[0]?.atMs ?? 0) - atMs).toBeLessThan(100);
  });

  test('an abort before the start sends nothing', async () => {
    const reason = new AbortReason('user');
    expect(await rejectionOf(start({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(fake.requests).toHaveLength(0);
  });

  test('a reader that leaves early closes the socket', async () => {
    fake.next([endlessStream(200)]);
    const run = await start();
    for await (const batch of run.events) if (batch.length > 0) break;
    await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
  });

  test('a finished answer leaves its connection for the next', async () => {
    fake.next([text('one')], [text('two')]);
    for (let round = 0; round < 5; round++) {
      await eventsOf(await start());
      // The end of the connection's turn is not an event that anybody is told of.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(fake.recorder.aborts).toHaveLength(0);
    expect(fake.connections).toBeLessThanOrEqual(isSocket ? 1 : 2);
  });
});

const SOCKET = SUBJECTS.filter((subject) => subject.isSocket);

describe.each(SOCKET)('[E9-01] [BUG-B7] $name, whose answer dies with its connection', (subject) => {
  const start = (fields: Parameters<typeof contextOf>[2] = {}) => startAs(subject, fields);

  test.each([
    ['a cut socket', cut()],
    ['a cut in the middle of a character', cutMidCharacter()],
    ['an orderly end without a last word', endStream()],
  ])('%s is upstream_lost with the partial text kept', async (_name, end) => {
    fake.next([text('part'), wait(10), end]);
    const events = await eventsOf(await start());
    expect(textOf(events)).toBe('part');
    expect(terminalOf(events)).toMatchObject({ type: 'failed', error: { code: 'upstream_lost' } });
  });

  test('[E2-22] silence in the stream is a timeout; what came before it is kept', async () => {
    const clock = new ManualClock();
    fake.next([text('part'), stall()]);
    const reading = new Reading(await start({ clock, deadlines: { idleTimeoutMs: 60_000 } }));
    await reading.until((events) => textOf(events) === 'part');
    clock.advance(60_000);
    await reading.done;
    expect(terminalOf(reading.events)).toMatchObject({
      type: 'failed',
      error: { code: 'timeout', details: { deadline: 'idle' } },
    });
    await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
  });

  test('[E2-22] the whole call has a deadline, however lively the stream', async () => {
    const clock = new ManualClock();
    fake.next([endlessStream(200)]);
    const reading = new Reading(
      await start({ clock, deadlines: { totalTimeoutMs: 3_600_000, idleTimeoutMs: 4_000_000 } }),
    );
    await reading.until((events) => events.length > 3);
    clock.advance(3_600_000);
    await reading.done;
    expect(terminalOf(reading.events)).toMatchObject({
      type: 'failed',
      error: { code: 'timeout', details: { deadline: 'total' } },
    });
  });

  test('stop closes the socket within 100 ms', async () => {
    fake.next([endlessStream(200)]);
    const run = await start();
    const reading = new Reading(run);
    await reading.until((events) => events.length > 3);
    const atMs = performance.now();
    expect(await run.stop()).toBe('stopped');
    await reading.done;
    expect(terminalOf(reading.events).type).toBe('cancelled');
    await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
    expect((fake.recorder.aborts[0]?.atMs ?? 0) - atMs).toBeLessThan(100);
  });

  test('a frame that is no JSON is a failure: part of the answer is missing', async () => {
    fake.next([text('part'), { do: 'raw', text: 'data: {"broken\n\n' }, text('more')]);
    const events = await eventsOf(await start());
    expect(textOf(events)).toBe('part');
    expect(terminalOf(events)).toMatchObject({ type: 'failed', error: { code: 'upstream_bad_response' } });
  });

  test('an event stream without a byte in it is no answer', async () => {
    fake.next(answer(200, '', { 'content-type': 'text/event-stream' }));
    expect(terminalOf(await eventsOf(await start()))).toMatchObject({
      type: 'failed',
      error: { code: 'upstream_bad_response' },
    });
  });
});
