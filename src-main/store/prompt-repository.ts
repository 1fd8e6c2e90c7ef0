import type { PromptRecord } from '#contract/records';
import type { SqliteDatabase } from './database.ts';

interface PromptRow {
  id: string;
  name: string;
  body: string;
  updated_at_ms: number;
}

export type PromptRepository = ReturnType<typeof createPromptRepository>;

/** A person's own texts. A name is there once, whatever its case. Writes belong inside a `Committer` entry. */
export function createPromptRepository(db: SqliteDatabase) {
  const list = db.prepare<[], PromptRow>('select id, name, body, updated_at_ms from prompts order by name, id');
  const idOf = db.prepare<[string], string>('select id from prompts where name = ?').pluck();
  const put = db.prepare<[{ id: string; name: string; body: string; now_ms: number }]>(`
    insert into prompts (id, name, body, created_at_ms, updated_at_ms) values (@id, @name, @body, @now_ms, @now_ms)
    on conflict (id) do update set name = excluded.name, body = excluded.body, updated_at_ms = excluded.updated_at_ms`);
  const remove = db.prepare<[string]>('delete from prompts where id = ?');
  return {
    /** By name. */
    list: (): PromptRecord[] =>
      list.all().map((row) => ({ id: row.id, name: row.name, body: row.body, updatedAtMs: row.updated_at_ms })),
    /** The prompt that has this name, whatever its case; null where there is none. */
    idOf: (name: string): string | null => idOf.get(name) ?? null,
    /** Adds it, or changes the one of this id. The caller sees to it that its name is free. */
    put: (prompt: { id: string; name: string; body: string }, nowMs: number): void =>
      void put.run({ ...prompt, now_ms: nowMs }),
    remove: (id: string): boolean => remove.run(id).changes > 0,
  };
}
