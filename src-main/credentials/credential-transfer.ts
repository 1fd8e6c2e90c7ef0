import type { CredentialRecord, ImportedKey, ProfileKind, ProfileRecord } from '#contract/records';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { Store } from '../store/store.ts';
import type { CredentialFileBody, FileKey, FileProvider, FileSecrets } from './credential-file.ts';
import type { CredentialSecrets } from './credential-secrets.ts';
import type { KeyRecords } from './key-records.ts';
import { readGrant, readTokenUrl, requireWholeToken } from './oauth-grant.ts';
import type { ProxyBook } from './proxy-book.ts';
import { cleanSecret } from './secret-text.ts';
import { requireLong } from './vault-key.ts';

/** With its schemas; no start needs them. */
const loadFormat = () => import('./credential-file.ts');

/** What is asked of profiles; the gateway has them. */
export interface TransferProfiles {
  list(): readonly ProfileRecord[];
  create(input: {
    name: string;
    kind: ProfileKind;
    baseUrl: string;
    defaultModel?: string | undefined;
    contextLength?: number | undefined;
  }): Promise<ProfileRecord>;
}

interface TransferParts {
  store: Store;
  credentials: KeyRecords;
  secrets: CredentialSecrets;
  proxies: ProxyBook;
  profiles: TransferProfiles;
  clock: Clock;
  newId: () => string;
}

export interface ExportedKeys {
  fileName: string;
  content: string;
  keys: number;
  /** Labels of keys that are locked, whose secrets are therefore not in the file. */
  withoutSecret: string[];
}

export interface ImportReport {
  keys: ImportedKey[];
  /** Names of providers that were made. */
  providersAdded: string[];
  /** The file has a general proxy. It would carry what others ask as well, so it is left for a person to set. */
  generalProxyLeftOut: boolean;
}

/** Takes keys to another computer, with their secrets under a passphrase or without them. */
export class CredentialTransfer {
  readonly #parts: TransferParts;

  constructor(parts: TransferParts) {
    this.#parts = parts;
  }

  /**
   * @param passphrase null leaves every secret out.
   * @throws AppFailure `invalid_payload` for a short passphrase.
   */
  async export(passphrase: string | null): Promise<ExportedKeys> {
    const { store, credentials, secrets, proxies, profiles, clock, newId } = this.#parts;
    if (passphrase !== null) requireLong(passphrase);
    const records = credentials.list();
    const known = profiles.list().flatMap(({ kind, ...rest }) => (kind === 'demo' ? [] : [{ kind, ...rest }]));
    const nameOf = new Map(known.map((profile) => [profile.id, profile.name]));
    const body: CredentialFileBody = {
      providers: known.map(({ name, kind, baseUrl, defaultModel, contextLength }) => ({
        name,
        kind,
        baseUrl,
        defaultModel,
        contextLength,
      })),
      keys: records.flatMap((record) => {
        const provider = nameOf.get(record.profileId);
        return provider === undefined ? [] : [toFileKey(record, provider, store.oauthClients.get(record.id)?.scope)];
      }),
      proxies: proxies.list().map(({ scope, owner, mode, url, username }) => ({ scope, owner, mode, url, username })),
    };
    const withoutSecret: string[] = [];
    const plain: FileSecrets = { keys: {}, proxies: {} };
    if (passphrase !== null) {
      for (const key of body.keys) {
        const secret = await openOrNull(() => secrets.open(key.id));
        if (secret === null) withoutSecret.push(key.label);
        else plain.keys[key.id] = toFileSecret(key, secret);
      }
      for (const [at, { scope, owner }] of body.proxies.entries()) {
        const password = await openOrNull(() => proxies.password(scope, owner));
        if (password !== null) plain.proxies[String(at)] = password;
      }
    }
    const { writeCredentialFile } = await loadFormat();
    const content = await writeCredentialFile(
      body,
      passphrase === null ? null : { plain, passphrase, newId },
      clock.now(),
    );
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    return { fileName: `sluice-keys-${day}.json`, content, keys: body.keys.length, withoutSecret };
  }

