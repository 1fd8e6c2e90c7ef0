import { describe, expect, it } from 'vitest';
import type { ErrorCode, UserAction } from '#contract/errors';
import type { Obstacle } from './choose-credential.ts';
import { busyTooLong, lineFull, noneUsable, restsTooLong, sentence } from './lease-refusals.ts';

const ORIGIN = 'https://upstream.test';
const NOW_MS = 1_700_000_000_000;

describe('[E10-15] why none of the keys can be used names the remedy', () => {
  const TABLE: Record<Obstacle, [ErrorCode, UserAction]> = {
    'other-origin': ['no_credential', 'confirm-host'],
    locked: ['secrets_locked', 'unlock-keys'],
    model: ['no_credential', 'choose-model'],
    quota: ['quota_exhausted', 'replace-key'],
    refused: ['upstream_auth', 'replace-key'],
    'sign-in': ['upstream_auth', 'sign-in'],
    out: ['no_credential', 'replace-key'],
    disabled: ['no_credential', 'add-key'],
    none: ['no_credential', 'add-key'],
  };
  it.each(Object.entries(TABLE) as [Obstacle, [ErrorCode, UserAction]][])('%s', (obstacle, [code, action]) => {
    expect(noneUsable(obstacle, [{ origin: ORIGIN }], ORIGIN)).toMatchObject({
      code,
      retry: { kind: 'user-action', action },
    });
  });

  it('[E10-02] a key for another address is told with the address that it was confirmed for', () => {
    const { said } = noneUsable('other-origin', [{ origin: ORIGIN }, { origin: 'https://old.test' }], ORIGIN);
    expect(said).toMatchObject({ with: { approved: 'https://old.test', origin: ORIGIN } });
  });
});

it('[E10-09] a full line and a long wait can be tried again at once', () => {
  expect(lineFull(3)).toMatchObject({ code: 'credentials_busy', retry: { action: 'retry' }, details: { limit: 3 } });
  expect(busyTooLong(1500)).toMatchObject({ code: 'credentials_busy', details: { waitedMs: 1500 } });
});

it('[E10-14] [E10-21] a rest is told with its end, and a suspicion of abuse as what it is', () => {
  const rest = { source: 'provider', reason: 'Too much', fromMs: NOW_MS, untilMs: NOW_MS + 5000, probes: 0 } as const;
  const readyAtMs = NOW_MS + 5000;
  expect(restsTooLong({ cooldown: { ...rest, kind: 'rate_limit' }, readyAtMs }, NOW_MS)).toMatchObject({
    code: 'credentials_cooling',
    retry: { kind: 'after', waitMs: 5000 },
    details: { untilMs: readyAtMs, rest: 'rate_limit' },
  });
  expect(restsTooLong({ cooldown: { ...rest, kind: 'suspicious_activity' }, readyAtMs }, NOW_MS).code).toBe(
    'account_flagged',
  );
  // A rest that ended while it was looked at is no wait into the past.
  expect(restsTooLong({ cooldown: { ...rest, kind: 'timeout' }, readyAtMs: NOW_MS - 1 }, NOW_MS)).toMatchObject({
    retry: { waitMs: 0 },
  });
});

it.each([
  ['Too much', 'Too much.'],
  ['Too much.', 'Too much.'],
  ['Really?', 'Really?'],
  [{ word: 'waits_for_key' }, { word: 'waits_for_key' }],
] as const)('%j is the sentence %j', (reason, whole) => {
  expect(sentence(reason)).toEqual(whole);
});
