import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { dataPaths } from '../platform/paths.ts';
import { SLOW_VERSION, slow } from '../testing/kill-migration.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { openDatabase } from './database.ts';
import { initial } from './migrations/0001-initial.ts';
import { migrations } from './migrations/index.ts';

const CHILD = fileURLToPath(new URL('../testing/kill-migration.ts', import.meta.url));
const SESSIONS = 3;
const MESSAGES_EACH = 12;
/** A child takes a third of a second; every point is a child. */
const CHILD_WITHIN_MS = 20_000;
/** Points tried beside those at the beginning and the end, and where a version is complete. */
const POINTS_BETWEEN = 8;

/** A database as version 1 left it, with rows in every table that people care about. */
function writeOldDatabase(dir: string): void {
  const db = openDatabase(dataPaths(dir), { nowMs: 0, migrations: [initial] });
  const session = db.prepare(
    'insert into sessions (id, title, last_seq, created_at_ms, updated_at_ms) values (?, ?, 1, 1, 1)',
  );
  const run = db.prepare(
    "insert into runs (id, session_id, status, profile, queue_id, created_at_ms) values (?, ?, 'success', 'p', ?, 1)",
  );
  const message = db.prepare(
    "insert into messages (id, session_id, run_id, position, role, content, status, created_at_ms) values (?, ?, ?, ?, 'user', ?, 'final', 1)",
  );
  const event = db.prepare(
    "insert into run_events (session_id, seq, event, payload, at_ms) values (?, 1, 'x', '{}', 1)",
  );
  const item = db.prepare(
    "insert into queued_runs (queue_id, session_id, run_id, position, input, options, created_at_ms) values (?, ?, ?, 1, '\"later\"', '{}', 1)",
  );
  db.transaction(() => {
    for (let at = 0; at < SESSIONS; at++) {
      session.run(`s${at}`, `Session ${at}`);
      run.run(`r${at}`, `s${at}`, `q${at}`);
      event.run(`s${at}`);
      item.run(`w${at}`, `s${at}`, `later${at}`);
      for (let row = 0; row < MESSAGES_EACH; row++)
        message.run(`s${at}m${row}`, `s${at}`, `r${at}`, row, `Grüße ${at}/${row} ${'x'.repeat(500)}`);
    }
  })();
  db.close();
}

/** Everything that was there before, whatever columns it has by now. */
function contentsOf(db: Database.Database): unknown {
  return {
    integrity: db.pragma('integrity_check', { simple: true }),
    sessions: db.prepare('select id, title, last_seq from sessions order by id').all(),
    runs: db.prepare('select id, session_id, status, queue_id from runs order by id').all(),
    messages: db.prepare('select id, session_id, run_id, position, content from messages order by id').all(),
    events: db.prepare('select session_id, seq, payload from run_events order by session_id, seq').all(),
    queue: db.prepare('select queue_id, session_id, run_id, input from queued_runs order by queue_id').all(),
  };
}

const isHalfThere = (db: Database.Database) => ({
  table: db.prepare("select count(*) from sqlite_schema where name in ('half', 'half_by_id')").pluck().get() as number,
  column: db
    .prepare("select count(*) from pragma_table_info('sessions') where name = 'colour'")
    .pluck()
    .get() as number,
});

function migrateInChild(dir: string, point: number): { passed: number; ends: number[]; signal: string | null } {
  const child = spawnSync(process.execPath, [CHILD, dir, String(point)], {
    encoding: 'utf8',
    timeout: CHILD_WITHIN_MS,
  });
  if (child.status !== 0 && child.signal !== 'SIGKILL') throw new Error(child.stderr);
  const told = child.signal === null ? child.stdout : '{ "passed": 0, "ends": [] }';
  return { ...(JSON.parse(told) as { passed: number; ends: number[] }), signal: child.signal };
}

describe('a migration in a process that is killed', () => {
  it('[E8-27] [BUG-A33] at any point: the database is of one version or the other with every row, and a backup is whole or none', () => {
    const old = tempDir();
    writeOldDatabase(old);
    const source = new Database(dataPaths(old).database, { readonly: true });
    const wanted = contentsOf(source);
    source.close();

    const untouched = tempDir();
    cpSync(old, untouched, { recursive: true });
    const { passed, ends } = migrateInChild(untouched, 0);
    expect(passed).toBeGreaterThan(SESSIONS * MESSAGES_EACH);

    // Rows of the slow update look alike; the points around the backup and at both ends of the transaction do not.
    const isSpecial = (point: number) =>
      point <= 4 || point > passed - 4 || ends.some((end) => Math.abs(point - end) <= 1);
    const step = Math.ceil(passed / POINTS_BETWEEN);
    const points = Array.from({ length: passed }, (_, index) => index + 1).filter(
      (point) => isSpecial(point) || point % step === 0,
    );
    const versions = new Set<number>();
    for (const point of points) {
      const dir = tempDir();
      cpSync(old, dir, { recursive: true });
      const paths = dataPaths(dir);
      expect(migrateInChild(dir, point).signal, `point ${point}`).toBe('SIGKILL');

      // As it was left, before anything of ours puts it in order.
      const left = new Database(paths.database);
      const version = left.pragma('user_version', { simple: true }) as number;
      versions.add(version);
      expect(contentsOf(left), `point ${point}`).toEqual(wanted);
      const half = version === SLOW_VERSION ? { table: 2, column: 1 } : { table: 0, column: 0 };
      expect(isHalfThere(left), `point ${point}`).toEqual(half);
      left.close();
      const backups = existsSync(paths.backups)
        ? readdirSync(paths.backups).filter((file) => file.endsWith('.db'))
        : [];
      if (version > initial.version) expect(backups.length, `point ${point}`).toBeGreaterThan(0);
      for (const file of backups) {
        const backup = new Database(join(paths.backups, file), { readonly: true });
        expect(contentsOf(backup), `${file} at point ${point}`).toEqual(wanted);
        expect(isHalfThere(backup)).toEqual({ table: 0, column: 0 });
        backup.close();
      }

      const db = openDatabase(paths, {
        nowMs: 1_000_000,
        migrations: [...migrations, { ...slow, sql: slow.sql.replace("passing_by('')", "''") }],
      });
      expect(readdirSync(dir).filter((name) => /unreadable|upgrading/.test(name))).toEqual([]);
      expect(db.pragma('user_version', { simple: true })).toBe(SLOW_VERSION);
      expect(contentsOf(db), `point ${point}, opened again`).toEqual(wanted);
      expect(isHalfThere(db)).toEqual({ table: 2, column: 1 });
      db.close();
    }
    // The switch is one step: nothing is ever seen between the version that was there and the newest.
    expect([...versions].sort()).toEqual([initial.version, SLOW_VERSION].sort());
  }, 120_000);
});
