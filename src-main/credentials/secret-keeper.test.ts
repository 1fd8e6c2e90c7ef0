import { createCipheriv, randomBytes, scryptSync } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import type { HostCapabilities } from '../platform/host-capabilities.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore, type Store } from '../store/store.ts';
import { countingIds } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { MemoryKeyring } from './testing/memory-keyring.ts';
import { openTestPool } from './testing/open-test-pool.ts';

const ORIGIN = 'https://api.example.com';
const KEY = 'sk-planted-0123456789abcdef';
const PASSPHRASE = 'four words of mine';

let open: Store[] = [];
afterEach(() => {
  for (const store of open) store.close();
  open = [];
});

type Host = Pick<HostCapabilities, 'cipher' | 'keyring' | 'vaultPassphrase'>;
const ids = countingIds();

/** One start on a data directory. `end` closes it, so that another start can follow. */
async function start(dir: string, host: Host = { cipher: null }, isCostly = false) {
  const clock = new ManualClock();
  const store = openStore(dataPaths(dir), { clock });
  open.push(store);
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
  const parts = await openTestPool({ store, clock, newId: ids, host, isCostly });
  parts.keeper.onChange(() => {
    if (open.includes(store)) void parts.pool.records.sealingChanged();
  });
  await parts.secrets.openAll();
  const end = () => {
    open = open.filter((each) => each !== store);
    store.close();
  };
  return { ...parts, store, clock, end };
}

const add = (at: Awaited<ReturnType<typeof start>>, secret = KEY, label = 'mine') =>
  at.pool.records.create({ profileId: 'p', origin: ORIGIN, label, secret });

