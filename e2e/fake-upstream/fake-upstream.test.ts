import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ERA_TWO, RESPONSES } from './capabilities.ts';
import { FakeUpstream } from './fake-upstream.ts';
import {
  answer,
  awaitSteer,
  clarify,
  cut,
  endlessStream,
  finish,
  paced,
  rateLimited,
  stall,
  text,
  toolEnd,
  toolStart,
  waitForRelease,
  words,
} from './script.ts';

let fake: FakeUpstream;

beforeEach(async () => {
  fake = await FakeUpstream.start();
});

afterEach(() => fake.close());

const post = (path: string, body: unknown, init: RequestInit = {}) =>
  fetch(`${fake.url}${path}`, { method: 'POST', body: JSON.stringify(body), ...init });
const chat = (content = 'hi', fields: object = {}, init: RequestInit = {}) =>
  post('/v1/chat/completions', { stream: true, messages: [{ role: 'user', content }], ...fields }, init);
const startRun = async (input = 'hi'): Promise<string> =>
  ((await (await post('/v1/runs', { input, session_id: 's1' })).json()) as { run_id: string }).run_id;
const events = (id: string, init: RequestInit = {}) => fetch(`${fake.url}/v1/runs/${id}/events`, init);
const status = async (id: string) =>
  (await (await fetch(`${fake.url}/v1/runs/${id}`)).json()) as Record<string, unknown>;

test('without a script it echoes, in all three protocols', async () => {
  expect(await (await chat('one')).text()).toContain('"content":"one"');
  expect(
    await (await post('/v1/messages', { stream: true, messages: [{ role: 'user', content: 'two' }] })).text(),
  ).toContain('"text":"two"');
  expect(await (await events(await startRun('three'))).text()).toContain('"delta":"three"');
});

test('without stream an answer is one body', async () => {
  fake.next([...words('all of it'), finish({ usage: { input: 1, output: 2 } })]);
  expect(await (await chat('x', { stream: false })).json()).toMatchObject({
    choices: [{ message: { content: 'all of it' } }],
    usage: { total_tokens: 3 },
  });
});

test('scripts are taken in order, and by what the request says', async () => {
  fake.next({ steps: [text('for b')], match: 'bbb' }, [text('first')]);
  expect(await (await chat('aaa')).text()).toContain('first');
  expect(await (await chat('bbb')).text()).toContain('for b');
});

test('a refused request says what the script says', async () => {
  fake.next(rateLimited('3'));
  const response = await chat();
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3']);
});

test('a client that goes away is seen, with the time', async () => {
  const controller = new AbortController();
  fake.next([endlessStream(100)]);
  const response = await chat('x', {}, { signal: controller.signal });
  await response.body?.getReader().read();
  expect(fake.recorder.liveRuns).toBe(1);
  expect(fake.openAnswers).toBe(1);
  const atMs = performance.now();
  controller.abort();
  await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
  expect(fake.recorder.aborts[0]?.atMs).toBeGreaterThanOrEqual(atMs);
  await vi.waitFor(() => expect(fake.recorder.liveRuns).toBe(0));
});

test('[BUG-B1] a run’s stream has one consumer; a disconnect destroys it while the run goes on', async () => {
  const controller = new AbortController();
  fake.next([text('a'), waitForRelease('go'), text('b')]);
  const id = await startRun();
  const first = await events(id, { signal: controller.signal });
  await first.body?.getReader().read();
  expect((await events(id)).status).toBe(404);
  controller.abort();
  await vi.waitFor(() => expect(fake.recorder.aborts).toHaveLength(1));
  expect((await events(id)).status).toBe(404);
  fake.release('go');
  await vi.waitFor(async () => expect(await status(id)).toMatchObject({ status: 'completed', output: 'ab' }));
  expect(fake.recorder.eventConnections).toBe(3);
});

test('a cut ends a run’s stream and not the run', async () => {
  fake.next([text('a'), cut(), text('b')]);
  const id = await startRun();
  await expect(events(id).then((response) => response.text())).rejects.toThrow();
  await vi.waitFor(async () => expect(await status(id)).toMatchObject({ status: 'completed', output: 'ab' }));
});

