import { describe, expect, it } from 'vitest';
import { routeSchemas } from '#contract/routes.schema';
import { type ChatRoute, holdsBinary, OLDER_EVENT_NAMES, toContractPayload } from './chat-run-compat.ts';

const run = (payload: unknown) => toContractPayload('chat.run', payload);

describe('what older clients send', () => {
  it('[E1-02] a message with every field of an older client passes the schema, and what counts of it is kept', () => {
    const payload = run({
      input: 'hello',
      session_id: 's',
      source: 'cli',
      display_input: [{ type: 'text', text: 'shown' }],
      display_role: 'user',
      storage_message: { role: 'user' },
      coding_agent_id: null,
      mode: 'scoped',
      model_groups: [{ provider: 'p', models: ['m'] }],
      provider: 'openrouter',
      workspace: '/tmp',
      reasoning_effort: 'xhigh',
      profile: 'work',
      queue_id: null,
      model: null,
      instructions: '',
    });
    expect(payload).toEqual({
      input: 'hello',
      session_id: 's',
      provider: 'openrouter',
      workspace: '/tmp',
      reasoning_effort: 'high',
      profile: 'work',
    });
    expect(routeSchemas['chat.run'].safeParse(payload).success).toBe(true);
  });

  it.each([
    ['minimal', 'low'],
    ['low', 'low'],
    [' Medium ', 'medium'],
    ['xhigh', 'high'],
    ['max', 'high'],
    ['none', undefined],
    ['turbo', undefined],
    ['', undefined],
    [null, undefined],
    [3, undefined],
  ])('[E2-19] the effort %j is taken as %j and never fails a message', (said, taken) => {
    expect(run({ input: 'a', reasoning_effort: said })).toEqual(
      taken === undefined ? { input: 'a' } : { input: 'a', reasoning_effort: taken },
    );
  });

  it('[E1-03] an empty message stays one, and an unknown field stays to be refused', () => {
    expect(run({ input: '' })).toEqual({ input: '' });
    const odd = run({ input: 'a', session_id: 's', surprise: 1 });
    expect(odd).toEqual({ input: 'a', session_id: 's', surprise: 1 });
    expect(routeSchemas['chat.run'].safeParse(odd).success).toBe(false);
  });

  it('[E1-03] a field that reaches for a prototype is handed on as it came, for the router to refuse', () => {
    const payload: unknown = JSON.parse('{"input":"a","__proto__":{"admin":true}}');
    const handed = run(payload) as object;
    expect(Object.getOwnPropertyNames(handed)).toContain('__proto__');
    expect(Object.getPrototypeOf(handed)).toBe(Object.prototype);
  });

  it('[E1-02] a number is an id as text, wherever an id is asked for', () => {
    expect(toContractPayload('chat.cancel_queued_run', { session_id: 7, queue_id: 12 })).toEqual({
      session_id: '7',
      queue_id: '12',
    });
    expect(toContractPayload('chat.abort', { session_id: 0.5 })).toEqual({ session_id: 0.5 });
    expect(toContractPayload('chat.resume', { session_id: 's', after_seq: 3 })).toEqual({
      session_id: 's',
      after_seq: 3,
    });
  });

  it('[E1-02] a profile beside anything but a message says nothing', () => {
    expect(toContractPayload('chat.resume', { session_id: 's', profile: 'default' })).toEqual({ session_id: 's' });
    expect(toContractPayload('chat.regenerate', { session_id: 's', profile: 'p' })).toEqual({
      session_id: 's',
      profile: 'p',
    });
  });

  it('[E3-08] the older flag to go first is an interrupt, unless a strategy is said outright', () => {
    expect(run({ input: 'a', preempt: true })).toEqual({ input: 'a', strategy: 'interrupt' });
    expect(run({ input: 'a', preempt: true, strategy: 'reject' })).toEqual({ input: 'a', strategy: 'reject' });
    expect(run({ input: 'a', preempt: false })).toEqual({ input: 'a' });
  });

  it('[E6-01] a file of which no type is known is a file without a type', () => {
    const block = { type: 'file', name: 'n', path: '/p', media_type: null };
    expect(run({ input: [block] })).toEqual({ input: [{ type: 'file', name: 'n', path: '/p' }] });
  });

  it.each([null, undefined, 5, 'text', [], [{ session_id: 's' }]])('what is no object is left alone: %j', (payload) => {
    expect(run(payload)).toBe(payload);
  });

  it('[decision 15] an older name stands for a route that exists', () => {
    for (const route of Object.values(OLDER_EVENT_NAMES)) expect(Object.keys(routeSchemas)).toContain(route);
    const choice = { session_id: 's', approval_id: 3, choice: null, all: true } as const;
    const route: ChatRoute = 'chat.approval_respond';
    const parsed = routeSchemas[route].parse(toContractPayload(route, choice));
    expect(parsed).toEqual({ session_id: 's', approval_id: '3', choice: 'deny', all: true });
  });
});

describe('binary data', () => {
  it.each([
    ['a buffer', Buffer.from('x'), true],
    ['deep within', { input: [{ text: new Uint8Array(2) }] }, true],
    ['an array buffer', { a: new ArrayBuffer(1) }, true],
    ['text only', { input: 'x', list: [1, null, { a: 'b' }] }, false],
    ['nothing', undefined, false],
  ])('[E1-03] %s is recognised', (_name, payload, expected) => {
    expect(holdsBinary(payload)).toBe(expected);
  });
});
