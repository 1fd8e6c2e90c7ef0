import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { CredentialRecord } from '#contract/records';
import {
  messageFrames,
  play,
  responseFrames,
  sendJson,
  sse,
  wholeChat,
  wholeMessage,
  wholeResponse,
} from './testing/raw-upstream.ts';
import { type RelayHost, startRelayHost } from './testing/relay-host.ts';

const MESSAGES = '/v1/messages';
const ask = { model: 'claude/m', max_tokens: 100, messages: [{ role: 'user', content: 'Say hello.' }] };
const OVERLOADED = sse({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'error');
const SECOND = 'sk-another-key-of-the-pool-1111';

async function keysOf(host: RelayHost): Promise<CredentialRecord[]> {
  const { credentials } = await host.ask<{ credentials: CredentialRecord[] }>('credentials.list', {});
  return credentials.filter(({ approvedOrigin }) => approvedOrigin === host.claude.url);
}

describe('a refusal whose words cannot be read to their end', () => {
  it.each([
    ['is cut', { 'content-length': '500' }, '{"type":"error",'],
    ['is not packed as it says', { 'content-encoding': 'gzip' }, 'no gzip at all, though it says so'],
    ['is packed in a way that nobody knows', { 'content-encoding': 'snappy' }, 'x'],
  ])('[E10-12] [E11-06] that %s is one all the same: another key answers', async (_how, headers, body) => {
    const host = await startRelayHost();
    await host.addKey('claude', SECOND);
    host.claude.handle((_request, response, number) => {
      if (number > 1) return sendJson(response, 200, wholeMessage('Hi.'));
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '77', ...headers });
      response.write(body);
      return setImmediate(() => ('content-length' in headers ? response.destroy() : response.end()));
    });
    const answer = await host.post(MESSAGES, ask);
    expect([answer.status, await answer.json()]).toEqual([200, wholeMessage('Hi.')]);
    const [rest] = (await keysOf(host)).flatMap(({ rests }) => rests);
    expect(rest).toMatchObject({ kind: 'rate_limit', source: 'provider' });
    expect((await host.booked(2)).map(({ outcome }) => outcome).sort()).toEqual(['completed', 'refused']);
  });
});

describe('a refusal of the way to a server', () => {
  it.each([407, 421, 426])(
    '[E11-06] %i is not the program’s to see: it would ask its own proxy, or all again by itself',
    async (status) => {
      const host = await startRelayHost();
      host.claude.handle((_request, response) =>
        sendJson(response, status, { type: 'error', error: { type: 'invalid_request_error', message: 'Not so.' } }),
      );
      const answer = await host.post(MESSAGES, ask);
      expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining(`(${status})`)]);
      expect(host.claude.requests).toHaveLength(1);
      expect((await keysOf(host)).map(({ state, rests }) => [state, rests])).toEqual([['ready', []]]);
    },
  );
});

