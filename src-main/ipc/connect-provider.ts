import type { KeyRecords } from '../credentials/key-records.ts';
import type { ProfileService } from '../gateway/profile-service.ts';
import type { LinkReading } from './read-link.ts';

/** A name that nobody has yet: `Work`, `Work 2`, `Work 3` … */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!isTaken(name)) return name;
  }
}

/**
 * Adds the provider that a link describes and its key, both or neither.
 *
 * @returns the name that it got.
 * @throws AppFailure of what could not be added, with nothing left behind.
 */
export async function connectProvider(
  parts: { profiles: ProfileService; credentials: KeyRecords },
  { name, provider, baseUrl, model, key }: Extract<LinkReading, { kind: 'connect' }>,
): Promise<string> {
  const { profiles, credentials } = parts;
  const names = new Set(profiles.list().map((profile) => profile.name));
  const profile = await profiles.create({
    name: freeName(name, (taken) => names.has(taken)),
    kind: provider,
    baseUrl,
    ...(model === null ? {} : { defaultModel: model }),
  });
  try {
    if (key !== null) {
      const origin = profiles.originOf(profile.id);
      await credentials.create({ profileId: profile.id, label: profile.name, secret: key, origin });
    }
  } catch (thrown) {
    await profiles.remove(profile.id);
    throw thrown;
  }
  return profile.name;
}
