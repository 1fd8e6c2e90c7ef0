import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '#contract/settings';
import { MAX_COOLDOWN_MS, remainingMs } from './cooldown.ts';
import { durationsOf } from './credential-record.ts';
import { COOLDOWN_KINDS, type CooldownKind, FAILURE_ACTIONS, type FailureClass } from './failure-class.ts';
import { accountOf, noteFailure, noteRest, noteWorks } from './key-outcomes.ts';
import { PoolEntry } from './pool-entry.ts';

const NOW_MS = 1_700_000_000_000;
const CLASSES = Object.keys(FAILURE_ACTIONS) as FailureClass[];

function key(fields: Partial<PoolEntry['row']> = {}): PoolEntry {
  const row: PoolEntry['row'] = {
    id: 'k',
    profile_id: 'p',
    label: 'key',
    mask: '***',
    fingerprint: 'f',
    cipher_kind: 'memory',
    approved_origin: 'https://upstream.test',
    priority: 0,
    group_name: null,
    max_in_flight: 0,
    disabled: 0,
    disabled_reason: null,
    models: null,
    auth: 'api_key',
    created_at_ms: 0,
    updated_at_ms: 0,
    ...fields,
  };
  return new PoolEntry(row, { epoch: 0, canOpen: () => true, isStored: () => true });
}

const failed = (failure: FailureClass) => ({
  class: failure,
  refused: true,
  status: null,
  waitMs: null,
  message: 'It said no.',
});

function rest(entry: PoolEntry, model: string, kind: CooldownKind, leaseNumber = 0, nowMs = NOW_MS): void {
  const failure = { kind, hintMs: null, reason: 'It said no.', isProbe: false };
  noteRest(entry, model, failure, { durations: durationsOf(DEFAULT_SETTINGS), nowMs, random: () => 0.5, leaseNumber });
}

describe('[E10-12] what one failure does to a key that was in order', () => {
  // For each class: whether the key is off at once, whether it counts as refused, whether it is a trouble that passes.
  const TABLE: Record<FailureClass, { off: string | null; refusals: 0 | 1; passes: boolean }> = {
    quota_exhausted: { off: 'quota_exhausted', refusals: 0, passes: false },
    overage: { off: null, refusals: 0, passes: false },
    payment_required: { off: null, refusals: 0, passes: false },
    bad_request: { off: null, refusals: 0, passes: false },
    auth: { off: null, refusals: 1, passes: false },
    model_access: { off: null, refusals: 0, passes: false },
    rate_limit: { off: null, refusals: 0, passes: true },
    timeout: { off: null, refusals: 0, passes: true },
    overload: { off: null, refusals: 0, passes: true },
    upstream_error: { off: null, refusals: 0, passes: true },
    suspicious_activity: { off: null, refusals: 0, passes: true },
    client_error: { off: null, refusals: 0, passes: false },
    unknown_upstream: { off: null, refusals: 0, passes: true },
    // Nobody was reached, or nobody knows by whom: that is the network's, and no mark against the key.
    unreachable: { off: null, refusals: 0, passes: false },
    connection_lost: { off: null, refusals: 0, passes: false },
  };

  test.each(CLASSES)('%s', (failure) => {
    const entry = key();
    noteFailure(entry, failed(failure), NOW_MS);
    const { off, refusals, passes } = TABLE[failure];
    expect(entry).toMatchObject({
      disabledReason: off,
      failureCount: refusals,
      failures: 1,
      transientFailures: passes ? 1 : 0,
      troubleAtMs: passes ? NOW_MS : null,
      lastError: { class: failure, message: 'It said no.', atMs: NOW_MS },
    });
    expect(entry.row.disabled).toBe(off === null ? 0 : 1);
  });
});

