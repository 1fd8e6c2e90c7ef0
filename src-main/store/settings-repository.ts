import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import type { SqliteDatabase } from './database.ts';
import { fitsSetting } from './fit-setting.ts';

const SETTINGS = Object.keys(DEFAULT_SETTINGS) as (keyof Settings)[];

export type SettingsRepository = ReturnType<typeof createSettingsRepository>;

/** What a person changed; everything else is the default. Writes belong inside a `Committer` entry. */
export function createSettingsRepository(db: SqliteDatabase) {
  const all = db.prepare<[], { key: string; value: string }>('select key, value from settings');
  const put = db.prepare<[string, string]>(
    'insert into settings (key, value) values (?, ?) on conflict (key) do update set value = excluded.value',
  );
  return {
    /** What this version does not know, a key or the value of one, stays in the table and out of the answer. */
    read(): Settings {
      const stored = new Map(all.all().map((row) => [row.key, JSON.parse(row.value) as unknown]));
      const known = SETTINGS.filter((key) => stored.has(key) && fitsSetting(key, stored.get(key)));
      return { ...DEFAULT_SETTINGS, ...Object.fromEntries(known.map((key) => [key, stored.get(key)])) };
    },
    write(values: Partial<Settings>): void {
      for (const [key, value] of Object.entries(values)) put.run(key, JSON.stringify(value));
    },
  };
}
