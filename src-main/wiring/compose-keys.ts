import type { AppInfo } from '#contract/records';
import type { Settings } from '#contract/settings';
import { CredentialPool } from '../credentials/credential-pool.ts';
import { CredentialSecrets } from '../credentials/credential-secrets.ts';
import type { KeyRecords } from '../credentials/key-records.ts';
import { OAuthTokens } from '../credentials/oauth-tokens.ts';
import { ProxyBook } from '../credentials/proxy-book.ts';
import { SecretKeeper } from '../credentials/secret-keeper.ts';
import { HttpClient } from '../gateway/http-client.ts';
import { askTokenEndpoint } from '../gateway/token-endpoint.ts';
import type { Clock } from '../platform/clock.ts';
import type { HostCapabilities } from '../platform/host-capabilities.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { Store } from '../store/store.ts';

/** A person's keys and all that has to do with them. */
export interface KeyParts {
  keeper: SecretKeeper;
  secrets: CredentialSecrets;
  proxies: ProxyBook;
  renewals: OAuthTokens;
  /** Lends keys to requests. */
  pool: CredentialPool;
  /** The keys as a person has them. */
  credentials: KeyRecords;
  /** How secrets are kept, as a page is told. */
  secretsInfo: () => AppInfo['secrets'];
  /** Asks token endpoints and providers' lists, not models. Whoever composes closes it. */
  http: HttpClient;
}

/** Builds what keeps keys, what renews them and what chooses among them. */
export async function composeKeys(parts: {
  store: Store;
  capabilities: HostCapabilities;
  settings: () => Settings;
  scrubber: SecretScrubber;
  clock: Clock;
  logger: Logger;
  newId: () => string;
}): Promise<KeyParts> {
  const { store, scrubber, clock, logger, newId, settings } = parts;
  const { cipher, keyring, vaultPassphrase } = parts.capabilities;
  const keeper = await SecretKeeper.open({
    store,
    host: {
      cipher,
      ...(keyring === undefined ? {} : { keyring }),
      ...(vaultPassphrase === undefined ? {} : { vaultPassphrase }),
    },
    clock,
    logger,
    newId,
  });
  const secrets = new CredentialSecrets({ store, keeper, scrubber, clock });
  const proxies = new ProxyBook({ store, keeper, scrubber, clock });
  const http = new HttpClient();
  const renewals = new OAuthTokens({
    store,
    secrets,
    clock,
    logger,
    askEndpoint: async (request) => {
      const { credentialId, tokenUrl } = request;
      const credential = { id: credentialId, group: pool.records.groupOf(credentialId) };
      const proxy = await proxies.targetFor(credential, new URL(tokenUrl).origin);
      return askTokenEndpoint(http, request, { clock, proxy });
    },
    changed: (credentialId) => pool.records.renewalChanged(credentialId),
  });
  const pool: CredentialPool = new CredentialPool({
    store,
    secrets,
    scrubber,
    clock,
    newId,
    renewals,
    settings,
    onWriteFailure: (thrown) => logger.error(describeThrown(thrown), 'what is known of keys could not be stored'),
  });
  const secretsInfo = () => secretsInfoOf(keeper);
  return { keeper, secrets, proxies, renewals, pool, credentials: pool.records, secretsInfo, http };
}

function secretsInfoOf(keeper: SecretKeeper): AppInfo['secrets'] {
  return {
    state: keeper.state,
    storage: keeper.state === 'none' ? 'memory' : 'sealed',
    cipherKind: keeper.cipherKind,
    hasPassphrase: keeper.hasPassphrase,
    standing: keeper.standing,
    message: keeper.describe(),
    ...(keeper.problem === null ? {} : { said: keeper.problem }),
  };
}
