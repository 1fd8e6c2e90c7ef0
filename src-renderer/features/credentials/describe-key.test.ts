import { describe, expect, test } from 'vitest';
import type { CredentialRecord, CredentialRest } from '#contract/records';
import { describeKey } from './describe-key.ts';
import { keyRecord } from './testing/key-record.ts';

const NOW_MS = 1_800_000_000_000;
const HOME = 'https://a.test';
const rest = (fields: Partial<CredentialRest> = {}): CredentialRest => ({
  model: null,
  kind: 'rate_limit',
  source: 'provider',
  reason: 'slow down',
  fromMs: NOW_MS - 1000,
  untilMs: NOW_MS + 60_000,
  ...fields,
});
const look = (fields: Partial<CredentialRecord>, nowMs = NOW_MS, origin: string | null = HOME) => {
  const { look, action } = describeKey(keyRecord({ approvedOrigin: HOME, ...fields }), origin, nowMs);
  return [look, action];
};

describe('[E10-23] how a key stands, and the one thing to do about it', () => {
  test.each<[string, Partial<CredentialRecord>, string, string | null]>([
    ['nothing wrong', {}, 'ready', 'test'],
    ['serving', { inFlight: 1 }, 'inUse', 'test'],
    ['serving all it may', { inFlight: 2, maxInFlight: 2, state: 'busy' }, 'full', 'test'],
    ['cooling', { state: 'cooling', rests: [rest()] }, 'cooling', 'useNow'],
    ['credit used up', { state: 'exhausted', disabled: true }, 'exhausted', 'reset'],
    ['refused', { state: 'refused', disabled: true }, 'refused', 'reset'],
    ['signed out', { state: 'needs_sign_in' }, 'signIn', 'signIn'],
    ['locked', { state: 'locked', storage: 'locked' }, 'locked', 'unlock'],
    ['off', { state: 'disabled', disabled: true }, 'disabled', 'enable'],
    ['off and locked', { state: 'disabled', disabled: true, storage: 'locked' }, 'disabled', 'enable'],
  ])('%s', (_, fields, expected, action) => {
    expect(look(fields)).toEqual([expected, action]);
  });

  test('[E10-21] a suspicion of abuse is not to be gone around: there is no way to use the key anyway', () => {
    expect(look({ state: 'cooling', rests: [rest({ kind: 'suspicious_activity' })] })).toEqual(['cooling', null]);
  });

  test('a rest ends by the clock, whatever the core last said', () => {
    const fields = { state: 'cooling' as const, rests: [rest()] };
    expect(look(fields, NOW_MS + 59_999)).toEqual(['cooling', 'useNow']);
    expect(look(fields, NOW_MS + 60_000)).toEqual(['ready', 'test']);
  });

  test('[E10-02] a key for another address asks to be confirmed, also while it cools', () => {
    expect(look({ state: 'cooling', rests: [rest()] }, NOW_MS, 'https://b.test')).toEqual(['elsewhere', 'confirmHost']);
    expect(look({}, NOW_MS, null)).toEqual(['ready', 'test']);
  });
});
