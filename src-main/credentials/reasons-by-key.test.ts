import { describe, expect, it } from 'vitest';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import { type KeyReason, reasonsByKey, withoutLabels, withReasons } from './reasons-by-key.ts';

type Key = Parameters<typeof reasonsByKey>[0][number];

const ORIGIN = 'https://api.example';
const key = (id: string, more: Partial<Key> = {}): Key => ({
  id,
  priority: 0,
  limit: 1,
  inFlight: 0,
  lastUse: 0,
  troubleAtMs: null,
  disabledReason: null,
  nextTrialAtMs: 0,
  origin: ORIGIN,
  canOpen: true,
  models: null,
  cooldowns: new Map(),
  isProbing: false,
  row: { label: `label ${id}` },
  lastError: null,
  ...more,
});
const about = { origin: ORIGIN, model: 'm', nowMs: 1000, refusedBy: new Map<string, AppFailure>() };
const rest = (untilMs: number) =>
  new Map([
    ['', { kind: 'rate_limit', source: 'provider', reason: 'Slow down.', fromMs: 0, untilMs, probes: 0 } as never],
  ]);

describe('why no key serves a request', () => {
  it('[E11-06] is told of each by what keeps it, and of none that would serve', () => {
    const keys = [
      key('a', { disabledReason: 'quota_exhausted' }),
      key('b', { cooldowns: rest(31_000) }),
      key('c'),
      key('d', { canOpen: false }),
      key('e', { models: new Set(['other']) }),
      key('f', { disabledReason: 'disabled_by_user' }),
      key('g'),
    ];
    const refusedBy = new Map([['g', new AppFailure('upstream_auth', 'Not with this key.')]]);
    expect(reasonsByKey(keys, { ...about, refusedBy })).toEqual([
      { label: 'label a', reason: { word: 'each_no_credit' }, waitMs: null },
      { label: 'label b', reason: 'Slow down.', waitMs: 30_000 },
      { label: 'label d', reason: { word: 'each_locked' }, waitMs: null },
      { label: 'label e', reason: { word: 'each_other_models' }, waitMs: null },
      { label: 'label f', reason: { word: 'each_off' }, waitMs: null },
      { label: 'label g', reason: 'Not with this key.', waitMs: null },
    ]);
  });

  it('[E11-06] is one sentence for the owner with labels, for a program with numbers, and waits for the first rest', () => {
    const failure = new AppFailure('upstream_rate_limited', 'No more.', { retry: { kind: 'after', waitMs: 90_000 } });
    const reasons: KeyReason[] = [
      { label: 'work', reason: 'Slow down.', waitMs: 20_000 },
      { label: 'home', reason: { word: 'each_no_credit' }, waitMs: null },
    ];
    const told = withReasons(failure, reasons);
    expect(told.message).toBe('No more. “work”: Slow down. “home”: Its credit is used up.');
    expect(told).toMatchObject({ code: 'upstream_rate_limited', retry: { kind: 'after', waitMs: 20_000 } });
    expect(withoutLabels(told).message).toBe('No more. Key 1: Slow down. Key 2: Its credit is used up.');
    expect(JSON.stringify(withoutLabels(told).details)).not.toMatch(/work|home/);
  });

  it('[E11-06] says how many more there are, and nothing of a single key', () => {
    const many = Array.from({ length: 9 }, (_each, at) => ({ label: `k${at}`, reason: 'No.', waitMs: null }));
    const failure = failureOf('no_credential', { word: 'keys_tried' });
    expect(withReasons(failure, many).message).toMatch(/“k5”: No\. And 3 more keys\.$/);
    expect(withReasons(failure, many.slice(0, 1))).toBe(failure);
  });
});
