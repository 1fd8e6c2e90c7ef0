import { existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dataPaths } from '../platform/paths.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { writeVerifiedBackup } from './backup.ts';
import { openDatabase } from './database.ts';
import { initial } from './migrations/0001-initial.ts';

/** Damages each copy as soon as it is written, as a disk that lies would; everything else is the real thing. */
function damageCopies(damage: (path: string) => void): void {
  const { prepare } = Database.prototype;
  Database.prototype.prepare = function (this: Database.Database, sql: string) {
    const statement = prepare.call(this, sql);
    if (!sql.startsWith('vacuum into')) return statement;
    const run = statement.run.bind(statement) as (...values: unknown[]) => Database.RunResult;
    statement.run = (...values: unknown[]) => {
      const result = run(...values);
      damage(String(values[0]));
      return result;
    };
    return statement;
  } as typeof prepare;
  onTestFinished(() => {
    Database.prototype.prepare = prepare;
  });
}

function fill(db: Database.Database): void {
  const insert = db.prepare('insert into sessions (id, title, created_at_ms, updated_at_ms) values (?, ?, 1, 1)');
  for (let at = 0; at < 200; at++) insert.run(`s${at}`, 'x'.repeat(200));
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

describe('a backup that went wrong', () => {
  for (const [name, damage] of DAMAGES) {
    it(`[BUG-A33] [decision 39] ${name}: it never counts as one, and the migration that it was for does not happen`, () => {
      const paths = dataPaths(tempDir());
      const { db } = openDatabase(paths, { nowMs: 0, migrations: [initial] });
      fill(db);
      const good = writeVerifiedBackup(db, paths.backups, 'good');
      const bytes = readFileSync(good);
      db.close();
      damageCopies(damage);
      const next = { version: 2, name: 'next', sql: 'create table extra (id text primary key) strict;' };
      expect(() => openDatabase(paths, { nowMs: 1, migrations: [initial, next] })).toThrow(/could not be trusted/);
      expect(readdirSync(paths.backups)).toEqual(['good.db']);
      expect(readFileSync(join(paths.backups, 'good.db')).equals(bytes)).toBe(true);
      const left = new Database(paths.database, { readonly: true });
      expect(left.pragma('user_version', { simple: true })).toBe(1);
      expect(left.prepare('select count(*) from sessions').pluck().get()).toBe(200);
      left.close();
      expect(existsSync(paths.database)).toBe(true);
    });
  }
});
