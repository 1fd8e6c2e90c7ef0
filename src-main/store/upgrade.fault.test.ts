import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Disk, systemDisk } from '../platform/disk.ts';
import { type DataPaths, dataPaths } from '../platform/paths.ts';
import { type Contents, readContents, SHIPPED_VERSIONS, writeSchemaFixture } from '../testing/schema-fixtures.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { findBackupDefect, rowCounts } from './backup.ts';
import { openDatabase } from './database.ts';
import { type Migration, migrations } from './migrations/index.ts';
import { StoreTrouble } from './store-trouble.ts';

/** One step beyond today's schema, so that today's is upgraded, too. It rebuilds a table as a real one may. */
const NEXT: Migration = {
  version: (migrations.at(-1)?.version ?? 0) + 1,
  name: 'next',
  sql: `alter table sessions add column colour text;
create table extra (id text primary key) strict;
update sessions set colour = 'blue';
insert into extra select id from sessions;
`,
};
const ALL = [...migrations, NEXT];

const FAILURES = {
  'a failing disk': () => Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }),
  'a full disk': () => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }),
};

/** Points that an upgrade passes, in order; at one of them it fails. */
class Points {
  readonly passed: string[] = [];
  readonly #failAt: number;
  readonly #failure: () => Error;

  constructor(failAt = -1, failure: () => Error = FAILURES['a failing disk']) {
    this.#failAt = failAt;
    this.#failure = failure;
  }

  pass(name: string): void {
    this.passed.push(name);
    if (this.passed.length - 1 === this.#failAt) throw this.#failure();
  }

  /** The real disk, with a point before each step and, where a step changes names, after it. */
  disk(): Disk {
    return {
      freeBytes: (dir) => {
        this.pass('free space');
        return systemDisk.freeBytes(dir);
      },
      copy: (from, to) => {
        this.pass('copy');
        systemDisk.copy(from, to);
        this.pass('copied');
      },
      sync: (path) => {
        this.pass(statSync(path).isDirectory() ? 'sync of the folder' : 'sync of a file');
        // What a test has to wait for is the order, not the disk.
      },
      rename: (from, to) => {
        this.pass('rename');
        systemDisk.rename(from, to);
        this.pass('renamed');
      },
      remove: (path) => systemDisk.remove(path),
    };
  }

  /** A point before every statement of a migration, before each commit and before each look at what was written. */
  async within<T>(task: () => T): Promise<T> {
    const { exec, pragma } = Database.prototype;
    const points = this;
    Database.prototype.exec = function (this: Database.Database, sql: string) {
      for (const statement of sql.split(/;\s*\n(?!end;)/)) {
        if (statement.trim() === '') continue;
        points.pass('statement');
        exec.call(this, statement);
      }
      return this;
    };
    Database.prototype.pragma = function (this: Database.Database, source: string, options?: Database.PragmaOptions) {
      if (/^(user_version =|quick_check|foreign_key_check|data_version|journal_mode)/.test(source))
        points.pass(source.split(' =')[0] ?? source);
      return pragma.call(this, source, options);
    };
    try {
      return task();
    } finally {
      Database.prototype.exec = exec;
      Database.prototype.pragma = pragma;
    }
  }
}

/** A thousand starts wait for no disk. */
const UNSYNCED: Disk = { ...systemDisk, sync: () => undefined };

function folderWith(fixture: string): DataPaths {
  const paths = dataPaths(tempDir());
  mkdirSync(paths.dir, { recursive: true });
  copyFileSync(fixture, paths.database);
  return paths;
}

/** Every row that was there is there, whichever schema holds it by now; and every backup is whole. Returns the schema. */
function assertNothingLost(paths: DataPaths, before: Contents, label: string): number {
  const db = new Database(paths.database);
  expect(db.pragma('integrity_check', { simple: true }), label).toBe('ok');
  expect(readContents(db, before), label).toEqual(before);
  const version = db.pragma('user_version', { simple: true }) as number;
  db.close();
  if (!existsSync(paths.backups)) return version;
  for (const file of readdirSync(paths.backups).filter((name) => name.endsWith('.db'))) {
    const backup = new Database(join(paths.backups, file), { readonly: true });
    expect(readContents(backup), `${label}: ${file}`).toEqual(before);
    expect(findBackupDefect(rowCounts(backup), backup.name), label).toBeNull();
    backup.close();
  }
  return version;
}

/** What a folder holds, to the byte: two folders of which this is the same are the same to every later start. */
function folderDigest(dir: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(dir, name);
    const status = statSync(path);
    hash.update(JSON.stringify([name, status.mode]));
    if (status.isFile()) hash.update(createHash('sha256').update(readFileSync(path)).digest());
  }
  return hash.digest('hex');
}

const totals = { schemas: 0, points: 0, failures: 0, leftBehind: 0 };