  /**
   * Adds what a file holds. What is here already stays as it is: a provider of the same name is used if its address is the
   * same, else one beside it is made; a key that is there is left alone. Each key has a result of its own.
   *
   * @throws AppFailure `invalid_payload` for a file that is none and for a wrong passphrase; nothing was imported then.
   */
  async import(content: string, passphrase: string | null): Promise<ImportReport> {
    const { readCredentialFile } = await loadFormat();
    const file = readCredentialFile(content);
    if (file.hasSecrets && (passphrase === null || passphrase === '')) {
      throw failureOf(
        'invalid_payload',
        { word: 'keyfile_needs_passphrase' },
        {
          details: { field: 'passphrase' },
        },
      );
    }
    const plain = await file.openSecrets(passphrase ?? '');
    const { credentials } = this.#parts;
    const groupsBefore = new Set(credentials.list().map((record) => record.group));
    const { providers, added: providersAdded } = await this.#takeProviders(file.body);
    const keys: ImportedKey[] = [];
    /** The key here, by its id in the file; only those that are new. */
    const made = new Map<string, string>();
    for (const key of file.body.keys) {
      const result = await this.#takeKey(key, providers.get(key.provider) ?? null, plain);
      keys.push(result);
      if (result.outcome === 'added' && result.credentialId !== null) made.set(key.id, result.credentialId);
    }
    await this.#takeProxies(file.body, plain, made, groupsBefore);
    const generalProxyLeftOut = file.body.proxies.some((proxy) => proxy.scope === 'global');
    return { keys, providersAdded, generalProxyLeftOut };
  }

