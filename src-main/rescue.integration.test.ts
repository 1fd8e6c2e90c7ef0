import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemDisk } from './platform/disk.ts';
import { dataPaths } from './platform/paths.ts';
import { backUpLive } from './store/backup.ts';
import { openDatabase } from './store/database.ts';
import { inspectStore } from './store/inspect-store.ts';
import { type HeadlessProcess, startHeadlessProcess, TOKEN } from './testing/headless-process.ts';
import { tempDir } from './testing/temp-dir.ts';

async function open(dir: string): Promise<HeadlessProcess> {
  const host = await startHeadlessProcess(dir);
  onTestFinished(() => host.kill());
  return host;
}

/** A data directory with two conversations, and a backup that has one of them. */
async function scene(): Promise<{ dir: string; file: string }> {
  const dir = tempDir();
  const paths = dataPaths(dir);
  const db = openDatabase(paths, { nowMs: 0 });
  const insert = db.prepare('insert into sessions (id, title, created_at_ms, updated_at_ms) values (?, ?, 1, 1)');
  insert.run('s1', 'First');
  const { file } = await backUpLive(paths.database, paths.backups, { reason: 'asked', nowMs: 1000, disk: systemDisk });
  insert.run('s2', 'Second');
  db.close();
  return { dir, file };
}

/** Damages what the list of conversations is read by, as a bad sector would; the rows themselves stay. */
function damageList(database: string): void {
  const db = new Database(database);
  const page = db.prepare("select rootpage from sqlite_schema where name = 'sessions_in_list'").pluck().get() as number;
  const size = db.pragma('page_size', { simple: true }) as number;
  db.close();
  const bytes = readFileSync(database);
  bytes.fill(0xa5, (page - 1) * size, page * size);
  writeFileSync(database, bytes);
}

/** Waits until the host has opened its store anew. */
async function reopened(host: HeadlessProcess, before: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const now = await host.request('data.store', {});
      expect(now.ok && now.data.generation !== before).toBe(true);
    },
    { timeout: 20_000, interval: 50 },
  );
}

const storeOf = async (host: HeadlessProcess) => {
  const answer = await host.request('data.store', {});
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.data;
};

const titles = async (host: HeadlessProcess) => {
  const answer = await host.request('sessions.list', {});
  return answer.ok ? answer.data.sessions.map((each) => each.title).sort() : answer.error.code;
};