describe('the vault', () => {
  it('[E10-01] [BUG-D7] opens after a restart with its passphrase, once for all keys, and lies on disk as ciphertext', async () => {
    const dir = tempDir();
    const first = await start(dir);
    expect(first.keeper.state).toBe('none');
    const inMemory = await add(first, `${KEY}-0`, 'before');
    expect(inMemory.storage).toBe('memory');
    await first.keeper.setUp(PASSPHRASE);
    // What was in memory only is kept from now on.
    await expect.poll(() => first.store.credentials.list().length).toBe(1);
    const later = await add(first, `${KEY}-1`, 'after');
    expect(later.storage).toBe('sealed');
    first.end();
    expect(readFileSync(dataPaths(dir).database).includes(KEY)).toBe(false);

    const second = await start(dir);
    expect(second.keeper.state).toBe('locked');
    expect(second.pool.records.list().map((each) => [each.storage, each.lockedReason])).toEqual([
      ['locked', expect.stringContaining('Unlock')],
      ['locked', expect.stringContaining('Unlock')],
    ]);
    await expect(second.pool.lease({ profileId: 'p', origin: ORIGIN })).rejects.toMatchObject({
      code: 'secrets_locked',
      retry: { kind: 'user-action', action: 'unlock-keys' },
    });
    await second.keeper.unlock(PASSPHRASE);
    expect((await second.pool.lease({ profileId: 'p', origin: ORIGIN }))?.secret).toBe(`${KEY}-0`);
    expect(await second.secrets.open(later.id)).toBe(`${KEY}-1`);
  });

  it('[E10-01] its cost is what OWASP asks for, and is stored with it', async () => {
    const at = await start(tempDir(), { cipher: null }, true);
    await at.keeper.setUp(PASSPHRASE);
    expect(JSON.parse(at.store.secretKeys.list()[0]?.parameters ?? '')).toEqual({
      kdf: 'scrypt',
      n: 65_536,
      r: 8,
      p: 2,
    });
    expect((await add(at)).storage).toBe('sealed');
  });

  it('[E10-01] a wrong passphrase changes nothing and says what to do', async () => {
    const dir = tempDir();
    const first = await start(dir);
    await first.keeper.setUp(PASSPHRASE);
    await add(first);
    const before = first.store.db.prepare('select * from credentials').all();
    first.end();
    const second = await start(dir);
    await expect(second.keeper.unlock('something else')).rejects.toMatchObject({
      code: 'invalid_payload',
      message: expect.stringContaining('Nothing was changed') as string,
    });
    expect(second.keeper.state).toBe('locked');
    expect(second.store.db.prepare('select * from credentials').all()).toEqual(before);
    // A new key is not put beside the locked ones in memory, where it would be lost.
    await expect(add(second, `${KEY}-2`)).rejects.toMatchObject({ code: 'secrets_locked' });
  });

  it('[E10-01] a passphrase is changed for all keys in one transaction, and the old one opens nothing then', async () => {
    const dir = tempDir();
    const first = await start(dir);
    await first.keeper.setUp(PASSPHRASE);
    const keys = [];
    for (let index = 0; index < 5; index++) keys.push(await add(first, `${KEY}-${index}`, `key ${index}`));
    await expect(first.keeper.changePassphrase('not mine at all', 'another one')).rejects.toMatchObject({
      code: 'invalid_payload',
    });
    await first.keeper.changePassphrase(PASSPHRASE, 'another passphrase');
    expect(first.pool.records.list().every((each) => each.storage === 'sealed')).toBe(true);
    first.end();
    const second = await start(dir);
    await expect(second.keeper.unlock(PASSPHRASE)).rejects.toMatchObject({ code: 'invalid_payload' });
    await second.keeper.unlock('another passphrase');
    for (const [index, key] of keys.entries()) expect(await second.secrets.open(key.id)).toBe(`${KEY}-${index}`);
  });

  it('[E10-01] a change of the passphrase that cannot be stored leaves every key behind the old one', async () => {
    const dir = tempDir();
    const first = await start(dir);
    await first.keeper.setUp(PASSPHRASE);
    await add(first, `${KEY}-0`, 'a');
    const second = await add(first, `${KEY}-1`, 'b');
    first.store.db.exec(
      `create trigger no before update of sealed on credentials when old.id = '${second.id}' begin select raise(abort, 'planted'); end`,
    );
    await expect(first.keeper.changePassphrase(PASSPHRASE, 'another passphrase')).rejects.toThrow('planted');
    first.store.db.exec('drop trigger no');
    expect(await first.secrets.open(second.id)).toBe(`${KEY}-1`);
    first.end();
    const again = await start(dir);
    await again.keeper.unlock(PASSPHRASE);
    expect(again.pool.records.list().map((each) => each.storage)).toEqual(['sealed', 'sealed']);
  });

  it.each([
    ['wrapped_key', (row: Buffer) => Buffer.concat([row.subarray(0, -1), Buffer.from([(row.at(-1) ?? 0) ^ 1])])],
    ['salt', (row: Buffer) => row.subarray(0, 4)],
    ['checksum', () => Buffer.alloc(32)],
  ])('[E10-01] a damaged %s is told apart from a wrong passphrase', async (column, damage) => {
    const dir = tempDir();
    const first = await start(dir);
    await first.keeper.setUp(PASSPHRASE);
    await add(first);
    const [row] = first.store.secretKeys.list();
    first.store.db
      .prepare(`update secret_keys set ${column} = ?`)
      .run(damage(row?.[column as 'salt'] ?? Buffer.alloc(0)));
    first.end();
    const second = await start(dir);
    await expect(second.keeper.unlock(PASSPHRASE)).rejects.toMatchObject({
      code: 'secrets_locked',
      message: expect.stringContaining('damaged') as string,
    });
    // The way on: a new passphrase, and the key entered again. The old bytes are still there.
    await second.keeper.startOver('a new passphrase');
    expect(second.pool.records.list()[0]?.storage).toBe('locked');
    expect((await add(second)).storage).toBe('sealed');
  });

  it('[E10-01] parameters that would take all memory are refused before anything is derived', async () => {
    const dir = tempDir();
    const first = await start(dir);
    await first.keeper.setUp(PASSPHRASE);
    first.store.db
      .prepare('update secret_keys set parameters = ?')
      .run(JSON.stringify({ kdf: 'scrypt', n: 2 ** 30, r: 8, p: 1 }));
    first.end();
    const second = await start(dir);
    await expect(second.keeper.unlock(PASSPHRASE)).rejects.toMatchObject({ code: 'secrets_locked' });
  });

  it('[E10-01] a forgotten passphrase costs no key: the old vault opens when it is remembered', async () => {
    const dir = tempDir();
    const first = await start(dir);
    await first.keeper.setUp(PASSPHRASE);
    const old = await add(first, `${KEY}-old`, 'old');
    first.end();
    const second = await start(dir);
    await second.keeper.startOver('a new passphrase');
    const fresh = await add(second, `${KEY}-new`, 'new');
    expect(second.secrets.placeOf(old.id).storage).toBe('locked');
    second.end();
    const third = await start(dir);
    await third.keeper.unlock(PASSPHRASE);
    expect(await third.secrets.open(old.id)).toBe(`${KEY}-old`);
    expect(third.secrets.placeOf(fresh.id).storage).toBe('locked');
    await third.keeper.unlock('a new passphrase');
    expect(await third.secrets.open(fresh.id)).toBe(`${KEY}-new`);
  });

  it('[E10-01] SLUICE_VAULT_PASSPHRASE opens without a question, and a wrong one is said and asked for again', async () => {
    const dir = tempDir();
    const first = await start(dir, { cipher: null, vaultPassphrase: PASSPHRASE });
    expect(first.keeper.state).toBe('ready');
    const key = await add(first);
    first.end();
    const second = await start(dir, { cipher: null, vaultPassphrase: 'a wrong one' });
    expect(second.keeper.state).toBe('locked');
    expect(second.keeper.describe()).toContain('SLUICE_VAULT_PASSPHRASE');
    await second.keeper.unlock(PASSPHRASE);
    expect(await second.secrets.open(key.id)).toBe(KEY);
  });

  it('[E10-01] keys of the first vault, which kept no record, open with their passphrase and get one', async () => {
    const dir = tempDir();
    const first = await start(dir, { cipher: null, vaultPassphrase: PASSPHRASE });
    const key = await add(first);
    const salt = randomBytes(16);
    const nonce = randomBytes(12);
    const derived = scryptSync(PASSPHRASE, salt, 32, { N: 2 ** 16, r: 8, p: 1, maxmem: 2 ** 27 });
    const cipher = createCipheriv('aes-256-gcm', derived, nonce);
    const body = Buffer.concat([cipher.update(KEY, 'utf8'), cipher.final()]);
    const sealed = Buffer.concat([Buffer.from([1]), salt, nonce, cipher.getAuthTag(), body]);
    first.store.db.prepare("update credentials set cipher_kind = 'vault', sealed = ?").run(sealed);
    first.store.db.exec('delete from secret_keys');
    first.end();
    const second = await start(dir);
    expect(second.keeper.state).toBe('locked');
    await expect(second.keeper.unlock('not it at all')).rejects.toMatchObject({ code: 'invalid_payload' });
    await second.keeper.unlock(PASSPHRASE);
    expect(await second.secrets.open(key.id)).toBe(KEY);
    expect(second.store.credentials.get(key.id)?.cipher_kind).toMatch(/^vault:/);
  });
});

