import { describe, expect, test } from 'vitest';
import type { ProfileRecord } from '#contract/records';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { SecretMatcher } from '../platform/secret-matcher.ts';
import { openStore } from '../store/store.ts';
import { countingIds } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { CredentialTransfer, type TransferProfiles } from './credential-transfer.ts';
import { ProxyBook } from './proxy-book.ts';
import { turningCipher } from './testing/open-pool.ts';
import { openTestPool } from './testing/open-test-pool.ts';

const PASSPHRASE = 'four words of mine';
const KEY = 'sk-planted-0123456789abcdef';
const REFRESH = 'rt-planted-0123456789abcdefghij';
const PASSWORD = 'planted-proxy-password';
const WORK = { name: 'work', kind: 'openai-chat' as const, baseUrl: 'https://a.test' };

/** Another computer: a store, a pool and proxies of its own. */
async function computer(options: { cipher?: typeof turningCipher | null } = {}) {
  const clock = new ManualClock();
  const store = openStore(dataPaths(tempDir()), { clock });
  const newId = countingIds();
  const host = { cipher: options.cipher === undefined ? turningCipher : options.cipher };
  const { pool, keeper, secrets, scrubber } = await openTestPool({ store, clock, newId, host });
  const proxies = new ProxyBook({ store, keeper, scrubber, clock });
  const profiles: TransferProfiles = {
    list: () =>
      store.profiles.list().map(
        (row): ProfileRecord => ({
          id: row.id,
          name: row.name,
          kind: row.kind,
          baseUrl: row.base_url,
          chatUrl: row.base_url,
          defaultModel: row.default_model,
          contextLength: row.context_length,
          createdAtMs: 0,
          updatedAtMs: 0,
        }),
      ),
    async create({ name, kind, baseUrl, defaultModel, contextLength }) {
      const id = newId();
      await store.committer.commit(() =>
        store.profiles.insert({
          id,
          name,
          kind,
          base_url: baseUrl,
          default_model: defaultModel ?? null,
          context_length: contextLength ?? null,
          created_at_ms: 0,
          updated_at_ms: 0,
        }),
      );
      const made = profiles.list().find((profile) => profile.id === id);
      if (made === undefined) throw new Error('not stored');
      return made;
    },
  };
  const transfer = new CredentialTransfer({
    store,
    credentials: pool.records,
    secrets,
    proxies,
    profiles,
    clock,
    newId,
  });
  return { store, pool, secrets, proxies, profiles, transfer };
}

/** A computer with a key that has everything set, a sign-in, and proxies with a password. */
async function furnished() {
  const world = await computer();
  const { pool, profiles, proxies } = world;
  const profile = await profiles.create({ ...WORK, defaultModel: 'm-1', contextLength: 9000 });
  const origin = 'https://a.test';
  const key = await pool.records.create({
    profileId: profile.id,
    origin,
    label: 'Key',
    secret: KEY,
    priority: 3,
    group: 'team',
    maxInFlight: 2,
  });
  await pool.records.update(key.id, { models: ['m-1', 'm-2'] });
  await pool.records.setDisabled(key.id, true);
  await pool.records.create({
    profileId: profile.id,
    origin,
    label: 'Sign-in',
    secret: REFRESH,
    oauth: {
      tokenUrl: 'https://login.test/token',
      clientId: 'me',
      clientSecret: 'client-secret-0123456789',
      scope: 'chat',
    },
  });
  await proxies.set({
    scope: 'group',
    owner: 'team',
    mode: 'proxy',
    url: 'socks5://10.0.0.8:1080',
    username: 'u',
    password: PASSWORD,
  });
  await proxies.set({ scope: 'credential', owner: key.id, mode: 'direct' });
  await proxies.set({
    scope: 'global',
    owner: '',
    mode: 'proxy',
    url: 'http://10.0.0.9:8080',
    password: 'general-password-1',
  });
  return { ...world, key };
}

