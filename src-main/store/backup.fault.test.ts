import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type Disk, systemDisk } from '../platform/disk.ts';
import { dataPaths } from '../platform/paths.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { backUpLive, KEPT_BACKUPS, listBackups } from './backup.ts';
import { openDatabase } from './database.ts';
import { initial } from './migrations/0001-initial.ts';
import { migrations } from './migrations/index.ts';
import { restoreBackup } from './restore.ts';

/** Damages each copy as soon as it is written, as a disk that lies would; everything else is the real thing. */
function lyingDisk(damage: (path: string) => void): Disk {
  return {
    ...systemDisk,
    copy(from, to) {
      systemDisk.copy(from, to);
      damage(to);
    },
  };
}

const insertSession = (db: Database.Database, id: string) =>
  db
    .prepare('insert into sessions (id, title, created_at_ms, updated_at_ms) values (?, ?, 1, 1)')
    .run(id, 'x'.repeat(200));

function fill(db: Database.Database): void {
  for (let at = 0; at < 200; at++) insertSession(db, `s${at}`);
}

const DAMAGES: [string, (path: string) => void][] = [
  ['cut short', (path) => truncateSync(path, 20_000)],
  ['cut to nothing', (path) => truncateSync(path, 0)],
  [
    'short of a row',
    (path) => {
      const copy = new Database(path);
      copy.exec("delete from sessions where id = 's7'");
      copy.close();
    },
  ],
];

const sessionsIn = (path: string): number => {
  const db = new Database(path, { readonly: true });
  const count = db.prepare('select count(*) from sessions').pluck().get() as number;
  db.close();
  return count;
};

describe('a backup that went wrong', () => {
  for (const [name, damage] of DAMAGES) {
    it(`[BUG-A33] [decision 39] ${name}: it never counts as one, and the migration that it was for does not happen`, async () => {
      const paths = dataPaths(tempDir());
      const db = openDatabase(paths, { nowMs: 0, migrations: [initial] });
      fill(db);
      const good = await backUpLive(paths.database, paths.backups, { reason: 'asked', nowMs: 0, disk: systemDisk });
      const bytes = readFileSync(join(paths.backups, good.file));
      db.close();
      const next = { version: 2, name: 'next', sql: 'create table extra (id text primary key) strict;' };
      expect(() => openDatabase(paths, { nowMs: 1, migrations: [initial, next], disk: lyingDisk(damage) })).toThrow(
        /could not be trusted/,
      );
      expect(readdirSync(paths.backups)).toEqual([good.file]);
      expect(readFileSync(join(paths.backups, good.file)).equals(bytes)).toBe(true);
      const left = new Database(paths.database, { readonly: true });
      expect(left.pragma('user_version', { simple: true })).toBe(1);
      left.close();
      expect(sessionsIn(paths.database)).toBe(200);
    });

    it(`[BUG-A33] ${name}: a bad backup never takes the place of a good database`, async () => {
      const paths = dataPaths(tempDir());
      const db = openDatabase(paths, { nowMs: 0 });
      fill(db);
      const { file } = await backUpLive(paths.database, paths.backups, { reason: 'asked', nowMs: 0, disk: systemDisk });
      insertSession(db, 'newer');
      db.close();
      expect(() => restoreBackup(paths, file, { nowMs: 1, disk: lyingDisk(damage) })).toThrow(/cannot be trusted/);
      if (name !== 'short of a row') {
        // Also where the backup itself has rotted.
        damage(join(paths.backups, file));
        expect(() => restoreBackup(paths, file, { nowMs: 1, disk: systemDisk })).toThrow(/cannot be trusted/);
      }
      expect(sessionsIn(paths.database)).toBe(201);
    });
  }
});

describe('a backup of a database in use', () => {
  it('[E8-27] holds one moment, whatever is written meanwhile, and says what it holds', async () => {
    const paths = dataPaths(tempDir());
    const db = openDatabase(paths, { nowMs: 0 });
    fill(db);
    let steps = 0;
    const backup = await backUpLive(paths.database, paths.backups, {
      reason: 'asked',
      nowMs: Date.UTC(2026, 10, 21, 12),
      disk: systemDisk,
      onProgress: () => insertSession(db, `later${steps++}`),
    });
    expect(steps).toBeGreaterThan(0);
    expect(backup).toMatchObject({
      reason: 'asked',
      createdAtMs: Date.UTC(2026, 10, 21, 12),
      schemaVersion: migrations.at(-1)?.version,
      conversations: 200,
      messages: 0,
      defect: null,
    });
    expect(sessionsIn(paths.database)).toBe(200 + steps);
    // A look at it leaves nothing beside it.
    expect(readdirSync(paths.backups)).toEqual([backup.file]);
    db.close();
  });

  it('[E8-27] without room nothing is begun, and older ones stay', async () => {
    const paths = dataPaths(tempDir());
    openDatabase(paths, { nowMs: 0 }).close();
    const disk = { ...systemDisk, freeBytes: () => 1_000_000 };
    await expect(backUpLive(paths.database, paths.backups, { reason: 'asked', nowMs: 0, disk })).rejects.toMatchObject({
      code: 'storage_full',
      details: { freeBytes: 1_000_000 },
    });
    expect(readdirSync(paths.backups)).toEqual([]);
  });

  it('[E8-27] the newest three of each reason stay, so that asking for one costs none of the others', async () => {
    const paths = dataPaths(tempDir());
    openDatabase(paths, { nowMs: 0 }).close();
    for (let day = 1; day <= 5; day++) {
      for (const reason of ['asked', 'regular'] as const)
        await backUpLive(paths.database, paths.backups, { reason, nowMs: day * 86_400_000, disk: systemDisk });
    }
    const listed = listBackups(paths.backups);
    expect(listed.map((each) => each.createdAtMs / 86_400_000)).toEqual([5, 5, 4, 4, 3, 3]);
    expect(listed.filter((each) => each.reason === 'asked')).toHaveLength(KEPT_BACKUPS);
  });
});