  async #takeProviders({ providers: wanted }: CredentialFileBody) {
    const { profiles } = this.#parts;
    const providers = new Map<string, ProfileRecord | AppFailure>();
    const added: string[] = [];
    for (const provider of wanted) {
      try {
        const { profile, isNew } = await this.#takeProvider(provider);
        providers.set(provider.name, profile);
        if (isNew) added.push(profile.name);
      } catch (thrown) {
        if (!(thrown instanceof AppFailure)) throw thrown;
        providers.set(provider.name, thrown);
      }
    }
    // A file that was written by hand may name a provider that is here and not in it.
    for (const profile of profiles.list()) if (!providers.has(profile.name)) providers.set(profile.name, profile);
    return { providers, added };
  }

  async #takeProvider(provider: FileProvider): Promise<{ profile: ProfileRecord; isNew: boolean }> {
    const { profiles } = this.#parts;
    const here = profiles.list();
    const named = (name: string) => here.find((profile) => profile.name.toLowerCase() === name.toLowerCase());
    for (let number = 1; ; number++) {
      const name = number === 1 ? provider.name : `${provider.name} ${number}`;
      const twin = named(name);
      if (twin === undefined) {
        const { kind, baseUrl, defaultModel, contextLength } = provider;
        const profile = await profiles.create({
          name,
          kind,
          baseUrl,
          ...(defaultModel === null ? {} : { defaultModel }),
          ...(contextLength === null ? {} : { contextLength }),
        });
        return { profile, isNew: true };
      }
      if (twin.kind === provider.kind && twin.baseUrl === provider.baseUrl) return { profile: twin, isNew: false };
    }
  }

  async #takeKey(key: FileKey, provider: ProfileRecord | AppFailure | null, plain: FileSecrets): Promise<ImportedKey> {
    const { credentials } = this.#parts;
    const result = (outcome: ImportedKey['outcome'], credentialId: string | null = null): ImportedKey => ({
      label: key.label,
      provider: provider instanceof AppFailure || provider === null ? key.provider : provider.name,
      outcome,
      credentialId,
      error: null,
    });
    try {
      if (provider instanceof AppFailure) throw provider;
      if (provider === null)
        throw failureOf('not_found', { word: 'keyfile_no_provider', with: { provider: key.provider } });
      const { priority, group, maxInFlight, models } = key;
      const choices = { priority, group, maxInFlight, models };
      const secret = plain.keys[key.id];
      if (secret === undefined) {
        const same = credentials
          .list(provider.id)
          .find(({ label, mask, auth }) => label === key.label && mask === key.mask && auth === key.auth);
        if (same === undefined) return result('needs-secret');
        await credentials.update(same.id, choices);
        return result('updated', same.id);
      }
      const text = cleanSecret(secret.secret);
      if (key.auth === 'oauth') requireWholeToken(text);
      const created = await credentials.create({
        profileId: provider.id,
        // What a person approved on the other computer, and not whatever the file's provider says.
        origin: key.approvedOrigin,
        label: key.label,
        secret: text,
        priority,
        maxInFlight,
        ...(group === null ? {} : { group }),
        ...(key.auth === 'api_key' || key.oauth === null
          ? {}
          : {
              oauth: {
                tokenUrl: readTokenUrl(key.oauth.tokenUrl),
                clientId: key.oauth.clientId,
                clientSecret: secret.clientSecret,
                scope: key.oauth.scope,
              },
            }),
      });
      if (models !== null) await credentials.update(created.id, { models });
      if (key.disabled) await credentials.setDisabled(created.id, true);
      return result('added', created.id);
    } catch (thrown) {
      if (!(thrown instanceof AppFailure)) throw thrown;
      const twin = thrown.details?.['credentialId'];
      if (thrown.code === 'conflict' && typeof twin === 'string') return result('there', twin);
      return { ...result('failed'), error: thrown.toAppError() };
    }
  }

  /** Only for what is new: a file must not lead the requests of keys that were here before another way. */
  async #takeProxies(
    { proxies: wanted }: CredentialFileBody,
    plain: FileSecrets,
    made: ReadonlyMap<string, string>,
    groupsBefore: ReadonlySet<string | null>,
  ): Promise<void> {
    const { proxies, credentials } = this.#parts;
    const groupsNow = new Set(credentials.list().map((record) => record.group));
    for (const [at, proxy] of wanted.entries()) {
      const { scope, mode, url, username } = proxy;
      const isNewGroup = groupsNow.has(proxy.owner) && !groupsBefore.has(proxy.owner);
      const owner = scope === 'credential' ? made.get(proxy.owner) : isNewGroup ? proxy.owner : undefined;
      if (scope === 'global' || owner === undefined) continue;
      const password = plain.proxies[String(at)];
      await proxies.set({ scope, owner, mode, url, username, ...(password === undefined ? {} : { password }) });
    }
  }
}

function toFileKey(record: CredentialRecord, provider: string, scope: string | null | undefined): FileKey {
  const { id, label, mask, auth, approvedOrigin, priority, group, maxInFlight, models, disabled, oauth } = record;
  return {
    id,
    provider,
    label,
    mask,
    auth,
    approvedOrigin,
    priority,
    group,
    maxInFlight,
    models,
    disabled,
    oauth: oauth === null ? null : { tokenUrl: oauth.tokenUrl, clientId: oauth.clientId, scope: scope ?? null },
  };
}

/** An access token ends within the hour and is not worth taking along. */
function toFileSecret(key: FileKey, opened: string): FileSecrets['keys'][string] {
  if (key.auth === 'api_key') return { secret: opened, clientSecret: null };
  const { refreshToken, clientSecret } = readGrant(opened);
  return { secret: refreshToken, clientSecret };
}

/** Null for what is locked. */
async function openOrNull(open: () => Promise<string | null>): Promise<string | null> {
  try {
    return await open();
  } catch (thrown) {
    if (thrown instanceof AppFailure && thrown.code === 'secrets_locked') return null;
    throw thrown;
  }
}
