import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { FailureFact } from '#contract/failure-saying';
import { PROFILE_KINDS } from '#contract/records';
import { failureOf } from '../platform/app-failure.ts';
import { openBytes, sealBytes } from './authenticated-bytes.ts';
import { createVault, openVault } from './vault-key.ts';

// The file that keys are taken to another computer with; docs/credential-file.md describes it.

const FORMAT = 'sluice-credentials';
const VERSION = 1;

const name = z.string().trim().min(1).max(200);
const bytes = z.base64().max(8_000_000);

const provider = z.object({
  name,
  /** The demo is everywhere already. */
  kind: z.enum(PROFILE_KINDS).exclude(['demo']),
  baseUrl: z.string().max(2048),
  defaultModel: name.nullable().default(null),
  contextLength: z.int().min(1).max(100_000_000).nullable().default(null),
});

const key = z.object({
  /** Names it within the file. */
  id: z.string().min(1).max(128),
  provider: name,
  label: name,
  mask: z.string().max(64).default('***'),
  auth: z.enum(['api_key', 'oauth']).default('api_key'),
  /** The origin that it may be sent to. */
  approvedOrigin: z.string().max(2048),
  priority: z.int().min(0).max(1_000_000).default(0),
  group: name.nullable().default(null),
  maxInFlight: z.int().min(0).max(10_000).default(0),
  models: z.array(name).min(1).max(500).nullable().default(null),
  disabled: z.boolean().default(false),
  oauth: z
    .object({ tokenUrl: z.string().max(2048), clientId: name, scope: z.string().max(4096).nullable().default(null) })
    .nullable()
    .default(null),
});

const proxy = z.object({
  scope: z.enum(['global', 'group', 'credential']),
  /** A group's name, or a key's id within the file; empty for the general one. */
  owner: z.string().max(200).default(''),
  mode: z.enum(['proxy', 'direct']),
  url: z.string().max(2048).default(''),
  username: z.string().max(512).nullable().default(null),
});

/** What is not secret. Read with this shape on both sides, so that its bytes are the same wherever they are hashed. */
const open = z.object({
  providers: z.array(provider).max(1000),
  keys: z.array(key).max(5000),
  proxies: z.array(proxy).max(5000).default([]),
});

const sealed = z.object({
  id: z.string().max(128),
  parameters: z.string().max(1000),
  salt: bytes,
  wrappedKey: bytes,
  checksum: bytes,
  sealed: bytes,
});

const file = z.object({
  format: z.literal(FORMAT),
  version: z.int(),
  exportedAt: z.string().max(64).default(''),
  ...open.shape,
  secrets: sealed.nullable().default(null),
});

const plainSecrets = z.object({
  keys: z.record(z.string(), z.object({ secret: z.string(), clientSecret: z.string().nullable() })),
  /** Passwords, by the proxy's place in the list. */
  proxies: z.record(z.string(), z.string()),
});

export type CredentialFileBody = z.output<typeof open>;
export type FileKey = z.output<typeof key>;
export type FileProvider = z.output<typeof provider>;
/** What is secret in a file, by the keys' ids. */
export type FileSecrets = z.output<typeof plainSecrets>;

/** Secrets belong to the addresses that they were exported with: in a file whose open part was changed they do not open. */
function bindingOf(body: CredentialFileBody): string {
  const { providers, keys, proxies } = body;
  const digest = createHash('sha256').update(JSON.stringify({ providers, keys, proxies })).digest('base64');
  return JSON.stringify([FORMAT, VERSION, digest]);
}

/**
 * @param secrets null leaves them out. Otherwise they are sealed as the vault seals (scrypt, AES-256-GCM).
 * @returns the file's text.
 */
export async function writeCredentialFile(
  body: z.input<typeof open>,
  secrets: { plain: FileSecrets; passphrase: string; newId: () => string } | null,
  nowMs: number,
): Promise<string> {
  const known = open.parse(body);
  const head = { format: FORMAT, version: VERSION, exportedAt: new Date(nowMs).toISOString() };
  if (secrets === null) return `${JSON.stringify({ ...head, ...known, secrets: null }, null, 2)}\n`;
  const { row, key: vaultKey } = await createVault(secrets.passphrase, secrets.newId(), nowMs);
  const plain = Buffer.from(JSON.stringify(secrets.plain), 'utf8');
  const base64 = (value: Uint8Array) => Buffer.from(value).toString('base64');
  const box: z.output<typeof sealed> = {
    id: row.id,
    parameters: row.parameters,
    salt: base64(row.salt),
    wrappedKey: base64(row.wrapped_key),
    checksum: base64(row.checksum),
    sealed: base64(sealBytes(vaultKey, plain, bindingOf(known))),
  };
  return `${JSON.stringify({ ...head, ...known, secrets: box }, null, 2)}\n`;
}

export interface CredentialFile {
  body: CredentialFileBody;
  hasSecrets: boolean;
  /** @throws AppFailure `invalid_payload` with the field `passphrase` for a wrong one, without it for a damaged file. */
  openSecrets(passphrase: string): Promise<FileSecrets>;
}

/** @throws AppFailure `invalid_payload` with a sentence that names what is wrong. */
export function readCredentialFile(text: string): CredentialFile {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (thrown) {
    throw failureOf(
      'invalid_payload',
      { word: 'keyfile_no_json' },
      {
        cause: thrown,
      },
    );
  }
  const read = file.safeParse(data);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where: FailureFact =
      issue === undefined || issue.path.length === 0 ? { word: 'its_beginning' } : issue.path.join('.');
    throw failureOf('invalid_payload', { word: 'keyfile_unreadable', with: { where } });
  }
  if (read.data.version > VERSION) {
    throw failureOf('invalid_payload', { word: 'keyfile_newer' });
  }
  const { secrets, providers, keys, proxies } = read.data;
  const body = { providers, keys, proxies };
  return {
    body,
    hasSecrets: secrets !== null,
    openSecrets: async (passphrase) => {
      if (secrets === null) return { keys: {}, proxies: {} };
      const from64 = (value: string) => Buffer.from(value, 'base64');
      const opening = await openVault(
        {
          id: secrets.id,
          kind: 'vault',
          parameters: secrets.parameters,
          salt: from64(secrets.salt),
          wrapped_key: from64(secrets.wrappedKey),
          checksum: from64(secrets.checksum),
          in_use: 0,
          created_at_ms: 0,
          updated_at_ms: 0,
        },
        passphrase,
      );
      if (opening.kind === 'wrong-passphrase') {
        throw failureOf('invalid_payload', { word: 'keyfile_wrong_passphrase' }, { details: { field: 'passphrase' } });
      }
      const plain = opening.kind === 'open' ? openBytes(opening.key, from64(secrets.sealed), bindingOf(body)) : null;
      const known = plain === null ? null : plainSecrets.safeParse(JSON.parse(plain.toString('utf8')));
      if (known?.success !== true) {
        throw failureOf('invalid_payload', { word: 'keyfile_changed' });
      }
      return known.data;
    },
  };
}
