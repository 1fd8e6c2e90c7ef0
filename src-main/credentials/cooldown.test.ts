import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Cooldown,
  extendCooldown,
  MAX_COOLDOWN_MS,
  MAX_HINT_MS,
  nextProbeAtMs,
  remainingMs,
  restoreCooldown,
} from './cooldown.ts';
import { COOLDOWN_KINDS, type CooldownKind } from './failure-class.ts';

const NOW_MS = 1_800_000_000_000;
const DURATIONS = {
  rate_limit: 120_000,
  timeout: 30_000,
  upstream_error: 30_000,
  overage_request_limit: 600_000,
  suspicious_activity: 300_000,
  model_access: 600_000,
};
const middle = () => 0.5;
const failure = (
  kind: CooldownKind,
  hintMs: number | null = null,
  more: { reason?: string; isProbe?: boolean } = {},
) => ({
  kind,
  hintMs,
  reason: more.reason ?? 'no',
  isProbe: more.isProbe ?? false,
});
const start = (kind: CooldownKind, hintMs: number | null = null, random = middle) =>
  extendCooldown(null, failure(kind, hintMs), DURATIONS, NOW_MS, random);

describe('[E10-13] how long a key rests', () => {
  test.each([
    ['rate_limit', 120_000],
    ['timeout', 30_000],
    ['upstream_error', 30_000],
    ['overage_request_limit', 600_000],
    ['suspicious_activity', 300_000],
  ] as const)('%s: %i ms where the provider names no time', (kind, durationMs) => {
    expect(start(kind)).toMatchObject({ kind, source: 'policy', fromMs: NOW_MS, untilMs: NOW_MS + durationMs });
  });

  test.each([
    ['no time at all is a second', 0, 1000],
    ['[BUG-D15] three seconds are three seconds', 3000, 3000],
    ['ten seconds are exact, without jitter', 10_000, 10_000],
    ['hours are half an hour', 9_999_000, MAX_HINT_MS],
  ])('the provider’s word counts: %s', (_what, hintMs, durationMs) => {
    expect(start('rate_limit', hintMs, () => 0.99)).toMatchObject({ source: 'provider', untilMs: NOW_MS + durationMs });
  });

  test('a limit of the account is not lifted by a shorter hint about one request', () => {
    expect(start('overage_request_limit', 60_000).untilMs).toBe(NOW_MS + 600_000);
    expect(start('overage_request_limit', 900_000).untilMs).toBe(NOW_MS + 900_000);
    expect(start('suspicious_activity', 1000).untilMs).toBe(NOW_MS + 300_000);
  });

  test('our own guess is spread by a fifth to either side; a short one is not', () => {
    expect(start('rate_limit', null, () => 0).untilMs).toBe(NOW_MS + 96_000);
    expect(start('rate_limit', null, () => 1).untilMs).toBe(NOW_MS + 144_000);
    const short = { ...DURATIONS, rate_limit: 4000 };
    expect(extendCooldown(null, failure('rate_limit'), short, NOW_MS, () => 0).untilMs).toBe(NOW_MS + 4000);
  });

  test('[BUG-D15] reason, kind and source belong to the deadline that holds', () => {
    const long = start('rate_limit', 300_000);
    const same = extendCooldown(long, failure('timeout', null, { reason: 'later' }), DURATIONS, NOW_MS + 1000, middle);
    expect(same).toEqual(long);
    const more = extendCooldown(
      long,
      failure('upstream_error', 600_000, { reason: 'later' }),
      DURATIONS,
      NOW_MS + 1000,
      middle,
    );
    expect(more).toMatchObject({ kind: 'upstream_error', reason: 'later', untilMs: NOW_MS + 601_000 });
  });

  test('a test in vain does not lengthen our own guess, but the provider’s word holds', () => {
    const own = start('rate_limit');
    const probed = (hintMs: number | null) =>
      extendCooldown(own, failure('rate_limit', hintMs, { isProbe: true }), DURATIONS, NOW_MS + 60_000, middle);
    expect(probed(null)).toEqual(own);
    expect(probed(300_000).untilMs).toBe(NOW_MS + 360_000);
  });

  test('a deadline is only ever extended, and never beyond the cap', () => {
    const event = fc.record({
      kind: fc.constantFrom(...COOLDOWN_KINDS),
      hintMs: fc.option(fc.integer({ min: 0, max: 100_000_000 })),
      laterMs: fc.nat(400_000),
      random: fc.double({ min: 0, max: 0.999, noNaN: true }),
      isProbe: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let held: Cooldown | null = null;
        let nowMs = NOW_MS;
        for (const { kind, hintMs, laterMs, random, isProbe } of events) {
          nowMs += laterMs;
          const next = extendCooldown(held, { kind, hintMs, reason: 'r', isProbe }, DURATIONS, nowMs, () => random);
          if (held !== null && remainingMs(held, nowMs) > 0) expect(next.untilMs).toBeGreaterThanOrEqual(held.untilMs);
          expect(next.untilMs - nowMs).toBeLessThanOrEqual(MAX_COOLDOWN_MS);
          expect(remainingMs(next, next.untilMs)).toBe(0);
          held = next;
        }
      }),
    );
  });
});

describe('[E10-14] when a rest may be tested', () => {
  test('our own guess at any time, the provider’s at a quarter and at half, a suspicion never', () => {
    expect(nextProbeAtMs(start('rate_limit'), NOW_MS + 1)).toBe(NOW_MS + 1);
    const told = start('rate_limit', 100_000);
    expect(nextProbeAtMs(told, NOW_MS)).toBe(NOW_MS + 25_000);
    expect(nextProbeAtMs({ ...told, probes: 1 }, NOW_MS)).toBe(NOW_MS + 50_000);
    expect(nextProbeAtMs({ ...told, probes: 2 }, NOW_MS)).toBe(NOW_MS + 100_000);
    expect(nextProbeAtMs(start('overage_request_limit'), NOW_MS)).toBe(NOW_MS + 150_000);
    expect(nextProbeAtMs(start('suspicious_activity'), NOW_MS)).toBe(NOW_MS + 300_000);
  });
});

describe('[E10-17] a rest that was stored', () => {
  const stored = start('rate_limit', 100_000);
  test.each([
    ['goes on by the wall clock', 40_000, 60_000],
    ['is over when its time has passed', 100_000, null],
    ['lasts no longer than it ever did when the clock was set back', -86_400_000, 100_000],
  ])('%s', (_what, passedMs, leftMs) => {
    const nowMs = NOW_MS + passedMs;
    const restored = restoreCooldown(stored, nowMs);
    expect(restored === null ? null : restored.untilMs - nowMs).toBe(leftMs);
  });

  test('[E10-13] a clock that is set back while it runs does not lengthen it', () => {
    expect(remainingMs(stored, NOW_MS - 1_000_000)).toBe(100_000);
  });
});
