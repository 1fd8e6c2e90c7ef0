import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '#contract/errors';
import { AppFailure } from '../platform/app-failure.ts';
import { mapErrorResponse } from './map-error.ts';
import { toFailure } from './read-answer.ts';
import { MAX_ATTEMPTS, MAX_UNREACHABLE_ATTEMPTS, RETRY_BUDGET_MS, retryDelay } from './retry-delay.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00Z');
const middle = () => 0.5;
const first = { attempt: 1, elapsedMs: 0 };

/** The failure that an answer of an upstream becomes. */
const answered = (status: number, body: unknown = '', headers: Record<string, string> = {}) =>
  toFailure(
    mapErrorResponse(
      { status, header: (name) => headers[name] ?? null, body: typeof body === 'string' ? body : JSON.stringify(body) },
      { upstream: 'test', secret: 'a-long-secret-key', nowMs: NOW_MS },
    ),
  );
const network = (networkCode: string) => new AppFailure('upstream_unreachable', 'No.', { details: { networkCode } });

describe('[E9-07] what is tried again', () => {
  test.each([
    ['429', answered(429), 500],
    ['429 of an agent with a limit on runs', answered(429, { error: { message: 'Too many concurrent runs' } }), 500],
    ['529', answered(529), 500],
    ['a refused connection', network('ECONNREFUSED'), 500],
    ['an unknown host', network('ENOTFOUND'), 500],
    ['a name that cannot be looked up now', network('EAI_AGAIN'), 500],
  ])('%s, after half a second', (_what, failure, waitMs) => {
    expect(retryDelay(failure, first, middle)).toBe(waitMs);
  });

  test.each([
    ['429 with seconds', answered(429, '', { 'retry-after': '7' }), 7125],
    ['429 with a date', answered(429, '', { 'retry-after': 'Sat, 21 Nov 2026 10:00:05 GMT' }), 5125],
    ['503 with seconds', answered(503, '', { 'retry-after': '2' }), 2125],
    ['429 that may be tried at once', answered(429, '', { 'retry-after': '0' }), 500],
    ['503 that may be tried at once', answered(503, '', { 'retry-after': '0' }), 500],
  ])('%s, not before the time that it names', (_what, failure, waitMs) => {
    expect(retryDelay(failure, first, middle)).toBe(waitMs);
  });

  test('each wait is twice the one before, up to 8 s', () => {
    const waits = [1, 2, 3, 4, 5].map((attempt) => retryDelay(answered(429), { attempt, elapsedMs: 0 }, middle));
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000]);
  });

  test('a wait differs by a fifth to either side, so that the refused do not return together', () => {
    expect(retryDelay(answered(429), first, () => 0)).toBe(400);
    expect(retryDelay(answered(429), first, () => 1)).toBe(600);
  });
});

describe('[E9-07] [BUG-A36] what is not tried again', () => {
  test.each([400, 401, 402, 403, 404, 408, 413, 422, 500, 502, 504])('%i', (status) => {
    expect(retryDelay(answered(status, '', { 'retry-after': '1' }), first, middle)).toBeNull();
  });

  test.each([
    ['503 without a time', answered(503)],
    ['a quota that is used up', answered(429, { error: { code: 'insufficient_quota' } }, { 'retry-after': '1' })],
    ['a wait beyond the budget', answered(429, '', { 'retry-after': '61' })],
    ['a connection that broke after the request was sent', network('ECONNRESET')],
    ['a connection that was closed', network('UND_ERR_SOCKET')],
    ['a connection that timed out', network('UND_ERR_CONNECT_TIMEOUT')],
    ['a deadline', new AppFailure('timeout', 'Late.', { details: { deadline: 'headers' } })],
    ['an error inside an answer', new AppFailure('upstream_overloaded', 'Busy.')],
  ])('%s', (_what, failure) => {
    expect(retryDelay(failure, first, middle)).toBeNull();
  });

  test('the sixth refusal is the last; an address where nothing answers is given up after the fourth', () => {
    const busy = { attempt: MAX_ATTEMPTS, elapsedMs: 0 };
    expect(retryDelay(answered(429), busy, middle)).toBeNull();
    const silent = { attempt: MAX_UNREACHABLE_ATTEMPTS, elapsedMs: 0 };
    expect(retryDelay(network('ECONNREFUSED'), silent, middle)).toBeNull();
    expect(retryDelay(network('ECONNREFUSED'), { ...silent, attempt: silent.attempt - 1 }, middle)).not.toBeNull();
  });

  test('all waits together fit into a minute, whatever the upstream names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ hint: fc.option(fc.integer({ min: 0, max: 90 })), tookMs: fc.nat(40_000) })),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (answers, random) => {
          let elapsedMs = 0;
          let attempt = 1;
          for (const { hint, tookMs } of answers) {
            elapsedMs += tookMs;
            const failure = answered(429, '', hint === null ? {} : { 'retry-after': String(hint) });
            const waitMs = retryDelay(failure, { attempt, elapsedMs }, () => random);
            if (waitMs === null) return;
            elapsedMs += waitMs;
            attempt++;
            expect(elapsedMs).toBeLessThanOrEqual(RETRY_BUDGET_MS);
          }
          expect(attempt).toBeLessThanOrEqual(MAX_ATTEMPTS);
        },
      ),
    );
  });

  test('no code but those three is ever tried again', () => {
    const others: ErrorCode[] = ['upstream_auth', 'upstream_rejected', 'upstream_error', 'quota_exhausted', 'internal'];
    for (const code of others) {
      const failure = new AppFailure(code, 'x', {
        details: { status: 429, retryAfterMs: 1, networkCode: 'ENOTFOUND' },
      });
      expect(retryDelay(failure, first, middle)).toBeNull();
    }
  });
});
