import Database from 'better-sqlite3';
import { type Disk, systemDisk } from '../platform/disk.ts';
import { dataPaths } from '../platform/paths.ts';
import { openDatabase } from '../store/database.ts';
import { type Migration, migrations } from '../store/migrations/index.ts';

// A process of its own that brings a database to the newest schema and one step further, and dies by its own SIGKILL at a
// point that it was given: nothing is flushed, nothing is closed. Points are counted over everything that a migration
// does, so a test can go through all of them without knowing what they are.
//
//   node kill-migration.ts <data directory> <point, or 0 for none>
//
// Prints the number of points that it passed, and those at which a version is about to be complete.

/** Rows that the slow step rewrites one by one; each is a point. */
export const SLOW_VERSION = (migrations.at(-1)?.version ?? 0) + 1;

/** A step as large as a real one may be: it adds, rewrites every message and adds again. */
export const slow: Migration = {
  version: SLOW_VERSION,
  name: 'slow',
  sql: `
alter table sessions add column colour text;
create table half (id text primary key) strict;
update sessions set colour = 'blue';
update messages set content = content || passing_by('');
create index half_by_id on half (id);
insert into half values ('whole');
`,
};

const [dir, pointText] = process.argv.slice(2);
if (import.meta.main && dir !== undefined) {
  const deadly = Number(pointText ?? 0);
  let passed = 0;
  /** The points at which a version is about to be complete. */
  const ends: number[] = [];
  const pass = (): void => {
    passed++;
    if (passed === deadly) process.kill(process.pid, 'SIGKILL');
  };

  const { exec, pragma } = Database.prototype;
  const known = new WeakSet<Database.Database>();
  Database.prototype.exec = function (this: Database.Database, sql: string) {
    if (!known.has(this)) {
      known.add(this);
      this.function('passing_by', { deterministic: false }, (value: unknown) => {
        pass();
        return value as string;
      });
    }
    // Statement by statement, so that there is a point between any two. A trigger's own statements are indented.
    for (const statement of sql.split(/;\s*\n(?!end;)/)) {
      if (statement.trim() === '') continue;
      pass();
      exec.call(this, statement);
    }
    pass();
    return this;
  };
  Database.prototype.pragma = function (this: Database.Database, source: string, options?: Database.PragmaOptions) {
    if (source.startsWith('user_version =')) {
      pass();
      ends.push(passed);
    }
    return pragma.call(this, source, options);
  };

  /** The real disk with a point before and after each step; where names change, both sides of it matter most. */
  const around = <Args extends unknown[]>(step: (...args: Args) => void, isEnd = false) => {
    return (...args: Args): void => {
      pass();
      step(...args);
      pass();
      if (isEnd) ends.push(passed);
    };
  };
  const disk: Disk = {
    ...systemDisk,
    copy: around(systemDisk.copy),
    sync: around(systemDisk.sync),
    rename: around(systemDisk.rename, true),
  };
  const db = openDatabase(dataPaths(dir), { nowMs: Date.now(), migrations: [...migrations, slow], disk });
  pass();
  db.close();
  process.stdout.write(JSON.stringify({ passed, ends }));
}