describe('restoring', () => {
  it('[E8-27] [BUG-A33] puts the backup in place and keeps the database that was there as one', async () => {
    const paths = dataPaths(tempDir());
    const db = openDatabase(paths, { nowMs: 0 });
    fill(db);
    const { file } = await backUpLive(paths.database, paths.backups, { reason: 'asked', nowMs: 0, disk: systemDisk });
    insertSession(db, 'newer');
    db.close();
    const kept = restoreBackup(paths, file, { nowMs: 1000, disk: systemDisk });
    expect(sessionsIn(paths.database)).toBe(200);
    expect(sessionsIn(kept ?? '')).toBe(201);
    expect(listBackups(paths.backups).map(({ reason, conversations }) => [reason, conversations])).toEqual([
      ['restore', 201],
      ['asked', 200],
    ]);
  });

  it('[E8-27] [BUG-A33] sets a damaged database aside byte for byte', async () => {
    const paths = dataPaths(tempDir());
    const db = openDatabase(paths, { nowMs: 0 });
    fill(db);
    const { file } = await backUpLive(paths.database, paths.backups, { reason: 'asked', nowMs: 0, disk: systemDisk });
    db.close();
    truncateSync(paths.database, 30_000);
    const bytes = readFileSync(paths.database);
    const kept = restoreBackup(paths, file, { nowMs: 1000, disk: systemDisk });
    expect(readFileSync(kept ?? '').equals(bytes)).toBe(true);
    expect(sessionsIn(paths.database)).toBe(200);
  });

  it('[E8-27] broken off at any step it leaves the old database or the new one, and nothing is lost', async () => {
    const scene = async () => {
      const paths = dataPaths(tempDir());
      const db = openDatabase(paths, { nowMs: 0 });
      fill(db);
      const { file } = await backUpLive(paths.database, paths.backups, { reason: 'asked', nowMs: 0, disk: systemDisk });
      insertSession(db, 'newer');
      db.close();
      return { paths, file };
    };
    const seen = new Set<number>();
    let steps = Number.POSITIVE_INFINITY;
    for (let failAt = 0; failAt < steps; failAt++) {
      const { paths, file } = await scene();
      let step = 0;
      const pass = () => {
        if (step++ === failAt) throw new Error('cut off');
      };
      const disk: Disk = {
        ...systemDisk,
        copy: (from, to) => {
          pass();
          systemDisk.copy(from, to);
          pass();
        },
        rename: (from, to) => {
          pass();
          systemDisk.rename(from, to);
          pass();
        },
        sync: () => pass(),
      };
      try {
        restoreBackup(paths, file, { nowMs: 1000, disk });
        steps = 0;
      } catch (thrown) {
        expect(thrown).toMatchObject({ message: 'cut off' });
      }
      // As the next start finds it.
      openDatabase(paths, { nowMs: 2000 }).close();
      const now = sessionsIn(paths.database);
      seen.add(now);
      const others = listBackups(paths.backups).map((each) => each.conversations);
      expect(now === 201 || others.includes(201), `after step ${failAt}`).toBe(true);
      expect(now, `after step ${failAt}`).toBeGreaterThanOrEqual(200);
      expect(readdirSync(paths.dir).filter((name) => /copying|restoring/.test(name))).toEqual([]);
    }
    expect([...seen].sort()).toEqual([200, 201]);
  });

  it('[BUG-A31] a name that leads elsewhere is no backup', () => {
    const paths = dataPaths(tempDir());
    openDatabase(paths, { nowMs: 0 }).close();
    for (const file of ['../sluice.db', 'asked-2026-11-21T12-00-00-000Z.db/../../sluice.db', 'x.db', '']) {
      expect(() => restoreBackup(paths, file, { nowMs: 1, disk: systemDisk })).toThrow(/no such backup/);
    }
  });
});
