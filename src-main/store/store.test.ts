import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../platform/app-failure.ts';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { findBackupDefect, KEPT_BACKUPS, rowCounts } from './backup.ts';
import { openDatabase } from './database.ts';
import { acquireHostLock } from './host-lock.ts';
import { initial } from './migrations/0001-initial.ts';
import { type Migration, migrations } from './migrations/index.ts';
import { openStore } from './store.ts';

/** The version that holds today; the steps below come after it. */
const NEWEST = migrations.at(-1)?.version ?? 0;
const second: Migration = {
  version: NEWEST + 1,
  name: 'second',
  sql: 'alter table sessions add column colour text; create table extra (id text primary key) strict;',
};
const broken: Migration = {
  version: NEWEST + 1,
  name: 'broken',
  sql: 'create table half (id text primary key) strict; create table half (id text);',
};

function session(id: string) {
  return {
    id,
    title: id,
    title_source: 'auto' as const,
    profile: null,
    model: null,
    workspace: null,
    created_at_ms: 1,
    updated_at_ms: 1,
  };
}

describe('the store', () => {
  it('[E8-27] a new folder gets the newest schema, a write-ahead log and foreign keys, and no backup', () => {
    const paths = dataPaths(tempDir());
    const db = openDatabase(paths, { nowMs: 0 });
    expect(db.pragma('user_version', { simple: true })).toBe(NEWEST);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(db.pragma('busy_timeout', { simple: true })).toBeLessThanOrEqual(15);
    expect(existsSync(paths.backups)).toBe(false);
    db.close();
  });

  it('[E8-27] [BUG-A33] a migration is preceded by a verified backup and keeps every row', () => {
    const paths = dataPaths(tempDir());
    const old = openDatabase(paths, { nowMs: 0 });
    for (const id of ['a', 'b', 'c'])
      old.prepare('insert into sessions (id, title, created_at_ms, updated_at_ms) values (?, ?, 1, 1)').run(id, id);
    old.close();
    const db = openDatabase(paths, { nowMs: 1_000, migrations: [...migrations, second] });
    expect(db.pragma('user_version', { simple: true })).toBe(NEWEST + 1);
    expect(db.prepare('select count(*) from sessions').pluck().get()).toBe(3);
    const [backup] = readdirSync(paths.backups);
    const copy = new Database(join(paths.backups, backup ?? ''), { readonly: true });
    expect(copy.pragma('user_version', { simple: true })).toBe(NEWEST);
    expect(copy.prepare('select count(*) from sessions').pluck().get()).toBe(3);
    copy.close();
    db.close();
  });

  it('[E8-27] a database of the first version comes up to date with every row and every event', () => {
    const paths = dataPaths(tempDir());
    const old = openDatabase(paths, { nowMs: 0, migrations: [initial] });
    old.exec(`
      insert into sessions (id, title, created_at_ms, updated_at_ms) values ('s', 's', 1, 1);
      insert into runs (id, session_id, status, profile, queue_id, created_at_ms, ended_at_ms) values ('r', 's', 'success', 'demo', 'q', 1, 2);
      insert into messages (id, session_id, run_id, position, role, content, status, created_at_ms) values ('m', 's', 'r', 1, 'user', 'hello', 'final', 1);
      insert into run_events (session_id, seq, run_id, event, payload, at_ms) values ('s', 1, 'r', 'message.delta', '{}', 1);`);
    old.close();
    const store = openStore(paths, { clock: new ManualClock() });
    expect(store.messages.all('s').map((row) => row.content)).toEqual(['hello']);
    expect(store.runs.get('r')).toMatchObject({ status: 'success', synced: null });
    expect(store.sessions.get('s')).toMatchObject({ pinned: 0, archived_at_ms: null });
    expect(store.sessions.list(10, 0)).toHaveLength(1);
    // One for the whole way, of what the person had.
    const [backup, ...more] = readdirSync(paths.backups);
    expect(more).toEqual([]);
    const kept = new Database(join(paths.backups, backup ?? ''), { readonly: true });
    expect(kept.pragma('user_version', { simple: true })).toBe(1);
    kept.close();
    store.close();
  });

  it('[E8-27] a migration that fails leaves the old schema and every row, and says so', () => {
    const paths = dataPaths(tempDir());
    const old = openDatabase(paths, { nowMs: 0 });
    old.prepare("insert into sessions (id, title, created_at_ms, updated_at_ms) values ('a', 'a', 1, 1)").run();
    old.close();
    expect(() => openDatabase(paths, { nowMs: 1_000, migrations: [...migrations, broken] })).toThrow(/half/);
    const again = openDatabase(paths, { nowMs: 2_000 });
    expect(again.prepare("select count(*) from sqlite_schema where name = 'half'").pluck().get()).toBe(0);
    expect(again.prepare('select count(*) from sessions').pluck().get()).toBe(1);
    again.close();
  });

  it('[BUG-A33] a truncated or short backup is not a backup', () => {
    const paths = dataPaths(tempDir());
    const db = openDatabase(paths, { nowMs: 0 });
    db.prepare("insert into sessions (id, title, created_at_ms, updated_at_ms) values ('a', 'a', 1, 1)").run();
    const copy = join(paths.dir, 'copy.db');
    db.prepare('vacuum into ?').run(copy);
    expect(findBackupDefect(rowCounts(db), copy)).toBeNull();
    db.prepare("insert into sessions (id, title, created_at_ms, updated_at_ms) values ('b', 'b', 1, 1)").run();
    expect(findBackupDefect(rowCounts(db), copy)).toMatchObject({
      word: 'defect_rows',
      with: { table: 'sessions' },
    });
    writeFileSync(copy, readFileSync(copy).subarray(0, 9_000));
    expect(findBackupDefect(rowCounts(db), copy)).not.toBeNull();
    db.close();
  });

  it('[E8-27] the newest three backups stay', () => {
    const paths = dataPaths(tempDir());
    const steps: Migration[] = [...migrations];
    openDatabase(paths, { nowMs: 0 }).close();
    for (let version = NEWEST + 1; version <= NEWEST + 5; version++) {
      steps.push({ version, name: `v${version}`, sql: `create table t${version} (id text primary key) strict;` });
      openDatabase(paths, { nowMs: version * 1000, migrations: [...steps] }).close();
    }
    expect(readdirSync(paths.backups)).toHaveLength(KEPT_BACKUPS);
  });

  it('[E8-27] a newer schema is refused with a sentence and left byte for byte as it is', () => {
    const paths = dataPaths(tempDir());
    openDatabase(paths, { nowMs: 0, migrations: [...migrations, second] }).close();
    const before = readFileSync(paths.database);
    expect(() => openDatabase(paths, { nowMs: 1 })).toThrow(/newer Sluice/);
    expect(readFileSync(paths.database).equals(before)).toBe(true);
  });

  it('[E8-27] [BUG-A33] a file that is no database is trouble for a person to settle, and is left byte for byte', () => {
    const paths = dataPaths(tempDir());
    mkdirSync(paths.dir, { recursive: true });
    const bytes = Buffer.from('this is not a database, but somebody may still want it'.repeat(100));
    writeFileSync(paths.database, bytes);
    expect(() => openDatabase(paths, { nowMs: 5 })).toThrow(
      expect.objectContaining({ kind: 'damaged', code: 'storage_unavailable' }),
    );
    expect(readdirSync(paths.dir)).toEqual(['sluice.db']);
    expect(readFileSync(paths.database).equals(bytes)).toBe(true);
  });

  it('[E8-27] [BUG-A33] a file that another program holds is trouble, too, and opens once it is let go of', () => {
    const paths = dataPaths(tempDir());
    openDatabase(paths, { nowMs: 0 }).close();
    const other = new Database(paths.database);
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('begin exclusive');
    expect(() => openDatabase(paths, { nowMs: 1 })).toThrow(expect.objectContaining({ kind: 'locked' }));
    other.exec('commit');
    other.close();
    openDatabase(paths, { nowMs: 2 }).close();
  });

  it('[E8-27] a full disk is a read-only state that ends by itself, and patient work is not lost', async () => {
    const clock = new ManualClock();
    const store = openStore(dataPaths(tempDir()), { clock });
    await store.committer.commit(() => store.sessions.insert(session('a')));
    const states: string[] = [];
    store.committer.onStorageChange((state) => states.push(state.state));
    const pages = store.db.pragma('page_count', { simple: true }) as number;
    store.db.pragma(`max_page_count = ${pages}`);
    const fill = () => store.settings.write({ theme: 'dark', defaultProfile: 'x'.repeat(200_000) });
    await expect(store.committer.commit(fill)).rejects.toMatchObject({ code: 'storage_full' });
    expect(store.committer.storage.state).toBe('read-only');
    const patient = store.committer.commit(fill, { patient: true });
    store.committer.flush();
    expect(store.sessions.get('a')?.id).toBe('a');
    store.db.pragma('max_page_count = 1000000');
    clock.advance(2000);
    await patient;
    expect(store.settings.read().defaultProfile).toHaveLength(200_000);
    expect(states).toEqual(['read-only', 'writable']);
    store.close();
  });

  it('[E8-21] another connection’s lock delays a write without blocking, and a lasting one is an error with a remedy', async () => {
    const clock = new ManualClock();
    const paths = dataPaths(tempDir());
    const store = openStore(paths, { clock });
    const other = new Database(paths.database);
    other.exec('begin immediate');
    const patient = store.committer.commit(() => store.sessions.insert(session('patient')), { patient: true });
    const impatient = store.committer.commit(() => store.sessions.insert(session('impatient')));
    const refused = expect(impatient).rejects.toMatchObject({ code: 'storage_unavailable', retry: { kind: 'after' } });
    store.committer.flush();
    for (let tries = 0; tries < 10; tries++) clock.advance(1000);
    await refused;
    other.exec('rollback');
    clock.advance(1000);
    await patient;
    expect(store.sessions.get('patient')).not.toBeNull();
    expect(store.sessions.get('impatient')).toBeNull();
    other.close();
    store.close();
  });

  it('[E8-15] work that throws costs its neighbours nothing, and all commit in order', async () => {
    const store = openStore(dataPaths(tempDir()), { clock: new ManualClock() });
    const heard: string[] = [];
    const results = await Promise.allSettled([
      store.committer.commit(() => store.sessions.insert(session('a')), { committed: () => heard.push('a') }),
      store.committer.commit(() => {
        store.sessions.insert(session('gone'));
        throw new AppFailure('conflict', 'no');
      }),
      store.committer.commit(() => store.sessions.insert(session('b')), { committed: () => heard.push('b') }),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(heard).toEqual(['a', 'b']);
    expect(store.sessions.get('gone')).toBeNull();
    store.close();
  });

  it('[E1-07] much work at once is spread over turns of the event loop, in its order', async () => {
    const store = openStore(dataPaths(tempDir()), { clock: new ManualClock() });
    const heard: number[] = [];
    let turns = 0;
    const count = () => {
      turns++;
      if (heard.length < 20) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.committer.commit(
          () => {
            const untilMs = performance.now() + 3;
            while (performance.now() < untilMs) continue;
          },
          { committed: () => heard.push(index) },
        ),
      ),
    );
    expect(heard).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(turns).toBeGreaterThan(4);
    store.close();
  });

  it('[BUG-C7] two live runs on one session are refused by the database itself', async () => {
    const store = openStore(dataPaths(tempDir()), { clock: new ManualClock() });
    const run = (id: string) => ({
      id,
      sessionId: 's',
      status: 'running' as const,
      options: { profile: 'demo', model: null, instructions: null, reasoningEffort: null },
      queueId: id,
      idempotencyKey: null,
      followUpToRunId: null,
      stateBefore: null,
      createdAtMs: 1,
    });
    await store.committer.commit(() => {
      store.sessions.insert(session('s'));
      store.runs.insert(run('r1'));
    });
    await expect(store.committer.commit(() => store.runs.insert(run('r2')))).rejects.toThrow(/UNIQUE/);
    store.close();
  });

  it('[E1-01] a second host is told who holds the data directory', () => {
    const paths = dataPaths(tempDir());
    const lock = acquireHostLock(paths, { pid: 4242, host: 'headless', startedAtMs: 1 });
    expect(() => acquireHostLock(paths, { pid: 1, host: 'electron', startedAtMs: 2 })).toThrow(/process 4242/);
    lock.release();
    acquireHostLock(paths, { pid: 1, host: 'electron', startedAtMs: 3 }).release();
  });
});

describe('a damaged file', () => {
  function damage(path: string, from: number, to: number): void {
    const bytes = readFileSync(path);
    bytes.fill(0x5a, from, Math.min(to, bytes.length));
    writeFileSync(path, bytes);
  }

  for (const [name, from, to] of [
    ['its middle', 4096, 60_000],
    ['its second page', 4096, 8192],
    ['all but its header', 100, 1_000_000],
  ] as const) {
    it(`[E8-27] [BUG-A33] ${name}: the start leaves it byte for byte to a person's choice, or reads what can be read`, async () => {
      const paths = dataPaths(tempDir());
      const clock = new ManualClock();
      const store = openStore(paths, { clock });
      await store.committer.commit(() => {
        for (let index = 0; index < 200; index++) store.sessions.insert(session(`s${index}`));
      });
      store.close();
      damage(paths.database, from, to);
      const bytes = readFileSync(paths.database);
      try {
        const again = openStore(paths, { clock });
        // Whatever is damaged, what the first minute needs can be read.
        expect(() => again.sessions.list(50, 0)).not.toThrow();
        again.close();
      } catch (thrown) {
        expect(thrown).toMatchObject({ kind: 'damaged' });
        expect(readFileSync(paths.database).equals(bytes)).toBe(true);
        expect(readdirSync(paths.dir).filter((file) => file.includes('unreadable'))).toEqual([]);
      }
    });
  }

  it('[E8-27] damage that is met later makes the store read-only, with a sentence', async () => {
    const store = openStore(dataPaths(tempDir()), { clock: new ManualClock() });
    store.committer.reportDamage();
    expect(store.committer.storage).toMatchObject({ state: 'read-only' });
    await expect(store.committer.commit(() => store.sessions.insert(session('a')))).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    store.close();
  });
});
