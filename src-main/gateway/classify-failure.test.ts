import { describe, expect, test } from 'vitest';
import { COOLDOWN_KINDS, FAILURE_ACTIONS, type FailureClass } from '../credentials/failure-class.ts';
import { callFailureOf } from './call-failure.ts';
import { classifyFailure, errorOf } from './classify-failure.ts';
import { mapNetworkError } from './map-network-error.ts';
import { rateLimitResetMs } from './rate-limit-reset.ts';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const none = () => null;
const headers = (values: Record<string, string>) => (name: string) => values[name] ?? null;
const error = (fields: Record<string, unknown>) => JSON.stringify({ error: fields });
const read = (status: number, body = '', given = none as (name: string) => string | null) =>
  classifyFailure(status, given, body, 'headers', NOW_MS);

describe('[E10-11] what an answer’s failure is, in the table’s order', () => {
  const table: [string, number, string, FailureClass, boolean][] = [
    [
      '402 that names the month’s requests',
      402,
      error({ message: 'You have reached the monthly request count' }),
      'quota_exhausted',
      true,
    ],
    ['402 by code', 402, error({ code: 'insufficient_balance', message: 'x' }), 'quota_exhausted', true],
    ['402 in words', 402, error({ message: 'Insufficient Balance' }), 'quota_exhausted', true],
    ['402 beyond the plan', 402, error({ message: 'Overage limit exceeded' }), 'overage', true],
    ['402 that says nothing', 402, '', 'payment_required', true],
    ['400', 400, error({ message: 'bad role' }), 'bad_request', true],
    ['400 never is about the key, whatever it names', 400, error({ code: 'insufficient_quota' }), 'bad_request', true],
    ['401', 401, '', 'auth', true],
    ['403', 403, '', 'auth', true],
    ['403 that says that the token is invalid', 403, error({ message: 'The bearer token is invalid' }), 'auth', true],
    ['403 for lack of credit', 403, error({ code: 'billing_hard_limit_reached' }), 'quota_exhausted', true],
    ['403 for one model', 403, error({ code: 'model_not_available' }), 'model_access', true],
    ['403 that suspects abuse', 403, error({ message: 'Suspicious activity detected' }), 'suspicious_activity', false],
    ['408', 408, '', 'timeout', false],
    ['504', 504, '', 'timeout', false],
    ['429', 429, error({ type: 'rate_limit_error' }), 'rate_limit', true],
    ['429 without credit', 429, error({ code: 'insufficient_quota' }), 'quota_exhausted', true],
    [
      '429 that suspects abuse',
      429,
      error({ message: 'We noticed unusual activity on this account' }),
      'suspicious_activity',
      false,
    ],
    ['500', 500, '', 'upstream_error', false],
    ['500 that says overloaded', 500, error({ type: 'overloaded_error' }), 'overload', false],
    ['502 with a page', 502, '<html>', 'upstream_error', false],
    ['500 that says so in OpenAI’s words', 500, error({ code: 'server_is_overloaded' }), 'overload', false],
    ['503', 503, '', 'overload', false],
    ['529', 529, error({ type: 'overloaded_error' }), 'overload', true],
    ['599', 599, '', 'upstream_error', false],
    ['404', 404, '', 'client_error', true],
    ['413', 413, '', 'client_error', true],
    ['418', 418, '', 'client_error', true],
    ['422', 422, '', 'client_error', true],
    ['600', 600, '', 'unknown_upstream', false],
    ['0', 0, '', 'unknown_upstream', false],
    ['a body that is no UTF-8', 429, '\uFFFD\uFFFD{', 'rate_limit', true],
    ['[BUG-D9] a number in a sentence', 500, error({ message: 'worker 401 died of 429' }), 'upstream_error', false],
  ];
  test.each(table)('%s', (_what, status, body, failureClass, refused) => {
    expect(read(status, body)).toMatchObject({ class: failureClass, refused, status });
  });

  test('[BUG-A36] 503 counts as refused only with a time to come back', () => {
    expect(read(503, '', headers({ 'retry-after': '2' }))).toMatchObject({ refused: true, waitMs: 2000 });
  });

  test.each([
    ['overloaded_error', 'overload', true],
    ['rate_limit_error', 'rate_limit', true],
    ['authentication_error', 'auth', true],
    ['insufficient_quota', 'quota_exhausted', true],
    ['invalid_request_error', 'client_error', true],
    ['api_error', 'upstream_error', false],
    ['timeout_error', 'timeout', false],
    ['no_such_word', 'upstream_error', false],
  ] as const)('[BUG-D19] under a success status or in a stream, by its name: %s', (type, failureClass, refused) => {
    for (const phase of ['body', 'stream'] as const) {
      expect(classifyFailure(null, none, { type, message: 'x' }, phase, NOW_MS)).toMatchObject({
        class: failureClass,
        refused,
      });
    }
  });

  test('[BUG-D19] a status inside the error counts as one', () => {
    expect(classifyFailure(null, none, { code: 402, message: 'x' }, 'stream', NOW_MS).class).toBe('payment_required');
  });
});

