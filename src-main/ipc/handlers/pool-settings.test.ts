import { describe, expect, it } from 'vitest';
import { routeSchemas } from '#contract/routes.schema';
import { DEFAULT_SETTINGS } from '#contract/settings';

const accepts = (values: Record<string, unknown>) => routeSchemas['settings.set'].safeParse({ values }).success;

describe('[E10-26] the limits of keys', () => {
  const RANGES = {
    rateLimitCooldownMs: [1000, 7_200_000],
    timeoutCooldownMs: [1000, 7_200_000],
    upstreamErrorCooldownMs: [1000, 7_200_000],
    overageCooldownMs: [1000, 7_200_000],
    suspiciousCooldownMs: [1000, 7_200_000],
    credentialRestWaitMs: [3000, 120_000],
    credentialQueueWaitMs: [1000, 600_000],
    credentialQueueLimit: [0, 1000],
    maxRequestsInFlight: [0, 10_000],
  } as const;
  it.each(Object.entries(RANGES))('%s is held to its range', (name, [least, most]) => {
    expect([least, most].map((value) => accepts({ [name]: value }))).toEqual([true, true]);
    for (const value of [least - 1, most + 1, least + 0.5, Number.NaN, Number.POSITIVE_INFINITY, '5000', null]) {
      expect(accepts({ [name]: value }), String(value)).toBe(false);
    }
  });

  it('the defaults are within them, and modes are names', () => {
    const { credentialMode, credentialOverflow, cooldownsEnabled } = DEFAULT_SETTINGS;
    const numbers = Object.fromEntries(
      Object.keys(RANGES).map((name) => [name, DEFAULT_SETTINGS[name as keyof typeof RANGES]]),
    );
    expect(accepts({ ...numbers, credentialMode, credentialOverflow, cooldownsEnabled })).toBe(true);
    expect(accepts({ credentialMode: 'random' })).toBe(false);
  });
});
