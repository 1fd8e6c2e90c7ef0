import { DEFAULT_SETTINGS } from '#contract/settings';
import { type Clock, ManualClock } from '../../platform/clock.ts';
import type { SecretCipher } from '../../platform/host-capabilities.ts';
import { silentLogger } from '../../platform/logger.ts';
import { dataPaths } from '../../platform/paths.ts';
import { SecretScrubber } from '../../platform/scrub.ts';
import { openStore, type Store } from '../../store/store.ts';
import { countingIds } from '../../testing/runs-harness.ts';
import { tempDir } from '../../testing/temp-dir.ts';
import { CredentialPool } from '../credential-pool.ts';
import type { PoolSettings } from '../credential-record.ts';
import { CredentialSecrets } from '../credential-secrets.ts';
import type { CallFailure, FailureClass } from '../failure-class.ts';
import type { KeyRecords, NewCredential } from '../key-records.ts';
import type { CredentialLease } from '../lease.ts';
import type { PoolNews } from '../pool-keys.ts';
import { SecretKeeper } from '../secret-keeper.ts';

export const ORIGIN = 'https://upstream.test';
export const PROFILE = 'p1';

/** Turns text over, which is enough to see that it is not stored as it is. */
export const turningCipher: SecretCipher = {
  kind: 'turning',
  seal: async (plain) => new Uint8Array(Buffer.from(plain, 'utf8').reverse()),
  open: async (sealed) => Buffer.from(sealed).reverse().toString('utf8'),
};

export interface TestPool {
  pool: CredentialPool;
  store: Store;
  clock: Clock;
  settings: PoolSettings;
  news: PoolNews[];
  failures: unknown[];
  /** Adds a key; its secret is `secret-<label>` of a length that can be sealed. */
  add(label: string, fields?: Partial<NewCredential>): Promise<string>;
  /** The key's record by its id. */
  of(id: string): ReturnType<KeyRecords['list']>[number];
  /** Leases for the test's profile. */
  lease(fields?: Partial<Parameters<CredentialPool['lease']>[0]>): ReturnType<CredentialPool['lease']>;
  /** Ends this process as `kill -9` would, and starts the next one on the same data. */
  reopen(): Promise<TestPool>;
  /** Lets what was handed to the store be stored. */
  stored(): Promise<void>;
}

export async function openPool(
  options: {
    dir?: string;
    clock?: Clock;
    settings?: Partial<PoolSettings>;
    newId?: () => string;
    sealed?: boolean;
    origin?: string;
  } = {},
): Promise<TestPool> {
  const dir = options.dir ?? tempDir();
  const clock = options.clock ?? new ManualClock();
  const origin = options.origin ?? ORIGIN;
  const newId = options.newId ?? countingIds();
  const store = openStore(dataPaths(dir), { clock });
  if (store.profiles.get(PROFILE) === null) {
    await store.committer.commit(() =>
      store.profiles.insert({
        id: PROFILE,
        name: 'work',
        kind: 'openai-chat',
        base_url: origin,
        default_model: null,
        context_length: null,
        created_at_ms: clock.now(),
        updated_at_ms: clock.now(),
      }),
    );
  }
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const news: PoolNews[] = [];
  const failures: unknown[] = [];
  const scrubber = new SecretScrubber();
  const cipher = options.sealed === false ? null : turningCipher;
  const keeper = await SecretKeeper.open({ store, host: { cipher }, clock, logger: silentLogger, newId });
  const secrets = new CredentialSecrets({ store, keeper, scrubber, clock });
  const pool = new CredentialPool({
    store,
    secrets,
    scrubber,
    clock,
    newId,
    settings: () => settings,
    onWriteFailure: (thrown) => failures.push(thrown),
    random: () => 0.5,
  });
  pool.onChange((each) => news.push(each));
  const stored = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    pool,
    store,
    clock,
    settings,
    news,
    failures,
    async add(label, fields = {}) {
      const secret = `secret-${label}-0123456789`;
      const added = await pool.records.create({ profileId: PROFILE, origin, label, secret, ...fields });
      return added.id;
    },
    of: (id) => pool.records.require(id),
    lease: (fields = {}) => pool.lease({ profileId: PROFILE, origin, model: 'm', ...fields }),
    async reopen() {
      // What a killed process had not handed to the disk is gone with it.
      store.db.close();
      return openPool({ ...options, dir, clock, newId });
    },
    stored,
  };
}

/** An end of a call, by what its failure is. */
export const failed = (failure: FailureClass, fields: Partial<CallFailure> = {}) => ({
  kind: 'failure' as const,
  failure: { class: failure, refused: true, status: null, waitMs: null, message: 'It said no.', ...fields },
});

/** Uses a key once, with this end. @returns which one it was. */
export async function use(
  world: TestPool,
  outcome: Parameters<CredentialLease['report']>[0],
  fields = {},
): Promise<string> {
  const lease = await world.lease(fields);
  if (lease === null) throw new Error('No key.');
  lease.report(outcome);
  lease.release();
  return lease.credentialId;
}
