import type { ProfileKind } from '#contract/records';
import type { SqliteDatabase } from './database.ts';

export interface ProfileRow {
  id: string;
  name: string;
  kind: ProfileKind;
  base_url: string;
  default_model: string | null;
  context_length: number | null;
  created_at_ms: number;
  updated_at_ms: number;
}

export type ProfileRepository = ReturnType<typeof createProfileRepository>;

/** Upstreams with their settings. Writes belong inside a `Committer` entry. */
export function createProfileRepository(db: SqliteDatabase) {
  const insert = db.prepare<[ProfileRow]>(`
    insert into profiles (id, name, kind, base_url, default_model, context_length, created_at_ms, updated_at_ms)
    values (@id, @name, @kind, @base_url, @default_model, @context_length, @created_at_ms, @updated_at_ms)`);
  const update = db.prepare<
    [Pick<ProfileRow, 'id' | 'base_url' | 'default_model' | 'context_length' | 'updated_at_ms'>]
  >(`
    update profiles set base_url = @base_url, default_model = @default_model, context_length = @context_length,
      updated_at_ms = @updated_at_ms where id = @id`);
  const list = db.prepare<[], ProfileRow>('select * from profiles order by created_at_ms, id');
  const get = db.prepare<[string], ProfileRow>('select * from profiles where id = ?');
  const byName = db.prepare<[string], ProfileRow>('select * from profiles where name = ?');
  const remove = db.prepare<[string]>('delete from profiles where id = ?');
  return {
    insert: (row: ProfileRow): void => void insert.run(row),
    update: (row: Parameters<typeof update.run>[0]): void => void update.run(row),
    list: (): ProfileRow[] => list.all(),
    get: (id: string): ProfileRow | null => get.get(id) ?? null,
    byName: (name: string): ProfileRow | null => byName.get(name) ?? null,
    remove: (id: string): boolean => remove.run(id).changes > 0,
  };
}
