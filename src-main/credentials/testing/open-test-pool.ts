import type { Clock } from '../../platform/clock.ts';
import type { HostCapabilities } from '../../platform/host-capabilities.ts';
import { silentLogger } from '../../platform/logger.ts';
import { SecretScrubber } from '../../platform/scrub.ts';
import type { Store } from '../../store/store.ts';
import { CredentialPool } from '../credential-pool.ts';
import { CredentialSecrets } from '../credential-secrets.ts';
import type { OAuthTokens } from '../oauth-tokens.ts';
import { SecretKeeper } from '../secret-keeper.ts';

/** The pool as compose builds it. Without `host` nothing can seal, and keys stay in memory. */
export async function openTestPool(parts: {
  store: Store;
  clock: Clock;
  newId: () => string;
  host?: Pick<HostCapabilities, 'cipher' | 'keyring' | 'vaultPassphrase'>;
  /** The cost that holds outside of tests, too. */
  isCostly?: boolean;
  /** Absent for keys only. */
  renewalsOf?: (secrets: CredentialSecrets) => OAuthTokens;
}) {
  const { store, clock, newId, host = { cipher: null } } = parts;
  const scrubber = new SecretScrubber();
  const keeper = await SecretKeeper.open({
    store,
    host,
    clock,
    logger: silentLogger,
    newId,
    ...(parts.isCostly === true ? {} : { vaultCost: { kdf: 'scrypt', n: 2 ** 10, r: 8, p: 1 } }),
  });
  const secrets = new CredentialSecrets({ store, keeper, scrubber, clock });
  const renewals = parts.renewalsOf?.(secrets);
  const pool = new CredentialPool({
    store,
    secrets,
    scrubber,
    clock,
    newId,
    ...(renewals === undefined ? {} : { renewals }),
  });
  return { pool, keeper, secrets, scrubber, renewals };
}