test('an idempotency key gives the same run again', async () => {
  fake.next([stall()]);
  const start = async () =>
    (await (await post('/v1/runs', { input: 'x' }, { headers: { 'idempotency-key': 'k' } })).json()) as object;
  const first = await start();
  expect(await start()).toEqual({ ...first, replayed: true });
  expect(fake.recorder.startedRuns).toBe(1);
});

test('live runs are counted by session, with their peak', async () => {
  fake.setDefault([waitForRelease('go')]);
  await Promise.all([startRun('[session:x] a'), startRun('[session:x] b'), startRun('[session:y] c')]);
  expect(fake.state()).toMatchObject({ liveRuns: 3, peakLiveBySession: { x: 2, y: 1 } });
  fake.release('go');
  await vi.waitFor(() => expect(fake.recorder.liveRuns).toBe(0));
  expect(fake.recorder.peakLiveRuns).toBe(3);
});

test('a paced answer has its parts, each with the time at which it was sent', async () => {
  const startMs = performance.timeOrigin + performance.now();
  fake.next([paced(200, 0.05, true)]);
  const stamps = [...(await (await chat()).text()).matchAll(/@([\d.]+)\|/g)].map((match) => Number(match[1]));
  expect(stamps).toHaveLength(10);
  expect(stamps[0]).toBeGreaterThanOrEqual(startMs);
  expect((stamps[9] ?? 0) - (stamps[0] ?? 0)).toBeGreaterThan(30);
});

test('what an agent can do is 404 until it is set, and can be any answer', async () => {
  const ask = () => fetch(`${fake.url}/v1/capabilities`);
  expect((await ask()).status).toBe(404);
  fake.setCapabilities(ERA_TWO);
  expect(await (await ask()).json()).toEqual(ERA_TWO);
  fake.setCapabilities(answer(503, 'busy'));
  expect((await ask()).status).toBe(503);
  fake.setCapabilities(RESPONSES);
  fake.pretendEraOne();
  expect((await ask()).status).toBe(404);
});

test('responses are numbered, name what tools gave back, and repeat all of it at the end', async () => {
  fake.next([
    text('a'),
    toolStart('ls', { id: 'c', arguments: '{"x":1}' }),
    toolEnd('ls', { output: 'out' }),
    text('b'),
  ]);
  const body = await (await post('/v1/responses', { stream: true, input: 'x' })).text();
  const sent = [...body.matchAll(/^data: (.*)$/gm)].map(
    (match) => JSON.parse(match[1] ?? '') as Record<string, unknown>,
  );
  expect(sent.map((event) => event['sequence_number'])).toEqual(sent.map((_, index) => index));
  expect(sent.at(-1)).toMatchObject({
    type: 'response.completed',
    response: {
      output: [
        { type: 'message' },
        { type: 'function_call', call_id: 'c', arguments: '{"x":1}' },
        { type: 'function_call_output', call_id: 'c', output: [{ text: 'out' }] },
        { type: 'message' },
      ],
    },
  });
});

test('a session has the whole of what a stream may hide, until it is deleted', async () => {
  fake.next({
    steps: [
      toolStart('ls', { id: 'c', arguments: '{"x":1}' }),
      toolEnd('ls', { id: 'c', output: 'a.txt' }),
      text('b'),
      finish(),
    ],
    hidesToolDetails: true,
  });
  const id = await startRun('look');
  const stream = await (await events(id)).text();
  expect(stream).toContain('tool.completed');
  expect(stream).not.toContain('a.txt');
  const session = (init: RequestInit = {}, rest = '') => fetch(`${fake.url}/api/sessions/s1${rest}`, init);
  expect(await (await session({}, '/messages')).json()).toMatchObject({
    data: [
      { id: 1, role: 'user', content: 'look' },
      { role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'ls', arguments: '{"x":1}' } }] },
      { role: 'tool', tool_call_id: 'c', tool_name: 'ls', content: 'a.txt' },
      { role: 'assistant', content: 'b' },
    ],
  });
  expect((await session({ method: 'DELETE' })).status).toBe(200);
  expect((await session({ method: 'DELETE' })).status).toBe(404);
  expect((await session({}, '/messages')).status).toBe(404);
  expect(fake.state()).toMatchObject({ deletedSessions: ['s1'] });
});

