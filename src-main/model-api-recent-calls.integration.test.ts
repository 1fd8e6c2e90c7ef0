import { describe, expect, it } from 'vitest';
import type { ApiCallRecord, TurnedAway } from '#contract/programs';
import {
  chatFrames,
  messageFrames,
  play,
  responseFrames,
  sendJson,
  sse,
  wholeMessage,
} from './testing/raw-upstream.ts';
import { type RelayHost, startRelayHost } from './testing/relay-host.ts';

// What the page shows of calls that nobody answered: who looks for why a program fails looks here first.

const MESSAGES = '/v1/messages';
const COUNT = '/v1/messages/count_tokens';
const ask = (model: string, more: Record<string, unknown> = {}) => ({
  model,
  max_tokens: 100,
  messages: [{ role: 'user', content: 'A secret thought.' }],
  ...more,
});
const NONE = { profile: null, model: null };

async function seen(host: RelayHost): Promise<{ calls: ApiCallRecord[]; turnedAway: TurnedAway }> {
  const answer = await host.ask<{ calls: ApiCallRecord[]; turnedAway: TurnedAway }>('localApi.calls', {});
  expect(JSON.stringify(answer)).not.toContain('secret thought');
  return answer;
}

describe('recent calls', () => {
  it.each([
    ['no JSON', MESSAGES, '{"model": "claude/m", "secret thought', {}, 400, NONE],
    ['a wrong role', MESSAGES, ask('claude/m', { messages: [{ role: 'x', content: 'y' }] }), {}, 400, NONE],
    ['another kind of body', MESSAGES, ask('claude/m'), { 'content-type': 'text/plain' }, 415, NONE],
    ['a body that is not packed as it says', MESSAGES, ask('claude/m'), { 'content-encoding': 'gzip' }, 400, NONE],
    ['a count of no object', COUNT, '[]', {}, 400, NONE],
    ['a profile without a key', MESSAGES, ask('keyless/m'), {}, 502, { profile: 'keyless', model: 'm' }],
  ] as const)('[E11-06] have %s, with its status and why', async (_what, path, body, headers, status, more) => {
    const host = await startRelayHost();
    await host.ask('profiles.create', { name: 'keyless', kind: 'anthropic', baseUrl: host.claude.url });
    const answer = await host.post(path, body, { headers });
    expect(answer.status).toBe(status);
    const told = (await answer.json()) as { error: { message: string } };
    const { calls } = await seen(host);
    expect(calls).toMatchObject([
      { client: 'a program', path, outcome: 'failed', status, failure: told.error.message, ...more },
    ]);
    expect(calls[0]).toMatchObject({ attempts: [], inputTokens: null, cost: null });
    expect(host.claude.requests).toEqual([]);
  });

  it('[E11-06] have a key that is not good for models, and a cap that is reached', async () => {
    const host = await startRelayHost();
    const reader = await host.ask<{ key: string }>('localApi.createClient', {
      name: 'a reader',
      scopes: ['runs:read'],
    });
    expect((await host.post(MESSAGES, ask('claude/m'), { headers: { 'x-api-key': reader.key } })).status).toBe(403);
    await host.ask('models.saveOverride', { model: 'm', currency: 'USD', input: '1000000', output: '0' });
    const cap = { period: 'day', currency: 'USD', limit: '1' };
    const spender = await host.ask<{ key: string }>('localApi.createClient', { name: 'a spender', cap });
    host.claude.handle((_request, response) => sendJson(response, 200, wholeMessage('Yes.')));
    const spend = () => host.post(MESSAGES, ask('claude/m'), { headers: { 'x-api-key': spender.key } });
    expect((await spend()).status).toBe(200);
    await host.booked(1);
    expect((await spend()).status).toBe(402);
    expect((await seen(host)).calls).toMatchObject([
      { client: 'a spender', outcome: 'failed', status: 402, profile: 'claude', model: 'm' },
      { client: 'a spender', outcome: 'completed', status: 200, inputTokens: 11 },
      { client: 'a reader', outcome: 'failed', status: 403, profile: null },
    ]);
  });

  it('[E11-04] have what was counted, without figures that nobody pays', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => sendJson(response, 200, { input_tokens: 12 }));
    expect(await (await host.post(COUNT, ask('claude/m'))).json()).toEqual({ input_tokens: 12 });
    expect((await seen(host)).calls).toMatchObject([
      { path: COUNT, outcome: 'completed', status: 200, profile: 'claude', model: 'm', inputTokens: null, cost: null },
    ]);
  });

  it.each([
    ['messages', MESSAGES, 'claude', 'overloaded'],
    ['chat completions', '/v1/chat/completions', 'gpt', 'failed while it was answering'],
    ['responses', '/v1/responses', 'gpt', 'failed while it was answering'],
    ['messages before chat completions', MESSAGES, 'gpt', 'failed while it was answering'],
  ] as const)(
    '[BUG-D8] a stream of %s that the upstream ends with an error has failed, and is not kept for another time',
    async (_what, path, profile, why) => {
      const host = await startRelayHost();
      const parts = {
        [MESSAGES]: [
          ...messageFrames('Hello there.').slice(0, 4),
          sse({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'error'),
        ],
        '/v1/chat/completions': [
          ...chatFrames('Hello there.').slice(0, 2),
          sse({ error: { message: 'boom', type: 'server_error' } }),
        ],
        '/v1/responses': [
          ...responseFrames('Hello there.').slice(0, 5),
          sse({ type: 'error', code: 'server_error', message: 'boom', param: null, sequence_number: 5 }, 'error'),
        ],
      };
      for (const upstream of [host.claude, host.gpt]) {
        upstream.handle((request, response) => play(response, parts[request.url as keyof typeof parts]));
      }
      const body = { ...ask(`${profile}/m`, { stream: true }), input: 'A secret thought.' };
      const headers = { 'idempotency-key': 'once' };
      const first = await (await host.post(path, body, { headers })).text();
      expect(first).toContain('error');
      const again = await host.post(path, body, { headers });
      await again.text();
      expect(again.headers.get('idempotent-replayed')).toBeNull();
      const booked = await host.booked(2);
      const { calls } = await seen(host);
      const failed = { outcome: 'failed', status: 200, failure: expect.stringContaining(why) as unknown };
      expect(calls).toMatchObject([failed, failed]);
      expect(booked.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    },
  );

  it('[E11-06] have what is booked of a call that was stopped before its first byte', async () => {
    const host = await startRelayHost();
    host.claude.handle(() => undefined);
    const abort = new AbortController();
    const call = host.post(MESSAGES, ask('claude/m'), { signal: abort.signal });
    await host.claude.reached(1);
    abort.abort();
    await expect(call).rejects.toThrow();
    const [booked] = await host.booked(1);
    expect(booked).toMatchObject({ outcome: 'stopped', outputTokens: 0 });
    expect(booked?.inputTokens).toBeGreaterThan(0);
    expect((await seen(host)).calls).toMatchObject([
      { outcome: 'stopped', status: null, inputTokens: booked?.inputTokens, outputTokens: 0, isEstimate: true },
    ]);
  });

  it('[E11-06] the demo’s failure is one in the books, too', async () => {
    const host = await startRelayHost();
    const messages = [{ role: 'user', content: '/fail cut' }];
    await (await host.post(MESSAGES, ask('demo/demo', { stream: true, messages }))).text();
    expect((await seen(host)).calls).toMatchObject([{ outcome: 'failed' }]);
    expect(await host.booked(1)).toMatchObject([{ outcome: 'failed' }]);
  });

  it('have an answer that was given again under its Idempotency-Key', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => sendJson(response, 200, wholeMessage('Yes.')));
    const headers = { 'idempotency-key': 'one' };
    await (await host.post(MESSAGES, ask('claude/m'), { headers })).text();
    await host.booked(1);
    await (await host.post(MESSAGES, ask('claude/m'), { headers })).text();
    await (await host.post(MESSAGES, ask('claude/other'), { headers })).text();
    expect((await seen(host)).calls).toMatchObject([
      { outcome: 'failed', status: 409, model: 'other' },
      { outcome: 'completed', status: 200, model: 'm', inputTokens: null, attempts: [] },
      { outcome: 'completed', status: 200, model: 'm', inputTokens: 11 },
    ]);
  });

  it('[E1-08] count who shows no key that opens anything, and list nobody: no such crowd pushes a call out', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) => sendJson(response, 200, wholeMessage('Yes.')));
    await (await host.post(MESSAGES, ask('claude/m'))).text();
    const { turnedAway } = await seen(host);
    expect(turnedAway).toEqual({ count: 0, lastAtMs: null });
    // Each with a key and a line of its own: nobody is slowed.
    const strangers = Array.from({ length: 250 }, (_each, index) =>
      host.post(MESSAGES, ask('claude/m'), { headers: { 'x-api-key': `wrong-${index}`, connection: 'close' } }),
    );
    expect(new Set((await Promise.all(strangers)).map(({ status }) => status))).toEqual(new Set([401]));
    const after = await seen(host);
    expect(after.turnedAway).toEqual({ count: 250, lastAtMs: expect.any(Number) as unknown });
    expect(after.calls).toMatchObject([{ outcome: 'completed', status: 200 }]);
  });
});
