import { describe, expect, test } from 'vitest';
import { type CallFailure, FAILURE_ACTIONS, type FailureClass } from '../credentials/failure-class.ts';
import type { OtherKeys } from '../credentials/lease.ts';
import { callFailureOf } from './call-failure.ts';
import { mapErrorResponse } from './map-error.ts';
import { nextStep } from './next-step.ts';
import { toFailure } from './read-answer.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00Z');
const READY: OtherKeys = { kind: 'ready' };
const NONE: OtherKeys = { kind: 'none' };
const later = (waitMs: number): OtherKeys => ({ kind: 'later', waitMs });

function after(
  status: number,
  others: OtherKeys,
  more: { headers?: Record<string, string>; attempt?: number; elapsedMs?: number; keys?: number } = {},
) {
  const header = (name: string) => more.headers?.[name] ?? null;
  const thrown = toFailure(
    mapErrorResponse({ status, header, body: '' }, { upstream: 'u', secret: 'a-long-secret-key', nowMs: NOW_MS }),
  );
  const failure = callFailureOf(thrown);
  if (failure === null) throw new Error('Not a failure of the upstream.');
  const tries = { attempt: more.attempt ?? 1, elapsedMs: more.elapsedMs ?? 0 };
  return nextStep(thrown, failure, tries, others, more.keys ?? 5, () => 0.5);
}

describe('[E10-15] what follows a failed call', () => {
  test.each([401, 402, 403])('%i: another key at once, and this one not again', (status) => {
    expect(after(status, READY)).toEqual({ do: 'again', waitMs: 0, out: true });
    expect(after(status, NONE)).toEqual({ do: 'fail' });
    expect(after(status, later(5000))).toEqual({ do: 'again', waitMs: 5000, out: true });
    expect(after(status, later(61_000))).toEqual({ do: 'fail' });
  });

  test('429: another key after a short pause, a little longer each time; without one this key after a longer pause', () => {
    expect(after(429, READY)).toEqual({ do: 'again', waitMs: 100, out: false });
    expect(after(429, READY, { attempt: 4 })).toEqual({ do: 'again', waitMs: 400, out: false });
    expect(after(429, NONE)).toEqual({ do: 'again', waitMs: 500, out: false });
    expect(after(429, NONE, { headers: { 'retry-after': '7' } })).toEqual({ do: 'again', waitMs: 7125, out: false });
    expect(after(429, NONE, { headers: { 'retry-after': '120' } })).toEqual({ do: 'fail' });
  });

  test('429: the key that can be used first', () => {
    const headers = { 'retry-after': '30' };
    expect(after(429, later(4000), { headers })).toEqual({ do: 'again', waitMs: 4000, out: false });
    expect(after(429, later(40_000), { headers })).toEqual({ do: 'again', waitMs: 30_125, out: false });
    expect(after(429, later(4000), { headers: { 'retry-after': '300' } })).toEqual({
      do: 'again',
      waitMs: 4000,
      out: false,
    });
  });

  test.each([400, 404, 408, 413, 422, 500, 502, 504, 302])(
    '[BUG-A36] %i is never sent again, however many keys there are',
    (status) => {
      expect(after(status, READY, { headers: { 'retry-after': '1' } })).toEqual({ do: 'fail' });
    },
  );

  test('503 goes to another key only with a time to come back; 529 always', () => {
    expect(after(503, READY)).toEqual({ do: 'fail' });
    expect(after(503, READY, { headers: { 'retry-after': '9' } })).toEqual({ do: 'again', waitMs: 100, out: false });
    expect(after(529, READY)).toEqual({ do: 'again', waitMs: 100, out: false });
  });

  test('at most six calls, and three a key', () => {
    expect(after(401, READY, { attempt: 5 }).do).toBe('again');
    expect(after(401, READY, { attempt: 6 }).do).toBe('fail');
    expect(after(429, READY, { attempt: 6 }).do).toBe('fail');
    expect(after(401, READY, { attempt: 2, keys: 1 }).do).toBe('again');
    expect(after(401, READY, { attempt: 3, keys: 1 }).do).toBe('fail');
  });

  test('all of it within a minute', () => {
    expect(after(429, READY, { elapsedMs: 59_900 }).do).toBe('again');
    expect(after(429, READY, { elapsedMs: 59_901 }).do).toBe('fail');
    expect(after(401, later(2000), { elapsedMs: 58_001 }).do).toBe('fail');
  });

  test('[E10-21] a suspicion of abuse is the end of the request: no other key is tried', () => {
    const failure: CallFailure = { class: 'suspicious_activity', refused: true, status: 429, waitMs: 1, message: 'x' };
    const thrown = toFailure({ code: 'account_flagged', message: 'x', retry: { kind: 'no' } });
    expect(nextStep(thrown, failure, { attempt: 1, elapsedMs: 0 }, READY, 5, () => 0)).toEqual({ do: 'fail' });
  });

  test('[E9-06] [BUG-A36] whatever the class: what may have been executed is not sent again', () => {
    const thrown = toFailure({
      code: 'upstream_rate_limited',
      message: 'x',
      retry: { kind: 'no' },
      details: { status: 429 },
    });
    for (const name of Object.keys(FAILURE_ACTIONS) as FailureClass[]) {
      const failure: CallFailure = { class: name, refused: false, status: 429, waitMs: 1, message: 'x' };
      expect(nextStep(thrown, failure, { attempt: 1, elapsedMs: 0 }, READY, 5, () => 0)).toEqual({ do: 'fail' });
    }
  });
});