describe('[E10-11] calls that never became an answer', () => {
  const network = (code: string) => callFailureOf(mapNetworkError(Object.assign(new Error('x'), { code }), 'work'));
  test.each([
    ['ECONNREFUSED', 'unreachable', true],
    ['ENOTFOUND', 'unreachable', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'unreachable', false],
    ['ECONNRESET', 'connection_lost', false],
    ['UND_ERR_SOCKET', 'connection_lost', false],
  ])('%s', (code, failureClass, refused) => {
    expect(network(code)).toMatchObject({ class: failureClass, refused });
  });

  test.each([
    ['headers', 'timeout'],
    ['idle', 'timeout'],
    ['total', 'connection_lost'],
  ])('a deadline: %s', (deadline, failureClass) => {
    expect(callFailureOf({ code: 'timeout', message: 'x', details: { deadline } })).toMatchObject({
      class: failureClass,
      refused: false,
    });
  });

  test('what is not the upstream’s says nothing about a key', () => {
    for (const code of ['internal', 'storage_full', 'aborted', 'secrets_locked', 'credentials_busy'] as const) {
      expect(callFailureOf({ code, message: 'x' })).toBeNull();
    }
  });
});

describe('[E10-12] what follows from each class', () => {
  test('the whole table', () => {
    const words = Object.entries(FAILURE_ACTIONS).map(([name, { key, request }]) => {
      const what = key.do === 'cool' ? `${key.kind} for the ${key.scope}` : key.do === 'disable' ? key.reason : '';
      return `${name}: ${key.do}${what === '' ? '' : ` ${what}`}, ${request}`;
    });
    expect(words).toEqual([
      'quota_exhausted: disable quota_exhausted, switch',
      'overage: cool overage_request_limit for the credential, switch',
      'payment_required: nothing, switch',
      'bad_request: nothing, fail',
      'auth: count, switch',
      'model_access: cool model_access for the model, switch',
      'rate_limit: cool rate_limit for the model, wait',
      'timeout: cool timeout for the model, wait',
      'overload: cool upstream_error for the model, wait',
      'upstream_error: cool upstream_error for the model, wait',
      'suspicious_activity: cool suspicious_activity for the account, fail',
      'client_error: nothing, fail',
      'unknown_upstream: cool upstream_error for the model, wait',
      'unreachable: nothing, again',
      'connection_lost: nothing, again',
    ]);
    const kinds = Object.values(FAILURE_ACTIONS).flatMap(({ key }) => (key.do === 'cool' ? [key.kind] : []));
    expect(new Set(kinds)).toEqual(new Set(COOLDOWN_KINDS));
  });
});

