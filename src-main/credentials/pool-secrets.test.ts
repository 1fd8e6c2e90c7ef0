import { describe, expect, test } from 'vitest';
import { AbortReason } from '../platform/app-failure.ts';
import { ManualClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore } from '../store/store.ts';
import { countingIds } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { OAuthTokens } from './oauth-tokens.ts';
import type { TokenAnswer } from './read-token-answer.ts';
import { turningCipher } from './testing/open-pool.ts';
import { openTestPool } from './testing/open-test-pool.ts';

const ORIGIN = 'https://api.example.com';
const PASSPHRASE = 'a long passphrase';

/** The pool with its secrets and its renewals, as compose wires them. */
async function start(dir: string, newId = countingIds()) {
  const clock = new ManualClock();
  const store = openStore(dataPaths(dir), { clock });
  if (store.profiles.byName('p') === null) {
    store.profiles.insert({
      id: 'p',
      name: 'p',
      kind: 'openai-chat',
      base_url: ORIGIN,
      default_model: null,
      context_length: null,
      created_at_ms: 0,
      updated_at_ms: 0,
    });
  }
  const endpoint = {
    asked: 0,
    answer: async (): Promise<TokenAnswer> => ({
      kind: 'tokens',
      accessToken: 'at-0123456789abcdef',
      refreshToken: null,
      expiresInMs: 3_600_000,
    }),
  };
  const parts = await openTestPool({
    store,
    clock,
    newId,
    host: { cipher: turningCipher },
    renewalsOf: (secrets) =>
      new OAuthTokens({
        store,
        secrets,
        clock,
        logger: silentLogger,
        askEndpoint: async () => {
          endpoint.asked++;
          return endpoint.answer();
        },
        changed: (id) => parts.pool.records.renewalChanged(id),
      }),
  });
  const { pool, keeper } = parts;
  const changes: Promise<void>[] = [];
  keeper.onChange(() => void changes.push(pool.records.sealingChanged()));
  return {
    ...parts,
    store,
    clock,
    endpoint,
    newId,
    changes,
    add: (label: string, fields = {}) =>
      pool.records.create({ profileId: 'p', origin: ORIGIN, label, secret: `sk-${label}-0123456789abcdef`, ...fields }),
    addSignIn: (fields = {}) =>
      pool.records.create({
        profileId: 'p',
        origin: ORIGIN,
        label: 'sign-in',
        secret: 'rt-planted-0123456789abcdef',
        oauth: { tokenUrl: 'https://login.example.com/token', clientId: 'c', clientSecret: null, scope: null },
        ...fields,
      }),
    lease: (fields = {}) => pool.lease({ profileId: 'p', origin: ORIGIN, ...fields }),
    record: (id: string) => pool.records.require(id),
  };
}

const ended = async (): Promise<TokenAnswer> => ({ kind: 'sign-in', reason: { word: 'token_no_grant' } });

test('[E10-01] [E10-09] a vault that is unlocked at runtime serves a request that waits for a busy key', async () => {
  const dir = tempDir();
  const first = await start(dir);
  const { id: open } = await first.add('open', { maxInFlight: 1 });
  await first.keeper.setUp(PASSPHRASE);
  await Promise.all(first.changes);
  const { id: locked } = await first.add('locked', { priority: 1 });
  first.store.close();

  const second = await start(dir, first.newId);
  expect(second.record(locked)).toMatchObject({ storage: 'locked', state: 'locked' });
  const held = await second.lease();
  expect(held?.credentialId).toBe(open);
  const waiting = second.lease();
  expect(second.pool.waiting('p')).toBe(1);
  await second.keeper.unlock(PASSPHRASE);
  expect(await waiting).toMatchObject({ credentialId: locked, secret: 'sk-locked-0123456789abcdef' });
  expect(second.record(locked)).toMatchObject({ storage: 'sealed', lockedReason: null });
  second.store.close();
});