test('a message into a run is said by it, and refused after its end', async () => {
  fake.next([awaitSteer()]);
  const id = await startRun();
  expect((await post(`/v1/runs/${id}/steer`, { input: 'left' })).status).toBe(200);
  await vi.waitFor(async () => expect(await status(id)).toMatchObject({ output: '(steered: left)' }));
  expect((await post(`/v1/runs/${id}/steer`, { input: 'right' })).status).toBe(409);
  expect(fake.state()).toMatchObject({ steers: [{ accepted: true }, { text: 'right', accepted: false }] });
});

test('a question waits for its answer, which can be given once', async () => {
  fake.next([clarify('Which?', { id: 'q' }), text('on')]);
  const id = await startRun();
  expect(await status(id)).toMatchObject({ status: 'waiting_for_clarify', clarify: { question: 'Which?' } });
  const respond = () => post(`/v1/runs/${id}/clarify`, { clarify_id: 'q', response: 'a' });
  expect((await respond()).status).toBe(200);
  expect((await respond()).status).toBe(409);
  expect(await (await events(id)).text()).toContain('clarify.responded');
});

test('a limit on runs refuses the next with 429, until one has ended', async () => {
  fake.setMaxRuns(1);
  fake.next([waitForRelease('go')]);
  await startRun();
  const refused = await post('/v1/runs', { input: 'x' });
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('Too many concurrent runs')]);
  fake.release('go');
  await vi.waitFor(() => expect(fake.recorder.liveRuns).toBe(0));
  expect((await post('/v1/runs', { input: 'x' })).status).toBe(202);
});

test('bodies can be left unread, and the times of a request tell what happened when', async () => {
  fake.holdBodies('body');
  const controller = new AbortController();
  const hanging = chat('x', {}, { signal: controller.signal }).catch(() => null);
  await fake.gates.reached('body');
  const [request] = fake.requests;
  expect(request?.body).toBeNull();
  const atMs = performance.now();
  controller.abort();
  await hanging;
  await vi.waitFor(() => expect(request?.closedAtMs).not.toBeNull());
  expect(request?.receivedAtMs).toBeLessThanOrEqual(atMs);
  expect(request?.abortedAtMs).toBeGreaterThanOrEqual(atMs);
  fake.holdBodies(null);
  fake.next([stall()]);
  const id = await startRun();
  await post(`/v1/runs/${id}/stop`, {});
  expect(fake.stops[0]?.atMs).toBe(fake.requestsTo('POST', /stop$/)[0]?.receivedAtMs);
});

test('a key can be asked for', async () => {
  const strict = await FakeUpstream.start({ requireKey: 'k' });
  try {
    const models = (headers: Record<string, string>) => fetch(`${strict.url}/v1/models`, { headers });
    expect((await models({})).status).toBe(401);
    expect((await models({ authorization: 'Bearer k' })).status).toBe(200);
    expect((await models({ 'x-api-key': 'k' })).status).toBe(200);
    expect((await fetch(`${strict.url}/health`)).status).toBe(200);
  } finally {
    await strict.close();
  }
});

test('closing is bounded, whatever hangs', async () => {
  fake.next([stall()], { steps: [], headersGate: 'never' });
  const hanging = [(await chat()).text(), chat('y')];
  await fake.gates.reached('never');
  const atMs = performance.now();
  await fake.close();
  expect(performance.now() - atMs).toBeLessThan(500);
  for (const one of await Promise.allSettled(hanging)) expect(one.status).toBe('rejected');
});

test('another process can run and steer it', async () => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url)), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const line = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    const { event, url } = JSON.parse(line) as { event: string; url: string };
    expect(event).toBe('listening');
    const control = (path: string, body?: unknown) =>
      fetch(`${url}/__fake/${path}`, { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    expect((await control('next', [text('steered '), waitForRelease('g'), text('on')])).status).toBe(200);
    expect((await control('next')).status).toBe(400);
    expect((await control('capabilities', ERA_TWO)).status).toBe(200);
    expect((await fetch(`${url}/v1/capabilities`)).status).toBe(200);
    expect((await control('max-runs/2')).status).toBe(200);
    const answering = fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ stream: false, messages: [] }),
    });
    await fetch(`${url}/__fake/reached/g`);
    await control('release/g');
    expect(await (await answering).json()).toMatchObject({ choices: [{ message: { content: 'steered on' } }] });
    expect(await (await fetch(`${url}/__fake/state`)).json()).toMatchObject({
      startedRuns: 1,
      liveRuns: 0,
      queuedScripts: 0,
    });
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
});