describe('[E10-13] when a provider’s rate-limit headers let a request come back', () => {
  test.each([
    [
      'Anthropic',
      { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': '2026-11-21T12:00:30Z' },
      30_000,
    ],
    [
      'a window that is not used up',
      { 'anthropic-ratelimit-tokens-remaining': '5', 'anthropic-ratelimit-tokens-reset': '2026-11-21T13:00:00Z' },
      null,
    ],
    ['OpenAI in seconds', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1s' }, 1000],
    ['OpenAI in minutes', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0.5s' }, 360_500],
    [
      'the latest of several',
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '20ms',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '2s',
      },
      2000,
    ],
    ['a time in milliseconds', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW_MS + 9000) }, 9000],
    ['a time in seconds', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW_MS / 1000 + 7) }, 7000],
    ['the standard’s seconds', { 'ratelimit-remaining': '0', 'ratelimit-reset': '12' }, 12_000],
    ['a time that has passed', { 'ratelimit-remaining': '0', 'ratelimit-reset': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
    ['nonsense', { 'ratelimit-remaining': '0', 'ratelimit-reset': 'soon' }, null],
    ['nonsense with a number', { 'ratelimit-remaining': '0', 'ratelimit-reset': 'in -5 s' }, null],
    ['a window that does not say what is left', { 'x-ratelimit-reset': '12' }, 12_000],
    [
      'one that does not say it beside one that is used up',
      { 'x-ratelimit-reset': '60', 'ratelimit-remaining': '0', 'ratelimit-reset': '12' },
      12_000,
    ],
    ['nothing', {}, null],
  ])('%s', (_what, given: Record<string, string>, waitMs) => {
    expect(rateLimitResetMs(headers(given), NOW_MS)).toBe(waitMs);
  });

  test.each([
    ['Retry-After', { 'retry-after': 'Sat, 21 Nov 2026 13:00:42 GMT' }, 42_000],
    ['a reset', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2026-11-21T13:00:30Z' }, 30_000],
    ['seconds', { 'retry-after': '7' }, 7000],
  ])(
    '[E10-13] %s is by the clock of the upstream, whose date is an hour ahead of ours',
    (_what, given: Record<string, string>, waitMs) => {
      const date = 'Sat, 21 Nov 2026 13:00:00 GMT';
      expect(read(429, '', headers({ ...given, date })).waitMs).toBe(waitMs);
    },
  );

  test('[E10-13] a date that is off by some seconds is that of an answer under way, and one that is none is none', () => {
    const given = { 'retry-after': 'Sat, 21 Nov 2026 12:00:42 GMT' };
    expect(read(429, '', headers({ ...given, date: 'Sat, 21 Nov 2026 11:59:58 GMT' })).waitMs).toBe(42_000);
    expect(read(429, '', headers({ ...given, date: 'yesterday' })).waitMs).toBe(42_000);
  });

  test('[E10-13] Google’s list around its error, and the time within, are read', () => {
    const info = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.5s' };
    const error = { code: 429, message: 'Resource exhausted.', status: 'RESOURCE_EXHAUSTED', details: [info] };
    expect(read(429, JSON.stringify([{ error }]))).toMatchObject({
      class: 'rate_limit',
      waitMs: 34_500,
      quote: 'Resource exhausted.',
    });
    expect(read(429, JSON.stringify([{ error }]), headers({ 'retry-after': '3' })).waitMs).toBe(3000);
    const odd = { ...error, details: [{ ...info, retryDelay: 'soon' }] };
    expect(read(429, JSON.stringify([{ error: odd }])).waitMs).toBeNull();
  });

  // BUG: lists within lists were followed until the stack was full, and the refusal became a fault of our own.
  test('[E10-12] a refusal whose body is lists without end is one all the same', () => {
    expect(read(429, '['.repeat(30_000) + ']'.repeat(30_000))).toMatchObject({ class: 'rate_limit' });
    expect(errorOf([[{ error: 'deeper' }]])).toBeNull();
  });

  test('they count for 429 where Retry-After is missing', () => {
    const given = { 'ratelimit-remaining': '0', 'ratelimit-reset': '12' };
    expect(read(429, '', headers(given)).waitMs).toBe(12_000);
    expect(read(429, '', headers({ ...given, 'retry-after': '3' })).waitMs).toBe(3000);
    expect(read(500, '', headers(given)).waitMs).toBeNull();
  });
});
