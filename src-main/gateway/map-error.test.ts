import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { callScrubOf } from './call-scrub.ts';
import { mapErrorObject, mapErrorResponse } from './map-error.ts';
import { mapNetworkError } from './map-network-error.ts';

const SECRET = 'sk-live-0123456789abcdefghijKLMNOP';
const NOW = Date.parse('2026-11-21T12:00:00Z');
const context = { upstream: 'work', secret: SECRET, nowMs: NOW };

const respond = (status: number, body: unknown = '', headers: Record<string, string> = {}) =>
  mapErrorResponse(
    {
      status,
      header: (name) => headers[name] ?? null,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
    context,
  );

const userAction = (action: string) => ({ kind: 'user-action', action });
const error = (fields: Record<string, unknown>) => ({ error: fields });
const longPrompt = 'This model has a maximum context length of 8192 tokens';

describe('[E2-12] what an answer without success means', () => {
  test.each([
    ['401', 401, error({ message: 'no' }), 'upstream_auth', userAction('replace-key')],
    ['403', 403, error({ message: 'not for you' }), 'upstream_auth', userAction('replace-key')],
    ['402', 402, '', 'quota_exhausted', userAction('replace-key')],
    [
      '429 that is about money',
      429,
      error({ code: 'insufficient_quota' }),
      'quota_exhausted',
      userAction('replace-key'),
    ],
    ['404', 404, error({ message: 'Not Found' }), 'upstream_rejected', userAction('check-address')],
    [
      '404 about a model by code',
      404,
      error({ code: 'model_not_found' }),
      'upstream_rejected',
      userAction('choose-model'),
    ],
    [
      '404 about a model in words',
      404,
      error({ message: 'model "x" not found, try pulling it' }),
      'upstream_rejected',
      userAction('choose-model'),
    ],
    [
      'Anthropic’s 404 about a model',
      404,
      error({ type: 'not_found_error', message: 'model: nope' }),
      'upstream_rejected',
      userAction('choose-model'),
    ],
    ['408', 408, '', 'upstream_error', { kind: 'after', waitMs: 3000 }],
    ['504', 504, '', 'upstream_error', { kind: 'after', waitMs: 3000 }],
    ['413 for a body', 413, error({ code: 'body_too_large' }), 'upstream_rejected', userAction('shorten')],
    [
      '413 for a prompt',
      413,
      error({ message: 'prompt is too long: 210000 tokens' }),
      'context_window_too_small',
      userAction('shorten'),
    ],
    [
      '400 by code',
      400,
      error({ code: 'context_length_exceeded', message: 'x' }),
      'context_window_too_small',
      userAction('shorten'),
    ],
    [
      '400 in words',
      400,
      error({ type: 'invalid_request_error', message: longPrompt }),
      'context_window_too_small',
      userAction('shorten'),
    ],
    ['400', 400, error({ type: 'invalid_request_error', message: 'bad role' }), 'upstream_rejected', { kind: 'no' }],
    ['422 with detail', 422, { detail: 'field required' }, 'upstream_rejected', { kind: 'no' }],
    ['429', 429, error({ type: 'rate_limit_error' }), 'upstream_rate_limited', { kind: 'after', waitMs: 10_000 }],
    ['503', 503, '', 'upstream_overloaded', { kind: 'after', waitMs: 10_000 }],
    ['529', 529, error({ type: 'overloaded_error' }), 'upstream_overloaded', { kind: 'after', waitMs: 10_000 }],
    ['500', 500, '', 'upstream_error', { kind: 'after', waitMs: 3000 }],
    [
      '500 that says overloaded',
      500,
      error({ type: 'overloaded_error' }),
      'upstream_overloaded',
      { kind: 'after', waitMs: 10_000 },
    ],
    ['502 with a page', 502, '<html><h1>Bad gateway</h1></html>', 'upstream_error', { kind: 'after', waitMs: 3000 }],
    ['403 with a page', 403, '<html><h1>Blocked</h1></html>', 'upstream_bad_response', userAction('check-address')],
    [
      '413 with a page',
      413,
      '<html><h1>Request Entity Too Large</h1></html>',
      'upstream_rejected',
      userAction('shorten'),
    ],
    [
      '429 with a page',
      429,
      '<html><h1>Slow down</h1></html>',
      'upstream_rate_limited',
      { kind: 'after', waitMs: 10_000 },
    ],
    ['302', 302, '', 'upstream_bad_response', userAction('check-address')],
    [
      '[BUG-D9] a sentence with 401 in it',
      500,
      error({ message: 'worker 401 died of 429' }),
      'upstream_error',
      { kind: 'after', waitMs: 3000 },
    ],
    [
      '[E9-07] Hermes’ cap on runs',
      429,
      error({ message: 'Too many concurrent runs (max 10)' }),
      'upstream_rate_limited',
      { kind: 'after', waitMs: 10_000 },
    ],
  ])('%s', (_name, status, body, code, retry) => {
    const mapped = respond(status, body);
    expect(mapped).toMatchObject({ code, retry, details: { status } });
    expect(mapped.message).toMatch(/^“work” .+\. \S.+\.$/);
  });

  test.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['milliseconds', { 'retry-after-ms': '1500', 'retry-after': '2' }, 1500],
    ['[BUG-D15] an HTTP date', { 'retry-after': 'Sat, 21 Nov 2026 12:00:42 GMT' }, 42_000],
    ['a date in the past', { 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
    ['RFC 3339', { 'retry-after': '2026-11-21T12:00:42Z' }, 42_000],
    ['nonsense', { 'retry-after': 'soon' }, 10_000],
    ['less than nothing', { 'retry-after': '-5' }, 10_000],
    ['words with a number', { 'retry-after': 'try 7 later' }, 10_000],
    ['[BUG-D15] less than five seconds', { 'retry-after': '1' }, 1000],
  ])('Retry-After as %s', (_name, headers, waitMs) => {
    expect(respond(429, '', headers).retry).toEqual({ kind: 'after', waitMs });
  });

  test('without a key a 401 asks for one instead of another one', () => {
    const mapped = mapErrorResponse({ status: 401, header: () => null, body: '' }, { ...context, secret: null });
    expect(mapped).toMatchObject({ code: 'no_credential', retry: userAction('add-key') });
  });
});

describe('[BUG-D19] [BUG-D8] an error where none was expected', () => {
  test.each([
    ['its type', { type: 'overloaded_error', message: 'Overloaded' }, 'upstream_overloaded'],
    [
      'an envelope around it',
      { type: 'error', error: { type: 'authentication_error', message: 'x' } },
      'upstream_auth',
    ],
    ['its code', { code: 'rate_limit_exceeded', message: 'x' }, 'upstream_rate_limited'],
    ['a status as code', { code: 402, message: 'x' }, 'quota_exhausted'],
    ['its words about length', { type: 'invalid_request_error', message: longPrompt }, 'context_window_too_small'],
    ['a refusal', { type: 'invalid_request_error', message: 'no' }, 'upstream_rejected'],
    ['only a text', 'something broke', 'upstream_error'],
    ['a word that only JavaScript knows', { type: 'constructor', code: '__proto__' }, 'upstream_error'],
    ['nothing at all', {}, 'upstream_error'],
  ])('is classified by %s', (_name, value, code) => {
    expect(mapErrorObject(value, context).code).toBe(code);
  });
});

describe('secrets', () => {
  test.each([
    ['whole', `bad key ${SECRET}!`],
    ['as base64', `basic ${Buffer.from(SECRET).toString('base64')}`],
    ['its first half', `key ${SECRET.slice(0, 16)}… is unknown`],
    ['its last half', `ends in ${SECRET.slice(-14)}`],
  ])('an echoed key is taken out: %s', (_name, message) => {
    const mapped = respond(400, error({ message, code: SECRET }));
    expect(JSON.stringify(mapped)).not.toMatch(/0123456789|KLMNOP|c2stbGl2/);
  });

  test('a short secret takes the text that holds it with it', () => {
    expect(callScrubOf('abc').words('your key abc is bad')).toBe('[secret]');
    expect(callScrubOf('abc').words('nothing here')).toBe('nothing here');
  });

  test('ordinary words stay', () => {
    expect(respond(400, error({ message: 'temperature must be below 2' })).message).toContain(
      'temperature must be below 2',
    );
  });

  test('a page of text is not quoted whole', () => {
    expect(respond(400, error({ message: 'x '.repeat(5000) })).message.length).toBeLessThan(500);
  });
});

test.each([
  ['ECONNREFUSED', 'upstream_unreachable', userAction('check-address')],
  ['ENOTFOUND', 'upstream_unreachable', userAction('check-address')],
  ['UND_ERR_CONNECT_TIMEOUT', 'upstream_unreachable', userAction('retry')],
  ['CERT_HAS_EXPIRED', 'upstream_unreachable', userAction('check-address')],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'upstream_unreachable', userAction('check-address')],
  ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', 'upstream_unreachable', userAction('check-address')],
  ['HPE_INVALID_CONSTANT', 'upstream_bad_response', userAction('check-address')],
  ['UND_ERR_HEADERS_OVERFLOW', 'upstream_bad_response', userAction('check-address')],
  ['ECONNRESET', 'upstream_unreachable', userAction('retry')],
])('no answer at all: %s', (networkCode, code, retry) => {
  const thrown = new TypeError('outer', { cause: Object.assign(new Error('inner'), { code: networkCode }) });
  expect(mapNetworkError(thrown, 'work')).toMatchObject({ code, retry, cause: thrown, details: { networkCode } });
});

test('[E9-03] a server that speaks no TLS is not said to have a bad certificate', async () => {
  const server = createServer((_request, response) => response.end('plain'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const thrown: unknown = await request(`https://127.0.0.1:${port}/`).catch((reason: unknown) => reason);
    const failure = mapNetworkError(thrown, 'work');
    expect(failure.message).toContain('http');
    expect(failure.message).not.toContain('certificate');
  } finally {
    server.close();
  }
});