test('[E10-02] [E10-15] the address alone is wrong: the failure asks to confirm it, and confirming serves', async () => {
  const at = await start(tempDir());
  const { id } = await at.add('a');
  const elsewhere = 'https://other.example.com';
  const wrong = { code: 'no_credential', retry: { kind: 'user-action', action: 'confirm-host' } };
  await expect(at.lease({ origin: elsewhere })).rejects.toMatchObject(wrong);
  await expect(at.pool.leaseFor(id, elsewhere)).rejects.toMatchObject(wrong);
  await at.pool.records.confirmHost(id, elsewhere);
  expect((await at.lease({ origin: elsewhere }))?.credentialId).toBe(id);
  await expect(at.lease()).rejects.toMatchObject(wrong);
  at.store.close();
});

describe('[E10-16] a sign-in that cannot be renewed', () => {
  test('is passed over without a mark against it, and serves again after somebody signed in', async () => {
    const at = await start(tempDir());
    const { id } = await at.addSignIn();
    const { id: other } = await at.add('other', { priority: 1 });
    at.endpoint.answer = ended;
    expect((await at.lease())?.credentialId).toBe(other);
    expect(at.record(id)).toMatchObject({
      state: 'needs_sign_in',
      disabled: false,
      inFlight: 0,
      failures: 0,
      oauth: { state: 'sign_in' },
    });
    // It is left alone from then on, and after a restart.
    expect((await at.lease())?.credentialId).toBe(other);
    expect(at.endpoint.asked).toBe(1);
    at.endpoint.answer = async () => ({
      kind: 'tokens',
      accessToken: 'at-new-0123456789abcdef',
      refreshToken: null,
      expiresInMs: null,
    });
    await at.renewals?.signIn(id, 'rt-other-0123456789abcdef', undefined);
    expect(await at.lease()).toMatchObject({ credentialId: id, secret: 'at-new-0123456789abcdef' });
    at.store.close();
  });

  test('is known to the next process before anything is asked', async () => {
    const dir = tempDir();
    const at = await start(dir);
    const { id } = await at.addSignIn();
    at.endpoint.answer = ended;
    await expect(at.lease()).rejects.toMatchObject({ code: 'upstream_auth' });
    at.store.close();
    const next = await start(dir, at.newId);
    expect(next.record(id).state).toBe('needs_sign_in');
    await expect(next.lease()).rejects.toMatchObject({
      code: 'upstream_auth',
      retry: { kind: 'user-action', action: 'sign-in' },
    });
    expect(next.endpoint.asked).toBe(0);
    next.store.close();
  });

  test('fails in its own words where nothing else is left', async () => {
    const at = await start(tempDir());
    await at.addSignIn();
    at.endpoint.answer = ended;
    await expect(at.lease()).rejects.toMatchObject({
      message: 'The provider no longer accepts this sign-in. Sign in again.',
    });
    at.store.close();
  });
});

test('[E10-16] [E4-01] an abort ends the wait for a token at once, and the key is free again', async () => {
  const at = await start(tempDir());
  const { id } = await at.addSignIn({ maxInFlight: 1 });
  let answer: (answer: TokenAnswer) => void = () => undefined;
  at.endpoint.answer = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const stopped = new AbortController();
  const waiting = at.lease({ signal: stopped.signal });
  await expect.poll(() => at.endpoint.asked).toBe(1);
  stopped.abort(new AbortReason('user'));
  await expect(waiting).rejects.toBe(stopped.signal.reason);
  expect(at.record(id).inFlight).toBe(0);
  // The renewal that was begun goes on, and serves the next one.
  answer({ kind: 'tokens', accessToken: 'at-late-0123456789abcdef', refreshToken: null, expiresInMs: null });
  expect((await at.lease())?.secret).toBe('at-late-0123456789abcdef');
  expect(at.endpoint.asked).toBe(1);
  at.store.close();
});
