import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import {
  approval,
  finish,
  paced,
  reasoning,
  text,
  toolEnd,
  toolStart,
  waitForRelease,
} from '../e2e/fake-upstream/script.ts';
import type { Core } from './compose.ts';
import { type ChatClient, connectChat, type HeardEvent } from './testing/chat-client.ts';
import { headlessCore } from './testing/headless-core.ts';
import { tempDir } from './testing/temp-dir.ts';

const TOKEN = 'owner-token';
const CLIENT_TIMEOUT_MS = 50_000;

let core: Core;
let fake: FakeUpstream;
let clients: ChatClient[];

const url = () => core.url ?? '';

async function connect(options: Omit<Parameters<typeof connectChat>[1], 'token'> = {}): Promise<ChatClient> {
  const client = await connectChat(url(), { token: TOKEN, ...options });
  clients.push(client);
  return client;
}

async function addProfile(name: string, kind: string): Promise<void> {
  const response = await fetch(`${url()}/api/app/profiles.create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ name, kind, baseUrl: fake.url, defaultModel: 'm' }),
  });
  expect(response.status, await response.text()).toBe(200);
}

beforeEach(async () => {
  clients = [];
  fake = await FakeUpstream.start();
  core = await headlessCore(tempDir(), TOKEN);
  await core.start();
  await addProfile('fake', 'openai-chat');
  await addProfile('agent', 'hermes');
});

afterEach(async () => {
  for (const client of clients) client.socket.disconnect();
  await core.stop('quit');
  await fake.close();
});

/** What every event of a session has to have, whatever else it says. */
function assertOfSession(events: readonly HeardEvent[], sessionId: string): void {
  let seq = 0;
  for (const event of events) {
    expect(event, event.event).toMatchObject({ v: 1, session_id: sessionId });
    if (event.seq > 0) expect(event.seq, event.event).toBe(++seq);
  }
}

const number = expect.any(Number) as number;
const string = expect.any(String) as string;

describe('the events of the protocol', () => {
  it.each([[['websocket']], [['polling']], [['polling', 'websocket']]])(
    '[E1-02] [E1-04] [decision 16] a run over %j tells its events in their order, each with the fields of the protocol',
    async (transports) => {
      const client = await connect({ transports, query: { profile: 'agent' } });
      fake.next([
        reasoning('Let me see. '),
        toolStart('look', { preview: 'q' }),
        toolEnd('look', { durationSeconds: 0.25 }),
        text('Hello '),
        text('you'),
        finish({ usage: { input: 7, output: 3 } }),
      ]);
      client.socket.emit('run', { input: 'hi', session_id: 's' });
      await client.seen('run.completed');
      expect(client.names().filter((name) => name !== 'tool.details')).toEqual([
        'run.peer_user_message',
        'run.started',
        'reasoning.delta',
        'tool.started',
        'tool.completed',
        'message.delta',
        'usage.updated',
        'run.completed',
      ]);
      assertOfSession(client.heard, 's');
      const only = (name: string) => client.heard.find((event) => event.event === name);
      const run_id = only('run.started')?.['run_id'];
      expect(only('run.started')).toMatchObject({
        run_id: string,
        status: 'started',
        queue_length: 0,
        profile: 'agent',
      });
      expect(only('reasoning.delta')).toMatchObject({ run_id, text: 'Let me see. ', delta: 'Let me see. ' });
      expect(only('tool.started')).toMatchObject({ run_id, tool: 'look', preview: 'q' });
      expect(only('tool.completed')).toMatchObject({ run_id, tool: 'look', duration: 0.25, error: false });
      const deltas = client.heard.filter((event) => event.event === 'message.delta');
      expect(deltas.map((event) => event['delta']).join('')).toBe('Hello you');
      for (const { timestamp } of deltas) expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
      expect(only('run.completed')).toMatchObject({
        run_id,
        output: 'Hello you',
        usage: { input_tokens: 7, output_tokens: 3, total_tokens: 10 },
        queue_remaining: 0,
      });
    },
  );

  it('[E3-01] [E3-02] [E3-03] [E3-04] [decision 5] a queue tells its length at every change, and what waits before each dequeue', async () => {
    const client = await connect({ query: { profile: 'fake' } });
    fake.next([text('A'), waitForRelease('a')], [text('B')], [text('C')]);
    client.socket.emit('run', { input: 'one', session_id: 's', queue_id: 'q1' });
    await client.seen('message.delta');
    for (const queue_id of ['q2', 'gone', 'q3'])
      client.socket.emit('run', { input: queue_id, session_id: 's', queue_id });
    await client.seen('run.queued', 3);
    client.socket.emit('cancel_queued_run', { session_id: 's', queue_id: 'gone' });
    await client.seen('run.queued', 4);
    client.socket.emit('cancel_queued_run', { session_id: 's', queue_id: 'never' });
    fake.release('a');
    await client.seen('run.completed', 3);
    const told = client.heard
      .filter((event) => !event.event.endsWith('.delta'))
      .map((event) => [
        event.event,
        event['queue_length'] ?? event['queue_remaining'] ?? null,
        event['dequeued_queue_id'] ?? event['queue_id'] ?? null,
      ]);
    expect(told).toEqual([
      ['run.peer_user_message', null, 'q1'],
      ['run.started', 0, null],
      ['run.queued', 1, null],
      ['run.queued', 2, null],
      ['run.queued', 3, null],
      ['run.queued', 2, null],
      ['usage.updated', null, null],
      ['run.completed', 2, null],
      ['run.queued', 1, 'q2'],
      ['run.peer_user_message', null, 'q2'],
      ['run.started', 1, null],
      ['usage.updated', null, null],
      ['run.completed', 1, null],
      ['run.queued', 0, 'q3'],
      ['run.peer_user_message', null, 'q3'],
      ['run.started', 0, null],
      ['usage.updated', null, null],
      ['run.completed', 0, null],
    ]);
    assertOfSession(client.heard, 's');
    const full = client.heard.filter((event) => event.event === 'run.queued')[2];
    expect(full?.['queued_messages']).toMatchObject(
      ['q2', 'gone', 'q3'].map((id) => ({ id, role: 'user', content: id, timestamp: number, queued: true })),
    );
  });

  it('[E4-01] [E4-05] [E4-07] a stop ends the run, tells what waits before the dequeue, and the next message starts', async () => {
    const client = await connect({ query: { profile: 'fake' } });
    fake.next([text('A'), waitForRelease('never')], [text('B')]);
    client.socket.emit('run', { input: 'one', session_id: 's' });
    await client.seen('message.delta');
    client.socket.emit('run', { input: 'two', session_id: 's', queue_id: 'q2' });
    await client.seen('run.queued');
    client.heard.length = 0;
    client.socket.emit('abort', { session_id: 's' });
    client.socket.emit('abort', { session_id: 's' });
    await client.seen('run.completed');
    expect(client.names()).toEqual([
      'abort.started',
      'usage.updated',
      'abort.completed',
      'run.queued',
      'run.peer_user_message',
      'run.started',
      'message.delta',
      'usage.updated',
      'run.completed',
    ]);
    expect(client.heard[0]).toMatchObject({ run_id: string, graceMs: 5000 });
    expect(client.heard[2]).toMatchObject({ run_id: client.heard[0]?.['run_id'], synced: true, queue_length: 1 });
    expect(client.heard[3]).toMatchObject({ queue_length: 0, dequeued_queue_id: 'q2', queued_messages: [] });
    expect(client.heard.at(-1)).toMatchObject({ queue_remaining: 0 });
  });

  it('[E4-01] a stop with nothing to stop is told to its caller only, and changes nothing', async () => {
    const [client, other] = [await connect(), await connect()];
    await other.ask('resume', { session_id: 's' });
    client.socket.emit('abort', { session_id: 's' });
    const [told] = await client.seen('abort.completed');
    expect(told).toMatchObject({ session_id: 's', synced: false, ignored: true, seq: 0 });
    expect(await client.ask('abort', { session_id: 's' })).toMatchObject({ ok: true, data: { status: 'ignored' } });
    await other.ask('resume', { session_id: 's' });
    expect(other.names()).toEqual(['resumed', 'resumed']);
  });

  it('[E2-12] [E3-07] [decision 8] a failure is a sentence in `error`, with what waits, and a refused key pauses the queue', async () => {
    const client = await connect({ query: { profile: 'fake' } });
    fake.next({
      steps: [],
      headersGate: 'go',
      answer: { status: 401, body: '{"error":{"message":"Incorrect API key"}}' },
    });
    client.socket.emit('run', { input: 'one', session_id: 's' });
    client.socket.emit('run', { input: 'two', session_id: 's', queue_id: 'q2' });
    await client.seen('run.queued');
    fake.release('go');
    await client.seen('queue.paused');
    expect(client.names()).toEqual(['run.peer_user_message', 'run.queued', 'run.failed', 'queue.paused']);
    expect(client.heard[2]).toMatchObject({
      run_id: string,
      error: string,
      error_info: { code: 'no_credential' },
      queue_remaining: 1,
    });
    expect(client.heard[3]).toMatchObject({ queue_length: 1, paused: 'failure', reason: 'failure' });
  });

  it('[E2-03] a run without a session tells its caller only, with no session, and ends when the caller leaves', async () => {
    const [client, other] = [await connect({ query: { profile: 'fake' } }), await connect()];
    fake.next([text('A'), finish()], [text('B'), waitForRelease('never')]);
    client.socket.emit('run', { input: 'one', session_id: null });
    await client.seen('run.completed');
    expect(client.names()).toEqual(['run.started', 'message.delta', 'run.completed']);
    expect(client.heard.map((event) => event.session_id)).toEqual([null, null, null]);
    expect(await client.ask('run', { input: 'two', session_id: '' })).toMatchObject({
      ok: true,
      data: { status: 'started', session_id: null, run_id: string },
    });
    await client.seen('message.delta', 2);
    const aborts = fake.recorder.aborts.length;
    client.socket.disconnect();
    await expect.poll(() => fake.recorder.aborts.length, { interval: 5 }).toBe(aborts + 1);
    expect(other.heard).toEqual([]);
  });
});

describe('resume', () => {
  /** Every field of E5-01, and of A.9 where it has another one. */
  const FIELDS = {
    session_id: string,
    messages: expect.any(Array) as unknown[],
    isWorking: expect.any(Boolean) as boolean,
    isAborting: expect.any(Boolean) as boolean,
    isCompacting: expect.any(Boolean) as boolean,
    state: string,
    events: expect.any(Array) as unknown[],
    inputTokens: expect.toSatisfy((value) => value === null || typeof value === 'number') as number,
    outputTokens: expect.toSatisfy((value) => value === null || typeof value === 'number') as number,
    contextTokens: expect.toSatisfy((value) => value === null || typeof value === 'number') as number,
    queueLength: number,
    queueMessages: expect.any(Array) as unknown[],
    hasMoreBefore: expect.any(Boolean) as boolean,
    messageTotal: number,
    messageLoadedCount: number,
    messagePageLimit: 500,
    lastSeq: number,
  };

  it('[E5-01] [E5-04] `resumed` has every field when idle, while working and while stopping', async () => {
    const client = await connect({ query: { profile: 'agent' } });
    const resume = async () => {
      client.socket.emit('resume', { session_id: 's', profile: 'agent' });
      const times = client.heard.filter((event) => event.event === 'resumed').length;
      return (await client.seen('resumed', times + 1)).at(-1);
    };
    expect(await resume()).toMatchObject({ ...FIELDS, isWorking: false, state: 'idle', messages: [], lastSeq: 0 });

    fake.next({ steps: [text('half'), waitForRelease('end')], onStop: 'ignore' });
    client.socket.emit('run', { input: 'one', session_id: 's' });
    client.socket.emit('run', { input: 'two', session_id: 's', queue_id: 'q2' });
    await client.seen('message.delta');
    await client.seen('run.queued');
    const working = await resume();
    expect(working).toMatchObject({
      ...FIELDS,
      run_id: string,
      isWorking: true,
      isAborting: false,
      state: 'running',
      messages: [
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'half', status: 'open' },
      ],
      queueLength: 1,
      queueMessages: [{ id: 'q2', role: 'user', content: 'two', queued: true }],
    });
    expect(working?.['events']).toMatchObject([{ event: 'run.started', session_id: 's' }]);

    client.socket.emit('abort', { session_id: 's' });
    await client.seen('abort.started');
    const stopping = await resume();
    expect(stopping).toMatchObject({ ...FIELDS, isWorking: true, isAborting: true, state: 'aborting' });
    expect(stopping?.['events']).toMatchObject([{ event: 'run.started' }, { event: 'abort.started', graceMs: 5000 }]);
    client.socket.emit('cancel_queued_run', { session_id: 's', queue_id: 'q2' });
    fake.release('end');
    await client.seen('abort.completed');
    expect(await resume()).toMatchObject({ ...FIELDS, isWorking: false, events: [], queueLength: 0 });
  });

  it('[E1-04] [E5-02] two sockets see the same, and one that comes late gets the state and then only what follows', async () => {
    const early = await connect({ query: { profile: 'fake' } });
    const twin = await connect({ transports: ['polling'] });
    await twin.ask('resume', { session_id: 's' });
    fake.next([text('one '), waitForRelease('mid'), text('two'), finish()]);
    early.socket.emit('run', { input: 'go', session_id: 's' });
    await early.seen('message.delta');
    const late = await connect();
    late.socket.emit('resume', { session_id: 's' });
    const [state] = await late.seen('resumed');
    fake.release('mid');
    for (const client of [early, twin, late]) await client.seen('run.completed');
    expect(twin.heard.slice(1)).toEqual(early.heard);
    expect(late.heard.slice(1)).toEqual(early.heard.filter((event) => event.seq > Number(state?.['lastSeq'])));
    const open = (state?.['messages'] as { content: string }[]).at(-1)?.content ?? '';
    const rest = late.heard.flatMap((event) => (event.event === 'message.delta' ? [String(event['delta'])] : []));
    expect(open + rest.join('')).toBe('one two');
  });

  it('[E5-03] [E5-05] a line that breaks in mid-run costs nothing: the run goes on, and the rest is told after the return', async () => {
    const client = await connect({ query: { profile: 'fake' }, reconnection: true });
    fake.next([text('one '), waitForRelease('mid'), text('two'), finish()]);
    client.socket.emit('run', { input: 'go', session_id: 's' });
    const [first] = await client.seen('message.delta');
    const back = new Promise<void>((resolve) => client.socket.once('connect', () => resolve()));
    client.socket.io.engine.close();
    fake.release('mid');
    await back;
    expect(client.names()).not.toContain('run.completed');
    client.socket.emit('resume', { session_id: 's', after_seq: first?.seq });
    await client.seen('run.completed');
    const [resumed] = await client.seen('resumed');
    expect(resumed).toMatchObject({ messages: [], replayed: true });
    assertOfSession(client.heard, 's');
    const told = client.heard.flatMap((event) => (event.event === 'message.delta' ? [String(event['delta'])] : []));
    expect(told.join('')).toBe('one two');
    client.socket.emit('resume', { session_id: 's', after_seq: 9999 });
    const [gap] = await client.seen('gap');
    expect(gap).toMatchObject({ requested_event_id: '9999', recovery: 'reload_durable_state' });
  });
});

describe('older spellings', () => {
  it('[E1-02] [E2-19] a message with the fields of an older client is answered, with an acknowledgement and without', async () => {
    const client = await connect({ query: { profile: 'fake' } });
    fake.setDefault([text('ok'), finish()]);
    const older = {
      source: 'cli',
      display_input: 'shown',
      display_role: 'user',
      storage_message: null,
      coding_agent_id: null,
      mode: 'scoped',
      provider: null,
      workspace: '',
      reasoning_effort: 'xhigh',
      queue_id: null,
      model: 'special',
      instructions: 'Be brief.',
    };
    client.socket.emit('run', { input: 'without', session_id: 's1', ...older });
    const [done] = await client.seen('run.completed');
    expect(done).toMatchObject({ session_id: 's1', output: 'ok' });
    expect(await client.ask('run', { input: 'with', session_id: 's2', ...older, model: null })).toMatchObject({
      ok: true,
      data: { status: 'started', session_id: 's2', run_id: string, queue_id: string, position: 0 },
    });
    await client.seen('run.completed', 2);
    const posted = fake.requests.filter((request) => request.method === 'POST');
    const bodies = posted.map((request) => JSON.stringify(request.body));
    expect(bodies[0]).toContain('"model":"special"');
    expect(bodies[0]).toContain('Be brief.');
    expect(bodies[0]).toContain('"high"');
    expect(bodies[1]).toContain('"model":"m"');
  });

  it('[E9-02] [decision 18] the profile is the message’s, else the connection’s; `default` is the setting unless one is called so', async () => {
    fake.setDefault([text('ok'), finish()]);
    const profileOf = async (client: ChatClient, sessionId: string, named: object) => {
      const ack = await client.ask('run', { input: 'a', session_id: sessionId, ...named });
      if (!ack.ok) return ack.error.code;
      const isOwn = (event: HeardEvent) => event.event === 'run.started' && event['run_id'] === ack.data['run_id'];
      await expect.poll(() => client.heard.some(isOwn), { interval: 5, timeout: 8000 }).toBe(true);
      return client.heard.find(isOwn)?.['profile'];
    };
    const named = await connect({ query: { profile: 'fake' } });
    expect(await profileOf(named, 's1', {})).toBe('fake');
    expect(await profileOf(named, 's2', { profile: 'demo' })).toBe('demo');
    expect(await profileOf(named, 's3', { profile: 'nobody' })).toBe('not_found');
    const older = await connect({ query: { profile: 'default' } });
    expect(await profileOf(older, 's4', {})).toBe('demo');
    expect(await profileOf(older, 's5', { profile: 'default' })).toBe('demo');
    expect(await profileOf(named, 's6', { profile: 'default' })).toBe('fake');
    await addProfile('default', 'openai-chat');
    expect(await profileOf(older, 's7', {})).toBe('default');
    expect(await profileOf(named, 's8', { profile: 'default' })).toBe('default');
    const unknown = await connect({ query: { profile: 'nobody' } });
    expect(await profileOf(unknown, 's9', {})).toBe('not_found');
  });

  it('[E2-16] an approval is answered under its older name, with its id or, without one, for the oldest', async () => {
    const client = await connect({ query: { profile: 'agent' } });
    fake.next([approval('rm a'), approval('rm b'), text('done'), finish()]);
    client.socket.emit('run', { input: 'go', session_id: 's' });
    const [first] = await client.seen('approval.requested');
    expect(first).toMatchObject({
      run_id: string,
      approval_id: string,
      command: 'rm a',
      choices: expect.any(Array) as [],
    });
    client.socket.emit('approval.respond', {
      session_id: 's',
      approval_id: first?.['approval_id'],
      choice: 'session',
    });
    const [answered] = await client.seen('approval.responded');
    expect(answered).toMatchObject({
      session_id: 's',
      run_id: first?.['run_id'],
      choice: 'session',
      all: false,
      resolved: 1,
    });
    expect(answered).not.toHaveProperty('error');
    await client.seen('approval.resolved');
    await client.seen('approval.requested', 2);
    expect(await client.ask('approval.respond', { session_id: 's', choice: 'once', all: true })).toMatchObject({
      ok: true,
      data: { choice: 'once', resolved: 1 },
    });
    await client.seen('run.completed');
    expect((await client.seen('approval.responded', 2))[1]).toMatchObject({ choice: 'once', all: true, resolved: 1 });
    client.socket.emit('approval.respond', { session_id: 's', choice: 'once' });
    const late = (await client.seen('approval.responded', 3))[2];
    expect(late).toMatchObject({ session_id: 's', choice: 'once', resolved: 0, error: string });
    expect(client.names()).not.toContain('request.failed');
  });

  it('[E2-17] a question is answered under its older name', async () => {
    const client = await connect({ query: { profile: 'demo' } });
    client.socket.emit('run', { input: '/clarify', session_id: 's' });
    const [asked] = await client.seen('clarify.requested');
    expect(asked).toMatchObject({ run_id: string, clarify_id: string, question: string });
    expect(
      await client.ask('clarify.respond', { session_id: 's', clarify_id: asked?.['clarify_id'], response: 'blue' }),
    ).toMatchObject({ ok: true, data: { response: 'blue' } });
    expect((await client.seen('clarify.resolved'))[0]).toMatchObject({ response: 'blue' });
    await client.seen('run.completed');
    client.socket.emit('clarify.respond', { session_id: 's', clarify_id: 'old', response: 'x' });
    expect((await client.seen('request.failed'))[0]).toMatchObject({ route: 'chat.clarify_respond', session_id: 's' });
  });

  it('[E1-06] what is refused without an acknowledgement is told as an event, and never ends a run that is live', async () => {
    const client = await connect({ query: { profile: 'fake' } });
    client.socket.emit('run', { input: '', session_id: 's' });
    const [refused] = await client.seen('request.failed');
    expect(refused).toMatchObject({ route: 'chat.run', session_id: 's', seq: 0, error: { code: 'invalid_payload' } });
    const [failed] = await client.seen('run.failed');
    expect(failed).toMatchObject({ session_id: 's', seq: 0, refused: true, error: string, queue_remaining: 0 });
    expect(failed).not.toHaveProperty('run_id');
    fake.next([text('a'), waitForRelease('end')]);
    client.socket.emit('run', { input: 'one', session_id: 's' });
    await client.seen('message.delta');
    client.socket.emit('run', { input: 'two', session_id: 's', profile: 'nobody' });
    await client.seen('request.failed', 2);
    fake.release('end');
    await client.seen('run.completed');
    expect(client.heard.filter((event) => event.event === 'run.failed')).toHaveLength(1);
  });

  it('[E3-02] an incomplete cancellation is silent without an acknowledgement and refused with one', async () => {
    const client = await connect();
    client.socket.emit('cancel_queued_run', { session_id: 's' });
    client.socket.emit('cancel_queued_run');
    expect(await client.ask('cancel_queued_run', { session_id: 's', queue_id: null })).toMatchObject({
      ok: false,
      error: { code: 'invalid_payload' },
    });
    expect(await client.ask('cancel_queued_run')).toMatchObject({ ok: false });
    expect(await client.ask('cancel_queued_run', { session_id: 's', queue_id: 'x' })).toMatchObject({
      ok: true,
      data: { removed: 0, reason: 'not_found' },
    });
    expect(client.heard).toEqual([]);
  });
});

describe('the line', () => {
  it('[E1-09] [decision 21] a wrong or missing token is refused in the protocol’s words, over either transport', async () => {
    for (const transports of [['websocket'], ['polling']]) {
      for (const token of ['wrong', '']) {
        await expect(connectChat(url(), { token, transports })).rejects.toThrow(/^Authentication failed$/);
      }
    }
  });

  it('[decision 27] a message of two million characters is taken, one more is refused by name, and a packet above 8 MiB costs one line only', async () => {
    const client = await connect({ query: { profile: 'fake' }, reconnection: true });
    const other = await connect();
    fake.setDefault([text('ok'), finish()]);
    // Three bytes each: the longest message there can be, on the wire.
    expect(await client.ask('run', { input: '€'.repeat(2_000_000), session_id: 's' })).toMatchObject({ ok: true });
    await client.seen('run.completed');
    expect(await client.ask('run', { input: 'a'.repeat(2_000_001), session_id: 's' })).toMatchObject({
      ok: false,
      error: { code: 'invalid_payload' },
    });
    const gone = new Promise<string>((resolve) => client.socket.once('disconnect', resolve));
    const back = new Promise<void>((resolve) => client.socket.once('connect', () => resolve()));
    client.socket.emit('run', { input: 'a'.repeat(9 * 1024 * 1024), session_id: 's' });
    await gone;
    await back;
    expect(await client.ask('resume', { session_id: 's' })).toMatchObject({ ok: true, data: { messageTotal: 2 } });
    expect(other.socket.connected).toBe(true);
  });

  it('[E1-03] binary data, dangerous keys and unknown events are refused with a sentence', async () => {
    const client = await connect();
    for (const payload of [
      Buffer.from('x'),
      { input: Buffer.alloc(4 * 1024 * 1024), session_id: 's' },
      { input: [{ type: 'file', name: 'n', path: 'p', data: new Uint8Array(3) }], session_id: 's' },
    ]) {
      expect(await client.ask('run', payload)).toMatchObject({
        ok: false,
        error: { code: 'invalid_payload', message: expect.stringMatching(/^Binary/) as string },
      });
    }
    const polluting: unknown = JSON.parse('{"input":"a","session_id":"s","__proto__":{"admin":true}}');
    expect(await client.ask('run', polluting)).toMatchObject({ ok: false, error: { code: 'invalid_payload' } });
    for (const name of ['no_such_event', 'chat.run', 'sessions.list', '__proto__', 'constructor']) {
      expect(await client.ask(name, {}), name).toMatchObject({ ok: false, error: { code: 'unknown_route' } });
    }
    client.socket.emit('no_such_event', {});
    expect(await client.ask('resume', { session_id: 's' })).toMatchObject({ ok: true, data: { messageTotal: 0 } });
    expect(client.names()).toEqual(['resumed']);
  });

  it('[E3-10] five hundred messages at once are answered in the order in which they came, and none is lost', async () => {
    const client = await connect({ query: { profile: 'fake' } });
    fake.setDefault([text('a'), waitForRelease('never')]);
    const order: number[] = [];
    const answers = await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const ack = await client.ask('run', { input: `${index}`, session_id: 's', queue_id: `q${index}` });
        order.push(index);
        return ack.ok ? `${String(ack.data['status'])} ${String(ack.data['position'])}` : ack.error.code;
      }),
    );
    expect(answers.slice(0, 51)).toEqual(['started 0', ...Array.from({ length: 50 }, (_, at) => `queued ${at + 1}`)]);
    expect(new Set(answers.slice(51))).toEqual(new Set(['queue_full']));
    expect(order).toEqual(Array.from({ length: 500 }, (_, index) => index));
    expect(await client.ask('run', { input: '7', session_id: 's', queue_id: 'q7' })).toMatchObject({
      ok: true,
      data: { status: 'duplicate', position: 7 },
    });
  });

  it('[E4-08] a stop that follows its message on the same line stops that message’s run', async () => {
    const client = await connect({ query: { profile: 'default' } });
    client.socket.emit('run', { input: '/slow', session_id: 's', profile: 'default' });
    client.socket.emit('abort', { session_id: 's' });
    const [stopped] = await client.seen('abort.completed');
    expect(stopped).toMatchObject({ run_id: string, synced: true });
    expect(stopped).not.toHaveProperty('ignored');
  });
});

/** Runs the client that knows the protocol from its page only. */
async function runClient(args: string[]): Promise<{ code: number | null; output: string }> {
  const script = fileURLToPath(new URL('../e2e/chat-run-client.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => {
      output += part.toString();
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), CLIENT_TIMEOUT_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, output };
}

describe('a client that knows nothing but the page', () => {
  it.each([
    ['demo', 'websocket'],
    ['demo', 'polling'],
    ['fake', 'websocket'],
    ['agent', 'polling'],
  ])(
    '[E1-02] [decision 15] it runs, queues, stops, leaves and returns with “%s” over %s, and finds the page true',
    async (profile, transport) => {
      // Long enough to be stopped, short enough to be waited for.
      fake.setDefault([paced(100, 0.8), finish({ usage: { input: 2, output: 80 } })]);
      const { code, output } = await runClient([
        '--url',
        url(),
        '--token',
        TOKEN,
        '--profile',
        profile,
        '--transport',
        transport,
      ]);
      expect(code, output).toBe(0);
      expect(Number(/^(\d+) checks passed$/m.exec(output)?.[1])).toBeGreaterThan(30);
    },
    60_000,
  );

  it('[E1-02] it ends with 1 at a server that tells a run’s end before its start', async () => {
    const server = createServer();
    const io = new Server(server);
    io.of('/chat-run')
      .use((socket, next) =>
        next(socket.handshake.auth['token'] === TOKEN ? undefined : new Error('Authentication failed')),
      )
      .on('connection', (socket) => {
        socket.on('run', ({ session_id }: { session_id: string }) => {
          const names = ['run.peer_user_message', 'run.completed', 'run.started', 'message.delta'];
          for (const [at, event] of names.entries()) {
            socket.emit(event, {
              v: 1,
              event,
              session_id,
              run_id: 'r',
              seq: at + 1,
              ts: 0,
              output: '',
              queue_remaining: 0,
            });
          }
        });
      });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { code, output } = await runClient(['--url', `http://127.0.0.1:${port}`, '--token', TOKEN]);
      expect(code, output).toBe(1);
      expect(output).toContain('DEVIATION  a run is told as message, start, text, end');
    } finally {
      await io.close();
    }
  }, 60_000);
});
