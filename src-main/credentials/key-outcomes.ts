import { cutText } from '#contract/message';
import { type CooldownDurations, extendCooldown, remainingMs } from './cooldown.ts';
import { type CallFailure, FAILURE_ACTIONS, type KeyAction } from './failure-class.ts';
import type { Permit } from './lease-desk.ts';
import type { PoolEntry } from './pool-entry.ts';

// What a call's end does to what is known of its key. Nothing here stores, tells or waits; the pool does.

/** Refusals in a row after which a key is left alone (E10-12). */
const FAILURES_TO_DISABLE = 3;
/** A refused key is tried again after this long, then after twice that, and so on (E10-20, BUG-D10). */
const FIRST_TRIAL_AFTER_MS = 60_000;
const LAST_TRIAL_AFTER_MS = 3_600_000;
/** Words of a failure that are kept with a key. */
const MAX_REASON_CHARS = 500;

/**
 * The key was accepted, or answered to the end.
 *
 * @param model whose rest ends with it, and the rest for all models; null for no rest at all.
 * @returns whether that changes how the key may be used, so that it has to be on disk at once.
 */
export function noteWorks(entry: PoolEntry, permit: Pick<Permit, 'asProbe' | 'number'>, model: string | null): boolean {
  let learned = entry.failureCount > 0 || entry.trialRound > 0;
  entry.failureCount = 0;
  entry.trialRound = 0;
  if (entry.disabledReason === 'too_many_failures') {
    entry.row = { ...entry.row, disabled: 0, disabled_reason: null };
    entry.nextTrialAtMs = 0;
    learned = true;
  }
  // An answer that was under way before the key was put to rest says nothing about it.
  if (model !== null && (permit.asProbe || permit.number > entry.cooledAtLease)) {
    learned = entry.cooldowns.delete('') || learned;
    learned = entry.cooldowns.delete(model) || learned;
  }
  return learned;
}

/**
 * Counts a failure, keeps its words, and switches the key off where the failure says so.
 *
 * @returns what the failure table says of the key; a rest is still to be made, since it may concern other keys as well.
 */
export function noteFailure(entry: PoolEntry, failure: CallFailure, nowMs: number): KeyAction {
  const { key, transient } = FAILURE_ACTIONS[failure.class];
  entry.failures++;
  entry.lastError = {
    class: failure.class,
    message: cutText(failure.message, MAX_REASON_CHARS),
    ...(failure.said === undefined ? {} : { said: failure.said }),
    status: failure.status,
    atMs: nowMs,
  };
  if (transient && key.do !== 'nothing') {
    entry.transientFailures++;
    entry.troubleAtMs = nowMs;
  }
  if (key.do === 'disable')
    entry.row = { ...entry.row, disabled: 1, disabled_reason: key.reason, updated_at_ms: nowMs };
  if (key.do === 'count') noteRefusal(entry, nowMs);
  return key;
}

/** A refusal of the key: the third in a row switches it off, and each trial in vain makes the next one rarer. */
function noteRefusal(entry: PoolEntry, nowMs: number): void {
  entry.failureCount++;
  if (entry.disabledReason === 'too_many_failures') entry.trialRound++;
  else if (entry.disabledReason === null && entry.failureCount >= FAILURES_TO_DISABLE) {
    entry.row = { ...entry.row, disabled: 1, disabled_reason: 'too_many_failures', updated_at_ms: nowMs };
    entry.trialRound = 0;
  } else return;
  entry.nextTrialAtMs = nowMs + Math.min(FIRST_TRIAL_AFTER_MS * 2 ** entry.trialRound, LAST_TRIAL_AFTER_MS);
}

/**
 * Puts a key to rest after a failure; rests of it that are over are forgotten.
 *
 * @param model which model the rest is for; `''` for all.
 * @param at.leaseNumber the newest permit: what was lent up to it says nothing about the rest.
 */
export function noteRest(
  entry: PoolEntry,
  model: string,
  failure: Parameters<typeof extendCooldown>[1],
  at: { durations: CooldownDurations; nowMs: number; random: () => number; leaseNumber: number },
): void {
  const held = entry.cooldowns.get(model) ?? null;
  entry.cooldowns.set(model, extendCooldown(held, failure, at.durations, at.nowMs, at.random));
  for (const [other, rest] of entry.cooldowns) if (remainingMs(rest, at.nowMs) === 0) entry.cooldowns.delete(other);
  entry.cooledAtLease = at.leaseNumber;
}

/**
 * The keys that belong to the account of this one, itself included: its group's at the same address. Keys without a group
 * count as one account, since nothing says otherwise (E10-21).
 */
export function accountOf(entries: readonly PoolEntry[], entry: PoolEntry): PoolEntry[] {
  const group = entry.row.group_name;
  return entries.filter(
    (peer) =>
      peer.origin === entry.origin &&
      peer.row.group_name === group &&
      (group !== null || peer.row.profile_id === entry.row.profile_id),
  );
}
