import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore } from '../store/store.ts';
import { countingIds } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';
import type { CallFailure } from './failure-class.ts';
import { turningCipher } from './testing/open-pool.ts';
import { openTestPool } from './testing/open-test-pool.ts';

const ORIGIN = 'https://api.example.com';
const ELSEWHERE = 'https://other.example.com';
const OLD = 'sk-old-0123456789abcdef';
const NEW = 'sk-new-fedcba9876543210';

async function start(dir = tempDir(), cipher: typeof turningCipher | null = turningCipher) {
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
  const parts = await openTestPool({ store, clock, newId: countingIds(), host: { cipher } });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await parts.pool.close();
    store.close();
  };
  onTestFinished(close);
  const { pool } = parts;
  return {
    ...parts,
    store,
    clock,
    dir,
    close,
    add: (secret = OLD, fields = {}) =>
      pool.records.create({
        profileId: 'p',
        origin: ORIGIN,
        label: 'Work',
        secret,
        priority: 4,
        maxInFlight: 2,
        ...fields,
      }),
    lease: (fields = {}) => pool.lease({ profileId: 'p', origin: ORIGIN, ...fields }),
  };
}

const failure = (kind: CallFailure['class'], status: number): { kind: 'failure'; failure: CallFailure } => ({
  kind: 'failure',
  failure: { class: kind, status, message: `The provider said ${status}.`, refused: true, waitMs: null },
});

test('[E10-01] [E10-12] a replaced key keeps what a person gave it and what it counted; what the old secret was refused for ends', async () => {
  const at = await start();
  const { id } = await at.add(OLD, { group: 'team' });
  (await at.lease())?.report({ kind: 'success' });
  for (let times = 0; times < 3; times++) {
    const lease = await at.pool.leaseFor(id, ORIGIN);
    lease.report(failure('auth', 401));
    lease.release();
  }
  expect(at.pool.records.require(id)).toMatchObject({ state: 'refused', failureCount: 3 });

  const replaced = await at.pool.records.replaceSecret(id, ORIGIN, `  ${NEW}\n`);
  const kept = { id, label: 'Work', priority: 4, group: 'team', maxInFlight: 2, successes: 1, failures: 3 };
  const mended = { state: 'ready', mask: 'sk-n…3210', failureCount: 0, nextTrialAtMs: null, lastError: null };
  expect(replaced).toMatchObject({ ...kept, ...mended, storage: 'sealed' });
  expect((await at.lease())?.secret).toBe(NEW);
  await at.close();

  // All of it is on disk, and opens for its host.
  const next = await start(at.dir);
  expect(next.pool.records.require(id)).toMatchObject({ ...kept, ...mended });
  expect((await next.lease())?.secret).toBe(NEW);
});

test('[E10-13] [E10-21] its rests end with the old secret, but the one for a suspicion of abuse', async () => {
  const at = await start();
  const { id } = await at.add();
  (await at.lease({ model: 'm' }))?.report(failure('rate_limit', 429));
  expect(at.pool.records.require(id).rests).toHaveLength(1);
  expect((await at.pool.records.replaceSecret(id, ORIGIN, NEW)).rests).toEqual([]);
  (await at.lease({ model: 'm' }))?.report(failure('suspicious_activity', 403));
  const again = await at.pool.records.replaceSecret(id, ORIGIN, OLD);
  expect(again.rests.map(({ kind }) => kind)).toEqual(['suspicious_activity']);
  expect(again.state).toBe('cooling');
});

test('[E10-12] [BUG-D11] a call that ends after its secret was replaced says nothing about the new one, but a suspicion does', async () => {
  const at = await start();
  const { id } = await at.add(OLD, { maxInFlight: 0 });
  const under = [await at.lease(), await at.lease()];
  await at.pool.records.replaceSecret(id, ORIGIN, NEW);
  under[0]?.report(failure('payment_required', 402));
  expect(at.pool.records.require(id)).toMatchObject({ state: 'ready', failures: 1, failureCount: 0, lastError: null });
  under[1]?.report(failure('suspicious_activity', 403));
  expect(at.pool.records.require(id).state).toBe('cooling');
  for (const lease of under) lease?.release();
  expect(at.pool.records.require(id).inFlight).toBe(0);
  // Another call with the new secret counts again, also a test.
  const asked = await at.pool.leaseFor(id, ORIGIN);
  asked.report(failure('auth', 401));
  expect(at.pool.records.require(id).failureCount).toBe(1);
});

test('[E10-03] a key that is there already, or is none, replaces nothing', async () => {
  const at = await start();
  const { id } = await at.add();
  await at.add(NEW, { label: 'Home' });
  const before = at.pool.records.require(id);
  await expect(at.pool.records.replaceSecret(id, ORIGIN, NEW)).rejects.toMatchObject({
    code: 'conflict',
    message: 'This key is there already, as “Home”.',
  });
  await expect(at.pool.records.replaceSecret(id, ORIGIN, OLD)).rejects.toMatchObject({ code: 'conflict' });
  for (const bad of ['', '   ', 'two words', 'sk-…abcd'])
    await expect(at.pool.records.replaceSecret(id, ORIGIN, bad)).rejects.toMatchObject({ code: 'invalid_payload' });
  await expect(at.pool.records.replaceSecret('none', ORIGIN, 'sk-third-0123456789')).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(at.pool.records.require(id)).toEqual(before);
  // What is replaced twice at once is there once.
  const third = 'sk-third-0123456789abcdef';
  const both = await Promise.allSettled([
    at.pool.records.replaceSecret(id, ORIGIN, third),
    at.add(third, { label: 'Third' }),
  ]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

test('[E10-02] the new secret is bound to the address that was confirmed with it, and goes to no other', async () => {
  const at = await start();
  const { id } = await at.add();
  expect(await at.pool.records.replaceSecret(id, ELSEWHERE, NEW)).toMatchObject({ approvedOrigin: ELSEWHERE });
  expect((await at.lease({ origin: ELSEWHERE }))?.secret).toBe(NEW);
  await expect(at.lease()).rejects.toMatchObject({ code: 'no_credential' });
  await at.close();
  const next = await start(at.dir);
  expect((await next.lease({ origin: ELSEWHERE }))?.secret).toBe(NEW);
});

test('[E10-01] what a person switched off stays off; what cannot be encrypted any more is refused, and nothing is lost', async () => {
  const at = await start();
  const { id } = await at.add();
  await at.pool.records.setDisabled(id, true);
  expect(await at.pool.records.replaceSecret(id, ORIGIN, NEW)).toMatchObject({ state: 'disabled' });
  await at.close();
  const bare = await start(at.dir, null);
  await expect(bare.pool.records.replaceSecret(id, ORIGIN, OLD)).rejects.toMatchObject({ code: 'secrets_locked' });
  await bare.close();
  const back = await start(at.dir);
  await back.pool.records.setDisabled(id, false);
  expect((await back.lease())?.secret).toBe(NEW);
});

test('[E10-16] a sign-in has no key to replace', async () => {
  const at = await start();
  const { id } = await at.add('rt-planted-0123456789abcdef', {
    oauth: { tokenUrl: 'https://login.example.com/token', clientId: 'c', clientSecret: null, scope: null },
  });
  await expect(at.pool.records.replaceSecret(id, ORIGIN, NEW)).rejects.toMatchObject({
    code: 'unsupported_option',
    retry: { kind: 'user-action', action: 'sign-in' },
  });
});
