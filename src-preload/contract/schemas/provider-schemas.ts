import { z } from 'zod';
import { PROFILE_KINDS } from '../records.ts';
import { aliased, id, name, refusal } from './schema-fields.ts';

const profile = { id: 'profileId' } as const;

/** Profiles and what they reach. */
export const providerSchemas = {
  'profiles.list': z.strictObject({}),
  'profiles.create': z.strictObject({
    name: name.refine((value) => !value.includes('/'), refusal('why_slash')),
    kind: z.enum(PROFILE_KINDS),
    baseUrl: z.string().max(2048).default(''),
    defaultModel: name.exactOptional(),
    contextLength: z.int().min(1).max(100_000_000).exactOptional(),
  }),
  'profiles.update': aliased(
    {
      profileId: id,
      baseUrl: z.string().max(2048).exactOptional(),
      defaultModel: name.nullable().exactOptional(),
      contextLength: z.int().min(1).max(100_000_000).nullable().exactOptional(),
    },
    profile,
  ),
  /** Asks a profile's upstream for its models, or tells what it answered some minutes ago. */
  'profiles.health': aliased({ profileId: id, fresh: z.boolean().default(false) }, profile),
  /** Looks for model servers on this computer. */
  'upstreams.discover': z.strictObject({}),
  'profiles.leftovers': z.strictObject({}),
  'profiles.delete': aliased({ profileId: id }, profile),
} as const;