describe('an upgrade that fails', () => {
  const dir = () => tempDir();
  for (const version of SHIPPED_VERSIONS) {
    it(`[E8-27] [BUG-A33] schema ${version}: at every step and in both ways nothing is lost, and the next start succeeds`, async () => {
      const fixture = join(dir(), 'fixture.db');
      writeSchemaFixture(fixture, version);
      const source = new Database(fixture, { readonly: true });
      const before = readContents(source);
      for (const [table, { rows }] of before.tables) expect(rows, `${table} of the fixture is empty`).not.toBe('[]');
      source.close();

      const whole = new Points();
      const wholePaths = folderWith(fixture);
      (await whole.within(() => openDatabase(wholePaths, { nowMs: 1, migrations: ALL, disk: whole.disk() }))).close();
      expect(assertNothingLost(wholePaths, before, 'without a failure')).toBe(NEXT.version);
      // One backup for the whole way, and it holds the schema that the person had.
      expect(readdirSync(wholePaths.backups)).toEqual([expect.stringMatching(`^before-v${NEXT.version}-`)]);

      const versions = new Set<number>();
      // Most failures leave the same bytes behind. What a start finds of them, and makes of them, is looked at once for each.
      const seen = new Set<string>();
      for (const [kind, failure] of Object.entries(FAILURES)) {
        for (let at = 0; at < whole.passed.length; at++) {
          const label = `schema ${version}, ${kind} at ${at} (${whole.passed[at] ?? ''})`;
          const paths = folderWith(fixture);
          const points = new Points(at, failure);
          const thrown = await points.within(() => {
            try {
              openDatabase(paths, { nowMs: 1, migrations: ALL, disk: points.disk() }).close();
              return null;
            } catch (caught) {
              return caught;
            }
          });
          expect(points.passed, label).toHaveLength(at + 1);
          expect(thrown, label).toBeInstanceOf(Error);
          if (thrown instanceof StoreTrouble) expect(thrown.message, label).toMatch(/\.$/);
          totals.failures++;
          const left = folderDigest(paths.dir);
          if (seen.has(left)) continue;
          seen.add(left);
          versions.add(assertNothingLost(paths, before, label));
          openDatabase(paths, { nowMs: 2, migrations: ALL, disk: UNSYNCED }).close();
          expect(assertNothingLost(paths, before, `${label}, started again`)).toBe(NEXT.version);
          expect(
            readdirSync(paths.dir).filter((name) => /upgrading|partial|unreadable/.test(name)),
            label,
          ).toEqual([]);
        }
      }
      totals.leftBehind += seen.size;
      // The switch is one step: there is nothing between the old schema and the newest.
      expect([...versions].sort((a, b) => a - b)).toEqual([version, NEXT.version]);
      totals.schemas++;
      totals.points += whole.passed.length;
    }, 120_000);
  }

  it('[E8-27] on a disk that is really full, however little is left', async ({ skip }) => {
    const small = tempDir();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small], { encoding: 'utf8' });
    if (mounted.status !== 0)
      skip(`No small disk can be made here: ${mounted.stderr?.trim() || 'mount did not start'}`);
    onTestFinished(() => void spawnSync('umount', ['-l', small]));
    const fixture = join(tempDir(), 'fixture.db');
    writeSchemaFixture(fixture, 1);
    const sizeBytes = statSync(fixture).size;
    const source = new Database(fixture, { readonly: true });
    const before = readContents(source);
    source.close();
    // The preflight would refuse all of these; this is what holds where something else fills the disk after it.
    const disk: Disk = { ...systemDisk, freeBytes: () => Number.MAX_SAFE_INTEGER };
    let refused = 0;
    for (let leftBytes = 0; leftBytes < 5 * sizeBytes; leftBytes += 16 * 1024) {
      const paths = dataPaths(join(small, `left-${leftBytes}`));
      mkdirSync(paths.dir);
      copyFileSync(fixture, paths.database);
      const free = systemDisk.freeBytes(small);
      writeFileSync(join(small, 'ballast'), Buffer.alloc(Math.max(0, free - leftBytes)));
      try {
        openDatabase(paths, { nowMs: 1, migrations: ALL, disk }).close();
      } catch (thrown) {
        expect(thrown).toMatchObject({ kind: 'full', code: 'storage_full' });
        refused++;
      }
      systemDisk.remove(join(small, 'ballast'));
      assertNothingLost(paths, before, `${leftBytes} bytes left`);
      openDatabase(paths, { nowMs: 2, migrations: ALL, disk }).close();
      expect(assertNothingLost(paths, before, 'with room again')).toBe(NEXT.version);
      spawnSync('rm', ['-r', paths.dir]);
    }
    expect(refused).toBeGreaterThan(3);
  }, 60_000);

  it('[E8-27] without room it is refused before anything is written, with both sizes', () => {
    const fixture = join(tempDir(), 'fixture.db');
    writeSchemaFixture(fixture, 1);
    const paths = folderWith(fixture);
    const disk: Disk = { ...systemDisk, freeBytes: () => 3_000_000 };
    expect(() => openDatabase(paths, { nowMs: 1, migrations: ALL, disk })).toThrow(
      /not enough room .*: 18 MB are needed and 3 MB are free/,
    );
    expect(readdirSync(paths.backups)).toEqual([]);
  });

  it('[E8-27] while another program has the file open it waits for a person, and changes nothing', () => {
    const fixture = join(tempDir(), 'fixture.db');
    writeSchemaFixture(fixture, 2);
    const paths = folderWith(fixture);
    const other = new Database(paths.database);
    other.pragma('journal_mode = WAL');
    other.exec('begin');
    other.prepare('select * from sessions').all();
    expect(() => openDatabase(paths, { nowMs: 1, migrations: ALL })).toThrow(
      expect.objectContaining({ kind: 'locked' }),
    );
    other.exec('commit');
    other.close();
    openDatabase(paths, { nowMs: 2, migrations: ALL }).close();
  });

  afterAll(() => {
    process.stdout.write(
      `upgrade matrix: ${totals.schemas} schemas × ${totals.points} failure points × ${Object.keys(FAILURES).length} ways = ${totals.failures} failures that left ${totals.leftBehind} different folders, no row lost\n`,
    );
  });
});