describe('the keyring of a host without Electron', () => {
  it('[E10-01] keeps a key of its own for each data directory, and keys open after a restart without a question', async () => {
    const keyring = new MemoryKeyring();
    const dir = tempDir();
    const first = await start(dir, { cipher: null, keyring });
    expect(first.keeper.cipherKind).toMatch(/^keyring:/);
    const key = await add(first);
    first.end();
    const second = await start(dir, { cipher: null, keyring });
    expect(await second.secrets.open(key.id)).toBe(KEY);
    expect(keyring.entries.size).toBe(1);
  });

  it('[E10-01] [decision 33] a database that was copied to another computer says so, and its keys are entered again', async () => {
    const dir = tempDir();
    const first = await start(dir, { cipher: null, keyring: new MemoryKeyring() });
    const key = await add(first);
    first.end();
    const copy = tempDir();
    copyFileSync(dataPaths(dir).database, join(copy, 'sluice.db'));
    const second = await start(copy, { cipher: null, keyring: new MemoryKeyring() });
    expect(second.keeper.state).toBe('ready');
    expect(second.pool.records.list()[0]).toMatchObject({
      storage: 'locked',
      lockedReason: expect.stringContaining('another computer') as string,
    });
    const again = await add(second);
    expect(again).toMatchObject({ id: key.id, storage: 'sealed', lockedReason: null });
    expect((await second.pool.lease({ profileId: 'p', origin: ORIGIN }))?.secret).toBe(KEY);
  });

  it('[E10-01] a locked keyring costs nothing: its keys are there once it is open again', async () => {
    const keyring = new MemoryKeyring();
    const dir = tempDir();
    const first = await start(dir, { cipher: null, keyring });
    const key = await add(first);
    first.end();
    keyring.state = 'locked';
    const second = await start(dir, { cipher: null, keyring });
    expect(second.keeper.describe()).toContain('Unlock it');
    await expect(second.pool.lease({ profileId: 'p', origin: ORIGIN })).rejects.toMatchObject({
      code: 'secrets_locked',
    });
    second.end();
    // Some answer a question for a locked entry with nothing at all, and unlock when something is written.
    keyring.state = 'hides';
    const third = await start(dir, { cipher: null, keyring });
    expect(await third.secrets.open(key.id)).toBe(KEY);
  });

  it('[E10-01] one that asks a person first holds up no start, and counts as soon as it opens', async () => {
    const keyring = new MemoryKeyring();
    let unlock = (): void => undefined;
    const unlocked = new Promise<void>((resolve) => {
      unlock = resolve;
    });
    const slow = {
      read: (name: string) => unlocked.then(() => keyring.read(name)),
      write: (name: string, secret: Uint8Array) => unlocked.then(() => keyring.write(name, secret)),
    };
    const clock = new ManualClock();
    const store = openStore(dataPaths(tempDir()), { clock });
    open.push(store);
    const starting = openTestPool({ store, clock, newId: ids, host: { cipher: null, keyring: slow } });
    await expect.poll(() => clock.pending).toBe(1);
    clock.advance(2000);
    const { keeper } = await starting;
    expect(keeper.state).toBe('none');
    unlock();
    await expect.poll(() => keeper.state).toBe('ready');
  });

  it('[E10-01] where none runs, a passphrase can take its place', async () => {
    const keyring = new MemoryKeyring();
    keyring.state = 'locked';
    const at = await start(tempDir(), { cipher: null, keyring });
    expect(at.keeper.state).toBe('none');
    expect(at.keeper.describe()).toContain('Set a passphrase');
    await at.keeper.setUp(PASSPHRASE);
    expect((await add(at)).storage).toBe('sealed');
  });
});

