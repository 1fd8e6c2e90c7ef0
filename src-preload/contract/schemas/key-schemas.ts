import { z } from 'zod';
import { aliased, id, MAX_NAME_CHARS, name } from './schema-fields.ts';

const passphrase = z.string().min(1).max(4096);
const credential = { id: 'credentialId' } as const;
const credentialIds = z.array(id).min(1).max(500);

/** Keys, the proxies that they go through, and what seals them. */
export const keySchemas = {
  'credentials.list': z.strictObject({ profileId: id.exactOptional() }),
  'credentials.create': z.strictObject({
    profileId: id,
    label: name,
    secret: z.string().max(65_536),
    priority: z.int().min(0).max(1_000_000).exactOptional(),
    group: name.exactOptional(),
    maxInFlight: z.int().min(0).max(10_000).exactOptional(),
  }),
  /** Stored first, then it holds at once. Absent fields stay. */
  'credentials.update': aliased(
    {
      credentialId: id,
      label: name.exactOptional(),
      priority: z.int().min(0).max(1_000_000).exactOptional(),
      group: name.nullable().exactOptional(),
      maxInFlight: z.int().min(0).max(10_000).exactOptional(),
      /** Null allows every model. */
      models: z.array(name).min(1).max(500).nullable().exactOptional(),
    },
    credential,
  ),
  /** On also forgets failures and rest. */
  'credentials.setDisabled': z.strictObject({ credentialIds, disabled: z.boolean() }),
  /** As good as new: on, rested, without failures. */
  'credentials.reset': z.strictObject({ credentialIds }),
  /** Asks each key's upstream whether it is accepted; costs nothing. */
  'credentials.test': z.strictObject({ credentialIds }),
  /** What the key's provider says is left. `fresh` asks it now; otherwise what was told lately is enough. */
  'credentials.credit': aliased({ credentialId: id, fresh: z.boolean().exactOptional() }, credential),
  'credentials.health': z.strictObject({}),
  /** All keys as a file; with a passphrase their secrets are in it, sealed. */
  'credentials.export': z.strictObject({ passphrase: passphrase.exactOptional() }),
  /** Adds the keys of such a file; what is here already stays. */
  'credentials.import': z.strictObject({ content: z.string().max(6_000_000), passphrase: passphrase.exactOptional() }),
  /** Another secret for the same record. `origin` is the address that the person saw the key would be sent to. */
  'credentials.replaceSecret': aliased(
    { credentialId: id, secret: z.string().max(65_536), origin: z.string().max(2048) },
    credential,
  ),
  'credentials.delete': aliased({ credentialId: id }, credential),
  /** Says that a key may be sent to its profile's present address. `origin` is the one that the person saw. */
  'credentials.confirmHost': aliased({ credentialId: id, origin: z.string().max(2048) }, credential),
  /** A credential that renews itself at a token endpoint. */
  'credentials.createOAuth': z.strictObject({
    profileId: id,
    label: name,
    tokenUrl: z.string().max(2048),
    clientId: name,
    clientSecret: z.string().max(4096).exactOptional(),
    refreshToken: z.string().max(65_536),
    scope: z.string().max(4096).exactOptional(),
    priority: z.int().min(0).max(1_000_000).exactOptional(),
    group: name.exactOptional(),
    maxInFlight: z.int().min(0).max(10_000).exactOptional(),
  }),
  /** Another refresh token for one that has ended. */
  'credentials.signIn': aliased(
    { credentialId: id, refreshToken: z.string().max(65_536), clientSecret: z.string().max(4096).exactOptional() },
    credential,
  ),
  /** Renews a token now. */
  'credentials.refresh': aliased({ credentialId: id }, credential),
  /** Puts a key into a group, or out of any. */
  'credentials.setGroup': aliased({ credentialId: id, group: name.nullable() }, credential),
  /** What was estimated of the prefixes of requests, newest first. */
  'prefixHints.list': z.strictObject({}),
  'prefixHints.clear': z.strictObject({}),
  /** Deletes a group: its keys stay and belong to none, its proxy goes. */
  'groups.delete': z.strictObject({ group: name }),
  'proxies.list': z.strictObject({}),
  'proxies.set': z.strictObject({
    scope: z.enum(['global', 'group', 'credential']),
    /** A credential's id or a group's name. */
    owner: z.string().max(MAX_NAME_CHARS).default(''),
    mode: z.enum(['proxy', 'direct']),
    url: z.string().max(2048).exactOptional(),
    username: z.string().max(512).nullable().exactOptional(),
    /** Absent keeps it, empty clears it. It is never given back. */
    password: z.string().max(4096).exactOptional(),
  }),
  'proxies.delete': z.strictObject({
    scope: z.enum(['global', 'group', 'credential']),
    owner: z.string().max(MAX_NAME_CHARS).default(''),
  }),
  /** Opens the keys behind a passphrase. */
  'secrets.unlock': z.strictObject({ passphrase }),
  /** Sets the first passphrase. */
  'secrets.setUp': z.strictObject({ passphrase }),
  'secrets.changePassphrase': z.strictObject({ current: passphrase, next: passphrase }),
  /** A new passphrase beside a lost one: what the old one sealed stays locked. */
  'secrets.startOver': z.strictObject({ passphrase }),
} as const;