describe('a stream that fails before its first part', () => {
  it.each([
    ['an error of the upstream’s own', 'refused by it'],
    ['a cut', 'cut'],
  ])(
    '[E10-27] [BUG-D2] behind more signs of life than are held: %s is booked as a failure, not as a stop',
    async (what) => {
      const host = await startRelayHost();
      await host.addKey('claude', SECOND);
      const [start = ''] = messageFrames('Hi.');
      const signs = Array.from({ length: 70 }, () => sse({ type: 'ping' }, 'ping'));
      let goOn: () => void = () => undefined;
      host.claude.handle((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write([start, ...signs].join(''));
        goOn = () => (what === 'a cut' ? response.destroy() : response.end(OVERLOADED));
      });
      // Its head comes with the first bytes.
      const answer = await host.post(MESSAGES, { ...ask, stream: true });
      goOn();
      const told = await answer.text();
      expect(told).toContain('event: error');
      expect(host.claude.requests).toHaveLength(1);
      expect((await host.booked(1)).map(({ outcome }) => outcome)).toEqual(['failed']);
      const keys = await keysOf(host);
      expect(keys.reduce((sum, { failures }) => sum + failures, 0)).toBe(1);
      expect(keys.flatMap(({ rests }) => rests)).toHaveLength(what === 'a cut' ? 0 : 1);
    },
  );

  it('[E10-15] is answered with the head of the key that answers', async () => {
    const host = await startRelayHost();
    await host.addKey('claude', SECOND);
    host.claude.handle((_request, response, number) => {
      response.setHeader('request-id', `req_${number}`);
      if (number === 1) response.setHeader('anthropic-ratelimit-requests-remaining', '0');
      const [start = ''] = messageFrames('Hi.');
      return play(response, number === 1 ? [start, OVERLOADED] : messageFrames('Hi.'));
    });
    const answer = await host.post(MESSAGES, { ...ask, stream: true });
    expect(await answer.text()).toBe(messageFrames('Hi.').join(''));
    expect(answer.headers.get('request-id')).toBe('req_2');
    expect(answer.headers.get('anthropic-ratelimit-requests-remaining')).toBeNull();
  });

  it('[decision 31] with the last key, refused after its first event has counted the input, is on no bill', async () => {
    const host = await startRelayHost();
    const [start = ''] = messageFrames('Hi.');
    const empty = sse({ type: 'error', error: { type: 'billing_error', message: 'No credit.' } }, 'error');
    host.claude.handle((_request, response) => play(response, [start, empty]));
    const answer = await host.post(MESSAGES, { ...ask, stream: true });
    expect(answer.status).toBe(502);
    const [call] = await host.booked(1);
    expect(call).toMatchObject({ outcome: 'refused', billable: false, inputTokens: null, costPicos: null });
  });
});

describe('keys that fail in several ways', () => {
  const refusal = (status: number, type: string, headers: Record<string, string> = {}) => ({ status, type, headers });
  const limited = refusal(429, 'rate_limit_error', { 'retry-after': '100' });
  const refused = refusal(401, 'authentication_error');
  const spent = refusal(402, 'billing_error');

  it.each([
    ['a limit, then a refused key', [limited, refused], '100'],
    ['a refused key, then a limit', [refused, limited], '100'],
    ['a limit, then a spent key', [limited, spent], '100'],
    [
      'an overload, then a longer one',
      [
        refusal(503, 'overloaded_error', { 'retry-after': '80' }),
        refusal(503, 'overloaded_error', { 'retry-after': '90' }),
      ],
      '80',
    ],
  ])(
    '[E11-06] [E10-14] %s: the first that is usable again says the time, in whatever order they were asked',
    async (_how, [first, second], retryAfter) => {
      const host = await startRelayHost();
      await host.addKey('claude', SECOND);
      host.claude.handle((_request, response, number) => {
        const { status, type, headers } = (number === 1 ? first : second) ?? limited;
        sendJson(response, status, { type: 'error', error: { type, message: 'No.' } }, headers);
      });
      const answer = await host.post(MESSAGES, ask);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, retryAfter]);
      expect(answer.headers.get('x-should-retry')).toBe('true');
      expect(await answer.text()).toMatch(/Key 1: .* Key 2: /);
    },
  );

  it('[E11-06] [BUG-D11] where none of them rests, the one that needs a person is told', async () => {
    const host = await startRelayHost();
    await host.addKey('claude', SECOND);
    host.claude.handle((_request, response, number) => {
      const { status, type } = number === 1 ? spent : refused;
      sendJson(response, status, { type: 'error', error: { type, message: 'No.' } });
    });
    const answer = await host.post(MESSAGES, ask);
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([502, 'false']);
    expect(await answer.json()).toMatchObject({ error: { type: 'authentication_error' } });
  });
});

