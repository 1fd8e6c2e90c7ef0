import type { AppInfo, LocalServer, UpstreamHealth } from '#contract/records';
import type { CredentialTransfer } from '../../credentials/credential-transfer.ts';
import type { KeyRecords } from '../../credentials/key-records.ts';
import { readTokenUrl, requireWholeToken } from '../../credentials/oauth-grant.ts';
import type { OAuthTokens } from '../../credentials/oauth-tokens.ts';
import type { ProxyBook } from '../../credentials/proxy-book.ts';
import type { SecretKeeper } from '../../credentials/secret-keeper.ts';
import { cleanSecret } from '../../credentials/secret-text.ts';
import type { ProfileService } from '../../gateway/profile-service.ts';
import { failureOf } from '../../platform/app-failure.ts';
import type { Handlers } from '../router.ts';

type SecretRoute =
  | Extract<keyof Handlers, `secrets.${string}` | `proxies.${string}` | `groups.${string}`>
  | 'credentials.confirmHost'
  | 'credentials.replaceSecret'
  | 'credentials.setGroup'
  | 'credentials.createOAuth'
  | 'credentials.signIn'
  | 'credentials.refresh'
  | 'credentials.export'
  | 'credentials.import'
  | 'profiles.health'
  | 'upstreams.discover';

export type SecretHandlers = Pick<Handlers, SecretRoute>;

/** What keys are kept with, and where they may go. */
export function createSecretHandlers(parts: {
  keeper: SecretKeeper;
  info: () => AppInfo['secrets'];
  credentials: KeyRecords;
  profiles: ProfileService;
  proxies: ProxyBook;
  tokens: OAuthTokens;
  transfer: CredentialTransfer;
  /** What a profile's upstream answers. */
  health: (profileId: string, isFresh: boolean) => Promise<UpstreamHealth>;
  discover: () => Promise<LocalServer[]>;
  changed: (credentialId: string | null) => void;
}): SecretHandlers {
  const { keeper, info, credentials, profiles, proxies, tokens, transfer, health, discover, changed } = parts;
  const find = (credentialId: string) => {
    const known = credentials.list().find((each) => each.id === credentialId);
    if (known === undefined) throw failureOf('not_found', { word: 'key_gone' });
    return known;
  };
  /** What the person saw and what holds now may differ: another window may have changed the address since. */
  const requireSeen = (credentialId: string, origin: string) => {
    if (profiles.originOf(find(credentialId).profileId) === origin) return;
    throw failureOf(
      'conflict',
      { word: 'address_changed_meanwhile' },
      {
        retry: { kind: 'user-action', action: 'confirm-host' },
      },
    );
  };
  return {
    'profiles.health': ({ profileId, fresh }) => health(profiles.require(profileId).id, fresh),
    'upstreams.discover': async () => ({ servers: await discover() }),
    'secrets.unlock': async ({ passphrase }) => {
      await keeper.unlock(passphrase);
      return info();
    },
    'secrets.setUp': async ({ passphrase }) => {
      await keeper.setUp(passphrase);
      return info();
    },
    'secrets.changePassphrase': async ({ current, next }) => {
      await keeper.changePassphrase(current, next);
      return info();
    },
    'secrets.startOver': async ({ passphrase }) => {
      await keeper.startOver(passphrase);
      return info();
    },
    'credentials.createOAuth': async ({
      profileId,
      tokenUrl,
      clientId,
      clientSecret,
      refreshToken,
      scope,
      ...rest
    }) => {
      const secret = cleanSecret(refreshToken);
      requireWholeToken(secret);
      const created = await credentials.create({
        ...rest,
        profileId,
        origin: profiles.originOf(profileId),
        secret,
        oauth: {
          tokenUrl: readTokenUrl(tokenUrl),
          clientId,
          clientSecret: clientSecret === undefined || clientSecret === '' ? null : clientSecret,
          scope: scope === undefined || scope.trim() === '' ? null : scope.trim(),
        },
      });
      changed(created.id);
      return created;
    },
    'credentials.signIn': async ({ credentialId, refreshToken, clientSecret }) => {
      await tokens.signIn(credentialId, cleanSecret(refreshToken), clientSecret);
      return find(credentialId);
    },
    'credentials.refresh': async ({ credentialId }) => {
      if ((await tokens.refresh(credentialId)) === null)
        throw failureOf('unsupported_option', { word: 'key_never_renewed' });
      return find(credentialId);
    },
    'credentials.export': ({ passphrase }) => transfer.export(passphrase ?? null),
    'credentials.import': async ({ content, passphrase }) => {
      const report = await transfer.import(content, passphrase ?? null);
      changed(null);
      return report;
    },
    'credentials.setGroup': async ({ credentialId, group }) => {
      const record = await credentials.update(credentialId, { group });
      changed(credentialId);
      return record;
    },
    'groups.delete': async ({ group }) => {
      const hadProxy = proxies.list().some((proxy) => proxy.scope === 'group' && proxy.owner === group);
      const credentialIds = await credentials.deleteGroup(group);
      changed(null);
      return { deleted: hadProxy || credentialIds.length > 0, credentialIds };
    },
    'proxies.list': () => ({
      proxies: proxies.list(),
      effective: credentials.list().map((credential) => ({
        credentialId: credential.id,
        ...proxies.effectiveOf(credential, profiles.originOf(credential.profileId)),
      })),
    }),
    'proxies.set': async ({ owner, ...change }) => {
      if (change.scope === 'credential' && !credentials.list().some((credential) => credential.id === owner))
        throw failureOf('not_found', { word: 'key_gone' });
      if (change.scope === 'group' && owner.trim() === '')
        throw failureOf(
          'invalid_payload',
          { word: 'proxy_needs_group' },
          {
            details: { field: 'owner' },
          },
        );
      const record = await proxies.set({ owner, ...change });
      changed(change.scope === 'credential' ? owner : null);
      return record;
    },
    'proxies.delete': async ({ scope, owner }) => {
      const deleted = await proxies.remove(scope, owner);
      changed(scope === 'credential' ? owner : null);
      return { deleted };
    },
    'credentials.confirmHost': async ({ credentialId, origin }) => {
      requireSeen(credentialId, origin);
      const confirmed = await credentials.confirmHost(credentialId, origin);
      changed(credentialId);
      return confirmed;
    },
    'credentials.replaceSecret': async ({ credentialId, secret, origin }) => {
      requireSeen(credentialId, origin);
      const replaced = await credentials.replaceSecret(credentialId, origin, secret);
      changed(credentialId);
      return replaced;
    },
  };
}