describe('conversations that cannot be opened', () => {
  it('[E8-27] [BUG-A33] damaged: the host serves the choice, changes nothing by itself, and a backup brings them back', async () => {
    const { dir, file } = await scene();
    const { database, backups } = dataPaths(dir);
    damageList(database);
    const bytes = readFileSync(database);
    const host = await open(dir);
    expect(host.stderr()).toContain('damaged');
    const before = await storeOf(host);
    expect(before.trouble).toMatchObject({ kind: 'damaged', dataDir: dir, canShowFolder: false });
    expect(await titles(host)).toBe('storage_unavailable');
    expect(await host.request('app.info', {})).toMatchObject({ ok: false, error: { details: { trouble: 'damaged' } } });
    // Programs are told, too, each in its own way.
    const program = await fetch(`${host.url}/v1/models`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(program.status).toBe(503);
    const listed = await host.request('data.backups', {});
    expect(listed).toMatchObject({ ok: true, data: { backups: [{ file, conversations: 1, defect: null }] } });
    // What can be read comes out, and the file stays as it is.
    const job = await host.request('data.export', {});
    const jobId = job.ok ? job.data.jobId : '';
    await vi.waitFor(
      async () => {
        const now = await host.request('data.job', { jobId });
        expect(now).toMatchObject({ ok: true, data: { state: 'done', exported: { conversations: 2 } } });
      },
      { timeout: 20_000, interval: 50 },
    );
    const piece = await host.request('data.exportRead', { jobId, offsetBytes: 0 });
    expect(piece.ok && Buffer.from(piece.data.data, 'base64').subarray(0, 2).toString()).toBe('PK');
    expect(readFileSync(database).equals(bytes)).toBe(true);

    expect(await host.request('data.restore', { file })).toMatchObject({ ok: true });
    await reopened(host, before.generation);
    expect((await storeOf(host)).trouble).toBeNull();
    expect(await titles(host)).toEqual(['First']);
    const info = await host.request('app.info', {});
    expect(info.ok && info.data.notice?.message).toContain('unreadable');
    const aside = readdirSync(dir).find((name) => name.includes('unreadable'));
    expect(readFileSync(`${dir}/${aside ?? ''}`).equals(bytes)).toBe(true);
    expect(readdirSync(backups)).toEqual([file]);
    expect(await host.stop()).toBe(0);
  }, 60_000);

  it('[E8-27] [BUG-A33] damaged: an empty beginning keeps the damaged file byte for byte', async () => {
    const dir = tempDir();
    const { database } = dataPaths(dir);
    const bytes = Buffer.from('no database at all, and yet somebody may want it '.repeat(50));
    writeFileSync(database, bytes);
    const host = await open(dir);
    const before = await storeOf(host);
    // Of this one nothing can be read, and the export says so.
    const job = await host.request('data.export', {});
    const jobId = job.ok ? job.data.jobId : '';
    await vi.waitFor(async () => {
      const now = await host.request('data.job', { jobId });
      expect(now).toMatchObject({
        ok: true,
        data: { state: 'failed', message: expect.stringContaining('Nothing in this file') as string },
      });
    }, 20_000);
    await host.request('data.startEmpty', {});
    await reopened(host, before.generation);
    expect(await titles(host)).toEqual([]);
    const aside = readdirSync(dir).find((name) => name.includes('unreadable'));
    expect(readFileSync(`${dir}/${aside ?? ''}`).equals(bytes)).toBe(true);
  }, 60_000);

  it('[E8-27] [BUG-A33] emptied: a file without a byte is no beginning where there are backups, and one of them brings them back', async () => {
    const { dir, file } = await scene();
    const { database } = dataPaths(dir);
    truncateSync(database, 0);
    for (const suffix of ['-wal', '-shm']) rmSync(database + suffix, { force: true });
    expect(await inspectStore(database)).toMatchObject({ state: 'damaged' });
    const host = await open(dir);
    expect(host.stderr()).toContain('empty');
    const before = await storeOf(host);
    expect(before.trouble).toMatchObject({ kind: 'damaged', said: { word: 'trouble_emptied' } });
    expect(statSync(database).size).toBe(0);
    expect(await host.request('data.restore', { file })).toMatchObject({ ok: true });
    await reopened(host, before.generation);
    expect(await titles(host)).toEqual(['First']);
  });

  it('[E8-27] a first start that was broken off before its first page begins anew', async () => {
    const dir = tempDir();
    writeFileSync(dataPaths(dir).database, '');
    const host = await open(dir);
    expect((await storeOf(host)).trouble).toBeNull();
    expect(await titles(host)).toEqual([]);
  });

  it('[E8-27] locked by another program: nothing may be begun beside it, and once it lets go all is there', async () => {
    const { dir } = await scene();
    const other = new Database(dataPaths(dir).database);
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('begin exclusive');
    const host = await open(dir);
    const before = await storeOf(host);
    expect(before.trouble?.kind).toBe('locked');
    expect(await host.request('data.startEmpty', {})).toMatchObject({ ok: false, error: { code: 'conflict' } });
    await host.request('data.reopen', {});
    await reopened(host, before.generation);
    const still = await storeOf(host);
    expect(still.trouble?.kind).toBe('locked');
    other.exec('commit');
    other.close();
    await host.request('data.reopen', {});
    await reopened(host, still.generation);
    expect(await titles(host)).toEqual(['First', 'Second']);
  }, 60_000);

  it('[E8-27] written by a newer Sluice: refused with a sentence, and the page says it', async () => {
    const { dir } = await scene();
    const db = new Database(dataPaths(dir).database);
    db.pragma('user_version = 9999');
    db.close();
    const bytes = readFileSync(dataPaths(dir).database);
    const host = await open(dir);
    expect((await storeOf(host)).trouble).toMatchObject({
      kind: 'newer',
      message: expect.stringContaining('newer Sluice') as string,
    });
    expect(await host.stop()).toBe(0);
    expect(readFileSync(dataPaths(dir).database).equals(bytes)).toBe(true);
  }, 60_000);
});

describe('a restore while all is well', () => {
  it('[E8-27] opens anew in the same process, keeps what was there as a backup, and can be taken back', async () => {
    const { dir, file } = await scene();
    const host = await open(dir);
    const first = await storeOf(host);
    expect(await titles(host)).toEqual(['First', 'Second']);
    await host.request('data.restore', { file });
    await reopened(host, first.generation);
    expect(await titles(host)).toEqual(['First']);
    const listed = await host.request('data.backups', {});
    const kept = listed.ok ? listed.data.backups.find((each) => each.reason === 'restore') : undefined;
    expect(kept).toMatchObject({ conversations: 2, defect: null });
    const second = await storeOf(host);
    await host.request('data.restore', { file: kept?.file ?? '' });
    await reopened(host, second.generation);
    expect(await titles(host)).toEqual(['First', 'Second']);
    expect(await host.stop()).toBe(0);
  }, 60_000);

  it('[E8-27] [BUG-A33] a backup that has rotted is refused, and the host goes on as it was', async () => {
    const { dir, file } = await scene();
    const host = await open(dir);
    const before = await storeOf(host);
    truncateSync(`${dataPaths(dir).backups}/${file}`, 20_000);
    expect(await host.request('data.restore', { file })).toMatchObject({
      ok: false,
      error: { code: 'invalid_payload', message: expect.stringContaining('cannot be trusted') as string },
    });
    expect(await host.request('data.restore', { file: '../sluice.db' })).toMatchObject({
      error: { code: 'not_found' },
    });
    expect((await storeOf(host)).generation).toBe(before.generation);
    expect(await titles(host)).toEqual(['First', 'Second']);
    expect(await host.request('data.startEmpty', {})).toMatchObject({ error: { code: 'conflict' } });
  }, 60_000);

  it('[E8-27] a backup on request is listed with its date and counts, and can be deleted', async () => {
    const { dir } = await scene();
    const host = await open(dir);
    const made = await host.request('data.backUp', {});
    expect(made).toMatchObject({ ok: true, data: { reason: 'asked', conversations: 2, defect: null } });
    const file = made.ok ? made.data.file : '';
    expect(await host.request('data.deleteBackup', { file })).toMatchObject({ ok: true });
    const listed = await host.request('data.backups', {});
    expect(listed.ok && listed.data.backups.map((each) => each.conversations)).toEqual([1]);
  }, 60_000);
});