describe('refusals in a row', () => {
  test('[E10-20] the third switches the key off, and each trial in vain doubles the wait, up to an hour', () => {
    const entry = key();
    const waits: number[] = [];
    for (let time = 1; time <= 12; time++) {
      noteFailure(entry, failed('auth'), NOW_MS);
      expect(entry.disabledReason).toBe(time < 3 ? null : 'too_many_failures');
      if (time >= 3) waits.push((entry.nextTrialAtMs - NOW_MS) / 60_000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
  });

  test('[E10-20] what a person switched off is neither renamed nor tried by refusals of what was under way', () => {
    const entry = key({ disabled: 1, disabled_reason: 'manual' });
    for (let time = 0; time < 5; time++) noteFailure(entry, failed('auth'), NOW_MS);
    expect(entry).toMatchObject({ disabledReason: 'manual', nextTrialAtMs: 0, trialRound: 0 });
  });

  test('[E10-20] being accepted brings back what refusals switched off, and nothing else', () => {
    const refused = key();
    for (let time = 0; time < 4; time++) noteFailure(refused, failed('auth'), NOW_MS);
    expect(noteWorks(refused, { asProbe: false, number: 1 }, null)).toBe(true);
    expect(refused).toMatchObject({ disabledReason: null, failureCount: 0, trialRound: 0, nextTrialAtMs: 0 });
    for (const reason of ['manual', 'quota_exhausted']) {
      const off = key({ disabled: 1, disabled_reason: reason });
      noteWorks(off, { asProbe: false, number: 1 }, null);
      expect(off.disabledReason).toBe(reason);
    }
  });

  test('[E10-20] an answer of a key that is in order changes nothing that has to be on disk at once', () => {
    expect(noteWorks(key(), { asProbe: false, number: 1 }, 'm')).toBe(false);
  });
});

describe('what ends a rest', () => {
  const endings: {
    about: string;
    permit: { asProbe: boolean; number: number };
    model: string | null;
    left: string[];
  }[] = [
    { about: 'an answer lent after it', permit: { asProbe: false, number: 6 }, model: 'm', left: ['n'] },
    { about: 'an answer lent before it', permit: { asProbe: false, number: 5 }, model: 'm', left: ['m', '', 'n'] },
    { about: 'a test of it, whenever it was lent', permit: { asProbe: true, number: 1 }, model: 'm', left: ['n'] },
    { about: 'a list of models', permit: { asProbe: false, number: 6 }, model: null, left: ['m', '', 'n'] },
  ];
  test.each(endings)('[E10-13] $about', ({ permit, model, left }) => {
    const entry = key();
    for (const each of ['m', '', 'n']) rest(entry, each, 'rate_limit', 5);
    expect(noteWorks(entry, permit, model)).toBe(left.length < 3);
    expect([...entry.cooldowns.keys()]).toEqual(left);
  });

  test('[E10-13] failures of any kind and order never shorten a rest, nor make one longer than any may be', () => {
    const failures = fc.array(
      fc.record({
        kind: fc.constantFrom(...COOLDOWN_KINDS),
        model: fc.constantFrom('', 'm'),
        afterMs: fc.nat(600_000),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(failures, (each) => {
        const entry = key();
        let nowMs = NOW_MS;
        for (const { kind, model, afterMs } of each) {
          nowMs += afterMs;
          const before = new Map([...entry.cooldowns].map(([name, { untilMs }]) => [name, untilMs]));
          rest(entry, model, kind, 0, nowMs);
          for (const [name, untilMs] of before) {
            const held = entry.cooldowns.get(name);
            if (held === undefined) expect(untilMs).toBeLessThanOrEqual(nowMs);
            else expect(held.untilMs).toBeGreaterThanOrEqual(untilMs);
          }
          // What is over is not kept, so a key does not gather the names of models.
          for (const held of entry.cooldowns.values()) {
            expect(remainingMs(held, nowMs)).toBeGreaterThan(0);
            expect(remainingMs(held, nowMs)).toBeLessThanOrEqual(MAX_COOLDOWN_MS);
          }
        }
      }),
    );
  });
});

test('[E10-21] an account is a group at one address; without a group it is the profile’s keys at one address', () => {
  const keys = [
    key({ id: 'a', group_name: 'g' }),
    key({ id: 'b', group_name: 'g', profile_id: 'q' }),
    key({ id: 'c', group_name: 'g', approved_origin: 'https://else.test' }),
    key({ id: 'd' }),
    key({ id: 'e' }),
    key({ id: 'f', profile_id: 'q' }),
  ];
  const accounts = keys.map((entry) =>
    accountOf(keys, entry)
      .map(({ id }) => id)
      .join(''),
  );
  expect(accounts).toEqual(['ab', 'ab', 'c', 'de', 'de', 'f']);
});
