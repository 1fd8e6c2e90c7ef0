import type { ProfileRecord } from '#contract/records';

/**
 * The profiles that can be asked for a summary. An agent has tools, and an old conversation is not to reach them, so the
 * core refuses it. One that is chosen all the same is listed, so that the field says what is set.
 */
export function summarisers(profiles: readonly Pick<ProfileRecord, 'name' | 'kind'>[], chosen: string): string[] {
  const names = profiles.filter((profile) => profile.kind !== 'hermes').map((profile) => profile.name);
  return chosen === '' || names.includes(chosen) ? names : [...names, chosen];
}