describe('a file of keys', () => {
  test('[E10-25] [E10-02] without a passphrase it holds no part of any secret, and names what is not secret', async () => {
    const { transfer } = await furnished();
    const { content, keys, withoutSecret } = await transfer.export(null);
    expect([keys, withoutSecret]).toEqual([2, []]);
    const matcher = new SecretMatcher([KEY, REFRESH, PASSWORD, 'client-secret-0123456789', 'general-password-1']);
    expect(matcher.scrub(content)).toBe(content);
    expect(JSON.parse(content)).toMatchObject({
      format: 'sluice-credentials',
      version: 1,
      keys: [{ label: 'Key', mask: 'sk-p…cdef', group: 'team', disabled: true }, { label: 'Sign-in' }],
      secrets: null,
    });
  });

  test('[E10-25] with a passphrase everything arrives on another computer, and the file in between shows nothing', async () => {
    const from = await furnished();
    const { content } = await from.transfer.export(PASSPHRASE);
    const matcher = new SecretMatcher([KEY, REFRESH, PASSWORD, 'client-secret-0123456789', PASSPHRASE]);
    expect(matcher.scrub(content)).toBe(content);
    const to = await computer();
    const report = await to.transfer.import(content, PASSPHRASE);
    expect(report).toMatchObject({ providersAdded: ['work'], generalProxyLeftOut: true });
    expect(report.keys.map(({ label, outcome }) => [label, outcome])).toEqual([
      ['Key', 'added'],
      ['Sign-in', 'added'],
    ]);
    const [key, signIn] = to.pool.records.list();
    expect(key).toMatchObject({
      label: 'Key',
      priority: 3,
      group: 'team',
      maxInFlight: 2,
      models: ['m-1', 'm-2'],
      disabled: true,
      disabledReason: 'manual',
      approvedOrigin: 'https://a.test',
      storage: 'sealed',
    });
    expect(signIn).toMatchObject({ auth: 'oauth', oauth: { tokenUrl: 'https://login.test/token', clientId: 'me' } });
    expect(await to.secrets.open(key?.id ?? '')).toBe(KEY);
    expect(JSON.parse(await to.secrets.open(signIn?.id ?? ''))).toMatchObject({
      refreshToken: REFRESH,
      clientSecret: 'client-secret-0123456789',
    });
    expect(await to.proxies.password('group', 'team')).toBe(PASSWORD);
    expect(to.proxies.list().map(({ scope, owner }) => [scope, owner])).toEqual(
      expect.arrayContaining([
        ['credential', key?.id],
        ['group', 'team'],
      ]),
    );
    expect(to.proxies.list()).toHaveLength(2);
    expect(to.profiles.list()).toMatchObject([{ name: 'work', defaultModel: 'm-1', contextLength: 9000 }]);
    // Again: nothing twice.
    const again = await to.transfer.import(content, PASSPHRASE);
    expect(again.keys.map(({ outcome }) => outcome)).toEqual(['there', 'there']);
    expect(to.pool.records.list()).toHaveLength(2);
  }, 30_000);

  test('[E10-25] a wrong passphrase, none, and a file that was changed import nothing, each with its own sentence', async () => {
    const { transfer } = await furnished();
    const { content } = await transfer.export(PASSPHRASE);
    const to = await computer();
    const refusal = async (text: string, passphrase: string | null) =>
      to.transfer.import(text, passphrase).then(
        () => 'imported',
        (thrown: Error) => thrown.message,
      );
    expect(await refusal(content, null)).toContain('Enter it to import them');
    expect(await refusal(content, 'not the one')).toContain('not the passphrase');
    // Somebody leads the keys elsewhere: the address is part of what the secrets are bound to.
    const led = content.replaceAll('https://a.test', 'https://evil.test');
    expect(await refusal(led, PASSPHRASE)).toContain('changed or damaged');
    const cut = content.replace(/"sealed": "[^"]{8}/, '"sealed": "AAAAAAAA');
    expect(await refusal(cut, PASSPHRASE)).toContain('changed or damaged');
    expect(await refusal('not json', PASSPHRASE)).toContain('not JSON');
    expect(await refusal('{"format":"else"}', null)).toContain('look at format');
    expect(await refusal(content.replace('"version": 1', '"version": 2'), PASSPHRASE)).toContain('newer Sluice');
    expect([to.pool.records.list(), to.profiles.list()]).toEqual([[], []]);
  }, 30_000);

  test('[E10-25] a short passphrase is refused before anything is written', async () => {
    const { transfer } = await furnished();
    await expect(transfer.export('short')).rejects.toMatchObject({ code: 'invalid_payload' });
  });

  test('[E10-25] without secrets it sets what is not secret of the same keys, and says which keys it lacks', async () => {
    const from = await furnished();
    const { content } = await from.transfer.export(null);
    await from.pool.records.update(from.key.id, { priority: 0, group: null, models: null });
    expect((await from.transfer.import(content, null)).keys.map(({ outcome }) => outcome)).toEqual([
      'updated',
      'updated',
    ]);
    expect(from.pool.records.require(from.key.id)).toMatchObject({
      priority: 3,
      group: 'team',
      models: ['m-1', 'm-2'],
    });
    const to = await computer();
    expect((await to.transfer.import(content, null)).keys.map(({ outcome }) => outcome)).toEqual([
      'needs-secret',
      'needs-secret',
    ]);
    expect(to.profiles.list()).toHaveLength(1);
  });

  test('[E10-25] a provider of the same name at another address stays as it is: another one is made beside it', async () => {
    const from = await furnished();
    const { content } = await from.transfer.export(PASSPHRASE);
    const to = await computer();
    const own = await to.profiles.create({ ...WORK, baseUrl: 'https://mine.test' });
    await to.proxies.set({ scope: 'group', owner: 'team', mode: 'direct' });
    await to.pool.records.create({
      profileId: own.id,
      origin: 'https://mine.test',
      label: 'Mine',
      secret: 'sk-own-0123456789abcdef',
      group: 'team',
    });
    const report = await to.transfer.import(content, PASSPHRASE);
    expect(report.providersAdded).toEqual(['work 2']);
    expect(to.profiles.list().map(({ name, baseUrl }) => [name, baseUrl])).toEqual(
      expect.arrayContaining([
        ['work', 'https://mine.test'],
        ['work 2', 'https://a.test'],
      ]),
    );
    // The group was here before: its keys go on as they did.
    expect(to.proxies.list().find(({ scope }) => scope === 'group')).toMatchObject({ mode: 'direct' });
  }, 30_000);

  test('[E10-25] one key that cannot be added stops no other: a sign-in where nothing can seal', async () => {
    const from = await furnished();
    const { content } = await from.transfer.export(PASSPHRASE);
    const to = await computer({ cipher: null });
    const { keys } = await to.transfer.import(content, PASSPHRASE);
    expect(keys).toMatchObject([{ outcome: 'added' }, { outcome: 'failed', error: { code: 'secrets_locked' } }]);
    expect(keys[1]?.error?.message).toContain('Set a passphrase first');
    expect(to.pool.records.list()).toHaveLength(1);
  }, 30_000);
});
