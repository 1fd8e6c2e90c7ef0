import type { FailureFact } from '#contract/failure-saying';
import type { CooldownKind } from './failure-class.ts';

/** A time during which a key is left alone, for one model or (scope `''`) for all. */
export interface Cooldown {
  kind: CooldownKind;
  /** `provider`: the provider named the time. `policy`: it is our own guess. */
  source: 'provider' | 'policy';
  /** What the failure said that set the deadline which holds; free of secrets. */
  reason: FailureFact;
  fromMs: number;
  untilMs: number;
  /** Requests that were let through before its end, to see whether it is over. */
  probes: number;
}

export type CooldownDurations = Readonly<Record<CooldownKind, number>>;

/** Longer hints are mistakes more often than not; a cooldown that never ends is what people complain about most. */
export const MAX_HINT_MS = 30 * 60_000;
/** A provider that says "at once" still gets a moment. */
const MIN_HINT_MS = 1000;
/** The longest that any setting allows. */
export const MAX_COOLDOWN_MS = 7_200_000;
/** A fifth to either side, so that keys that fell together do not return together. */
const JITTER = 0.2;
/** Shorter ones are not spread. */
const JITTER_FROM_MS = 5000;
/** A provider's time is tried once at each of these parts of it, when there is no other key. */
const PROBE_AT = [0.25, 0.5];

/** Kinds whose length is our own guess where the provider names no time. The others are as long as providers make them. */
const GUESSED: ReadonlySet<CooldownKind> = new Set(['rate_limit', 'timeout', 'upstream_error']);
/** Kinds that no request may test before their end. */
const NEVER_PROBED: ReadonlySet<CooldownKind> = new Set(['suspicious_activity']);

/**
 * The cooldown that holds after one more failure. A deadline is only ever extended, and reason, kind and source follow
 * the deadline that holds.
 *
 * @param hintMs the wait that the provider named; null where it named none.
 * @param isProbe the failure was a test of the cooldown that holds: it was to be expected, so our own guess does not grow.
 * @param random from 0 to below 1.
 */
export function extendCooldown(
  current: Cooldown | null,
  failure: { kind: CooldownKind; hintMs: number | null; reason: FailureFact; isProbe: boolean },
  durations: CooldownDurations,
  nowMs: number,
  random: () => number,
): Cooldown {
  const { kind, hintMs, reason } = failure;
  const holds = current !== null && remainingMs(current, nowMs) > 0;
  if (holds && failure.isProbe && hintMs === null) return current;
  const policyMs = spread(durations[kind], random);
  const hinted = hintMs === null ? null : Math.min(Math.max(hintMs, MIN_HINT_MS), MAX_HINT_MS);
  // These two are limits of an account, which a shorter hint about one request does not lift.
  const keepsPolicy = kind === 'overage_request_limit' || kind === 'suspicious_activity';
  const durationMs = hinted === null ? policyMs : keepsPolicy ? Math.max(hinted, policyMs) : hinted;
  const untilMs = nowMs + Math.min(durationMs, MAX_COOLDOWN_MS);
  if (holds && current.untilMs >= untilMs) return current;
  const source = hinted !== null && hinted >= durationMs ? 'provider' : 'policy';
  return { kind, source, reason, fromMs: nowMs, untilMs, probes: 0 };
}

/** Milliseconds until a cooldown ends; 0 when it is over. A clock that was set back does not lengthen it. */
export function remainingMs(cooldown: Cooldown, nowMs: number): number {
  const leftMs = Math.min(cooldown.untilMs - nowMs, cooldown.untilMs - cooldown.fromMs);
  return leftMs > 0 ? leftMs : 0;
}

/**
 * When a request may test whether a cooldown is over, if nothing else is left: a guess of our own may be tested at any time,
 * other rests at a quarter and at half of them, a suspicion never. At the latest its end.
 */
export function nextProbeAtMs(cooldown: Cooldown, nowMs: number): number {
  if (NEVER_PROBED.has(cooldown.kind)) return cooldown.untilMs;
  if (cooldown.source === 'policy' && GUESSED.has(cooldown.kind)) return nowMs;
  const part = PROBE_AT[cooldown.probes];
  if (part === undefined) return cooldown.untilMs;
  return cooldown.fromMs + (cooldown.untilMs - cooldown.fromMs) * part;
}

/**
 * A stored cooldown as it holds now, by the wall clock; null when it is over. Where the clock was set back since, it lasts
 * its own length from now and no longer.
 */
export function restoreCooldown(stored: Cooldown, nowMs: number): Cooldown | null {
  if (nowMs >= stored.untilMs) return null;
  if (nowMs >= stored.fromMs) return stored;
  return { ...stored, fromMs: nowMs, untilMs: nowMs + Math.min(stored.untilMs - stored.fromMs, MAX_COOLDOWN_MS) };
}

function spread(durationMs: number, random: () => number): number {
  if (durationMs < JITTER_FROM_MS) return durationMs;
  return Math.round(durationMs * (1 - JITTER + 2 * JITTER * random()));
}
