import type { CredentialRecord, ProfileRecord } from '#contract/records';
import { describeKey, type KeyDescription } from './describe-key.ts';
import { originOf } from './origin-of.ts';

/** A key that stands otherwise than before, for whoever listens instead of looking. */
export interface KeyNews {
  label: string;
  description: KeyDescription;
}

/** Being used and being free again come with every answer and are told to nobody. */
const ROUTINE = new Set(['ready', 'inUse', 'full']);

/** Pure: what is worth saying about the difference between two lists of keys. New and deleted keys are said elsewhere. */
export function keyNews(
  before: readonly CredentialRecord[],
  after: readonly CredentialRecord[],
  profiles: readonly ProfileRecord[],
  nowMs: number,
): KeyNews[] {
  const known = new Map(before.map((key) => [key.id, key]));
  const origins = new Map(profiles.map((profile) => [profile.id, originOf(profile.baseUrl)]));
  return after.flatMap((key) => {
    const old = known.get(key.id);
    if (old === undefined || old === key) return [];
    const origin = origins.get(key.profileId) ?? null;
    const was = describeKey(old, origin, nowMs).look;
    const description = describeKey(key, origin, nowMs);
    const { look } = description;
    if (was === look || (ROUTINE.has(was) && ROUTINE.has(look))) return [];
    return [{ label: key.label, description }];
  });
}