describe('a sealed secret', () => {
  it('[E10-01] [decision 33] that another host sealed is locked and never misread', async () => {
    const at = await start(tempDir(), { cipher: null, vaultPassphrase: PASSPHRASE });
    const key = await add(at);
    at.store.db.exec("update credentials set cipher_kind = 'electron-safe-storage'");
    const { secrets } = await openTestPool({ store: at.store, clock: at.clock, newId: ids });
    expect(secrets.placeOf(key.id)).toEqual({
      storage: 'locked',
      lockedReason: expect.stringContaining('desktop application') as string,
      lockedSaid: { word: 'locked_by_desktop' },
    });
  });

  it('[E10-01] does not open in another row, nor for another origin', async () => {
    const dir = tempDir();
    const first = await start(dir, { cipher: null, vaultPassphrase: PASSPHRASE });
    const a = await add(first, `${KEY}-a`, 'a');
    const b = await add(first, `${KEY}-b`, 'b');
    const c = await add(first, `${KEY}-c`, 'c');
    first.store.db.exec(
      `update credentials set sealed = (select sealed from credentials where id = '${a.id}') where id = '${b.id}'`,
    );
    first.store.db.exec(`update credentials set approved_origin = 'https://evil.example' where id = '${c.id}'`);
    first.end();
    const second = await start(dir, { cipher: null, vaultPassphrase: PASSPHRASE });
    expect(await second.secrets.open(a.id)).toBe(`${KEY}-a`);
    for (const { id } of [b, c])
      await expect(second.secrets.open(id)).rejects.toMatchObject({ code: 'secrets_locked' });
    // And nothing is sent to where the row now points.
    await expect(second.pool.lease({ profileId: 'p', origin: 'https://evil.example' })).rejects.toMatchObject({
      code: 'secrets_locked',
    });
  });
});

describe('a key', () => {
  it('[E10-03] [BUG-D5] is there once, however many windows add it at the same time', async () => {
    const at = await start(tempDir(), { cipher: null, vaultPassphrase: PASSPHRASE });
    const results = await Promise.allSettled([add(at), add(at), add(at)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(at.store.credentials.list()).toHaveLength(1);
    const many = await Promise.all(Array.from({ length: 20 }, (_, n) => add(at, `${KEY}-${n}`, `k${n}`)));
    expect(new Set(many.map((each) => each.id)).size).toBe(20);
  });
});