describe('a time that a provider names', () => {
  it('[E10-13] [E11-06] that is longer than its key rests for it is told as long as the rest', async () => {
    const host = await startRelayHost();
    host.claude.handle((_request, response) =>
      sendJson(
        response,
        429,
        { type: 'error', error: { type: 'rate_limit_error', message: 'Slow.' } },
        {
          'retry-after': '86400',
        },
      ),
    );
    const answer = await host.post(MESSAGES, ask);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1800']);
  });
});

describe('a request that goes on from an answer that its provider keeps', () => {
  it.each([false, true])(
    '[E10-06] [E11-07] is asked with the key that gave it, as only its account knows it; streamed %s',
    async (stream) => {
      const host = await startRelayHost();
      await host.addKey('gpt', SECOND);
      const givenBy = new Map<string, string | undefined>();
      host.gpt.handle(({ headers, json }, response, number) => {
        const previous = json['previous_response_id'];
        const key = headers.authorization;
        if (typeof previous === 'string' && givenBy.get(previous) !== key) {
          const error = { message: 'Not found.', type: 'invalid_request_error', code: 'previous_response_not_found' };
          return sendJson(response, 400, { error });
        }
        const id = `resp_${number}`;
        givenBy.set(id, key);
        const frames = responseFrames('Hi.').map((frame) => frame.replaceAll('"resp_1"', `"${id}"`));
        return json['stream'] === true
          ? play(response, frames)
          : sendJson(response, 200, { ...wholeResponse('Hi.'), id });
      });
      const say = async (input: string, previous?: string) => {
        const body = {
          model: 'gpt/m',
          input,
          stream,
          ...(previous === undefined ? {} : { previous_response_id: previous }),
        };
        const answer = await host.post('/v1/responses', body);
        expect(answer.status).toBe(200);
        return /"id":\s*"(resp_\d+)"/.exec(await answer.text())?.[1];
      };
      // Two conversations in turns, so that the least recently used key is always the other one's.
      let [one, two] = [await say('one'), await say('two')];
      expect(new Set(givenBy.values()).size).toBe(2);
      for (let turn = 0; turn < 3; turn++) {
        one = await say(`one ${turn}`, one);
        one = await say(`one ${turn} again`, one);
        two = await say(`two ${turn}`, two);
      }
    },
  );
});

describe('an answer with something odd about it', () => {
  it.each([
    ['plain', {}, (bytes: Buffer) => bytes],
    ['packed', { 'content-encoding': 'gzip' }, gzipSync],
  ])(
    '[E11-06] [decision 31] that ends with its line and was cut there (%s) is a lost connection, and may be billed',
    async (_how, headers, pack) => {
      const host = await startRelayHost();
      const bytes = pack(Buffer.from(JSON.stringify(wholeMessage('Hello.'))));
      host.claude.handle((_request, response) => {
        // Neither a length nor pieces: as servers of HTTP/1.0 answer.
        response.useChunkedEncodingByDefault = false;
        response.writeHead(200, { 'content-type': 'application/json', connection: 'close', ...headers });
        response.end(bytes.subarray(0, bytes.length / 2));
      });
      const answer = await host.post(MESSAGES, ask);
      expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining('was cut before')]);
      expect(await host.booked(1)).toMatchObject([{ outcome: 'failed', billable: true }]);
    },
  );

  it.each([
    ['a byte order mark', '\uFEFF', {}],
    ['an empty error beside it', '', { error: {} }],
    ['no error at all, by name', '', { error: null }],
  ])('[E11-07] %s is an answer all the same, in each protocol', async (_what, before, beside) => {
    const host = await startRelayHost();
    host.gpt.handle((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(before + JSON.stringify({ ...wholeChat('Hi.'), ...beside }));
    });
    for (const path of ['/v1/chat/completions', MESSAGES]) {
      const answer = await host.post(path, { ...ask, model: 'gpt/m' });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(/^\{.*Hi\./)]);
    }
  });
});
