import type { CredentialRecord, ProfileRecord } from '#contract/records';

export interface KeyFilter {
  text: string;
  /** Null for all, an empty text for keys without one. */
  group: string | null;
}

/** Pure: keys whose label, mask, group or provider holds every word, in the order of their priority. */
export function filterKeys(
  keys: readonly CredentialRecord[],
  profiles: readonly ProfileRecord[],
  { text, group }: KeyFilter,
): CredentialRecord[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const names = new Map(profiles.map((profile) => [profile.id, profile.name]));
  return keys
    .filter((key) => {
      if (group !== null && (key.group ?? '') !== group) return false;
      const said = `${key.label} ${key.mask} ${key.group ?? ''} ${names.get(key.profileId) ?? ''}`.toLowerCase();
      return words.every((word) => said.includes(word));
    })
    .sort((a, b) => a.priority - b.priority || a.createdAtMs - b.createdAtMs);
}
