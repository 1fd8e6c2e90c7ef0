import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore, type Store } from '../store/store.ts';
import { countingIds } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { ProxyBook } from './proxy-book.ts';
import { openTestPool } from './testing/open-test-pool.ts';

const ORIGIN = 'https://api.example.com';
const PASSWORD = 'planted proxy password';
const PROXY = 'http://proxy.example.com:3128';

let stores: Store[] = [];
afterEach(() => {
  for (const store of stores) store.close();
  stores = [];
});

async function start(dir: string, vaultPassphrase?: string) {
  const clock = new ManualClock();
  const store = openStore(dataPaths(dir), { clock });
  stores.push(store);
  if (store.profiles.byName('p') === null) {
    store.profiles.insert({
      id: 'p',
      name: 'p',
      kind: 'anthropic',
      base_url: ORIGIN,
      default_model: null,
      context_length: null,
      created_at_ms: 0,
      updated_at_ms: 0,
    });
  }
  const host = { cipher: null, ...(vaultPassphrase === undefined ? {} : { vaultPassphrase }) };
  const parts = await openTestPool({ store, clock, newId: countingIds(), host });
  const book = new ProxyBook({ store, keeper: parts.keeper, scrubber: parts.scrubber, clock });
  const end = () => {
    stores = stores.filter((each) => each !== store);
    store.close();
  };
  return { ...parts, store, book, end };
}

describe('proxies', () => {
  it('[E10-18] [BUG-D14] a password is sealed, never given back, and an address with one in it is taken apart', async () => {
    const dir = tempDir();
    const first = await start(dir, 'a passphrase');
    const made = await first.book.set({
      scope: 'global',
      owner: '',
      mode: 'proxy',
      url: `http://me:${encodeURIComponent(PASSWORD)}@proxy.example.com:3128`,
    });
    expect(made).toMatchObject({ url: PROXY, username: 'me', hasPassword: true, passwordLocked: false });
    expect(JSON.stringify(first.book.list())).not.toContain('planted');
    expect(first.scrubber.scrub(`it said ${PASSWORD}`)).toBe('it said [secret]');
    first.end();
    expect(readFileSync(dataPaths(dir).database).includes('planted')).toBe(false);

    const second = await start(dir, 'a passphrase');
    expect(await second.book.targetFor(null, ORIGIN)).toEqual({ url: PROXY, username: 'me', password: PASSWORD });
    second.end();
    // Locked: the way around the proxy is no way.
    const third = await start(dir, 'another passphrase');
    expect(third.book.list()[0]).toMatchObject({ hasPassword: true, passwordLocked: true });
    await expect(third.book.targetFor(null, ORIGIN)).rejects.toMatchObject({ code: 'secrets_locked' });
  });

  it('[E10-18] a password that is left out stays, an empty one goes, another one replaces it', async () => {
    const { book } = await start(tempDir(), 'a passphrase');
    const set = (fields: { password?: string; username?: string; url?: string }) =>
      book.set({ scope: 'global', owner: '', mode: 'proxy', url: PROXY, ...fields });
    await set({ username: 'me', password: PASSWORD });
    await set({ username: 'you' });
    expect(await book.targetFor(null, ORIGIN)).toEqual({ url: PROXY, username: 'you', password: PASSWORD });
    await set({ password: 'another password' });
    expect((await book.targetFor(null, ORIGIN))?.password).toBe('another password');
    expect(await set({ password: '' })).toMatchObject({ hasPassword: false, username: 'you' });
    expect((await book.targetFor(null, ORIGIN))?.password).toBeNull();
  });

  it('[E10-18] a password goes to the proxy that it was entered for and to no other', async () => {
    const { book } = await start(tempDir(), 'a passphrase');
    await book.set({ scope: 'global', owner: '', mode: 'proxy', url: PROXY, username: 'me', password: PASSWORD });
    const moved = await book.set({ scope: 'global', owner: '', mode: 'proxy', url: 'http://evil.example:3128' });
    expect(moved).toMatchObject({ username: null, hasPassword: false });
    expect(await book.targetFor(null, ORIGIN)).toMatchObject({ password: null });
  });

  it('[E10-18] an address that is none changes nothing', async () => {
    const { book } = await start(tempDir(), 'a passphrase');
    await book.set({ scope: 'global', owner: '', mode: 'proxy', url: PROXY });
    const before = book.list();
    await expect(book.set({ scope: 'global', owner: '', mode: 'proxy', url: 'proxy' })).rejects.toMatchObject({
      code: 'invalid_payload',
      retry: { kind: 'user-action', action: 'check-proxy' },
    });
    expect(book.list()).toEqual(before);
  });

  it('[E10-18] a key’s own goes before its group’s and the general one; deleting a group tells whom it had', async () => {
    const { book, pool, store } = await start(tempDir(), 'a passphrase');
    const a = await pool.records.create({
      profileId: 'p',
      origin: ORIGIN,
      label: 'a',
      secret: 'sk-planted-aaaaaaaaaaaa',
      group: 'team',
    });
    const b = await pool.records.create({
      profileId: 'p',
      origin: ORIGIN,
      label: 'b',
      secret: 'sk-planted-bbbbbbbbbbbb',
      group: 'team',
    });
    await book.set({ scope: 'global', owner: '', mode: 'proxy', url: 'http://general:1' });
    await book.set({ scope: 'group', owner: 'team', mode: 'proxy', url: 'http://team:2' });
    await book.set({ scope: 'credential', owner: b.id, mode: 'direct' });
    const sources = () =>
      pool.records.list().map((each) => {
        const { source, url } = book.effectiveOf(each, ORIGIN);
        return [source, url];
      });
    expect(sources()).toEqual([
      ['group', 'http://team:2'],
      ['credential_direct', null],
    ]);
    expect(await pool.records.deleteGroup('team')).toEqual([a.id, b.id]);
    expect(store.credentials.list().map((row) => row.group_name)).toEqual([null, null]);
    expect(sources()[0]).toEqual(['global', 'http://general:1']);
    // A key that goes takes its own proxy with it.
    await pool.records.setDisabled(b.id, true);
    await pool.records.remove(b.id);
    expect(book.list().map((each) => each.scope)).toEqual(['global']);
  });

  it('[E10-18] without anything to seal with, a password stays in memory and the rest is kept', async () => {
    const dir = tempDir();
    const first = await start(dir);
    await first.book.set({ scope: 'global', owner: '', mode: 'proxy', url: PROXY, username: 'me', password: PASSWORD });
    expect((await first.book.targetFor(null, ORIGIN))?.password).toBe(PASSWORD);
    first.end();
    const second = await start(dir);
    expect(second.book.list()).toMatchObject([{ url: PROXY, username: 'me', hasPassword: false }]);
    // Until a passphrase is set: what is in memory then is kept.
    await second.book.set({ scope: 'global', owner: '', mode: 'proxy', password: PASSWORD });
    await second.keeper.setUp('a passphrase');
    await second.book.sealingChanged();
    second.end();
    const third = await start(dir, 'a passphrase');
    expect((await third.book.targetFor(null, ORIGIN))?.password).toBe(PASSWORD);
  });
});
