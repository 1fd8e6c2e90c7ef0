import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import type { SqliteDatabase } from './database.ts';

export type SettingsRepository = ReturnType<typeof createSettingsRepository>;

/** What a person changed; everything else is the default. Writes belong inside a `Committer` entry. */
export function createSettingsRepository(db: SqliteDatabase) {
  const all = db.prepare<[], { key: string; value: string }>('select key, value from settings');
  const put = db.prepare<[string, string]>(
    'insert into settings (key, value) values (?, ?) on conflict (key) do update set value = excluded.value',
  );
  return {
    /** A key that this version does not know stays in the table and out of the answer. */
    read(): Settings {
      const stored = Object.fromEntries(all.all().map((row) => [row.key, JSON.parse(row.value) as unknown]));
      const known = Object.keys(DEFAULT_SETTINGS).filter((key) => key in stored);
      return { ...DEFAULT_SETTINGS, ...Object.fromEntries(known.map((key) => [key, stored[key]])) };
    },
    write(values: Partial<Settings>): void {
      for (const [key, value] of Object.entries(values)) put.run(key, JSON.stringify(value));
    },
  };
}
