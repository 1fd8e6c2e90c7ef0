import type { ProxyScope } from '#contract/records';
import type { SqliteDatabase } from './database.ts';

export interface ProxyRow {
  scope: ProxyScope;
  /** A credential's id, a group's name; empty for the general one. */
  owner: string;
  mode: 'proxy' | 'direct';
  /** Scheme, host and port. Empty with `direct`. */
  url: string;
  username: string | null;
  cipher_kind: string | null;
  sealed_password: Buffer | null;
  updated_at_ms: number;
}

export type ProxyRepository = ReturnType<typeof createProxyRepository>;

/** Proxies; a password is ciphertext only. Writes belong inside a `Committer` entry. */
export function createProxyRepository(db: SqliteDatabase) {
  const put = db.prepare<[ProxyRow]>(`
    insert into proxies (scope, owner, mode, url, username, cipher_kind, sealed_password, updated_at_ms)
    values (@scope, @owner, @mode, @url, @username, @cipher_kind, @sealed_password, @updated_at_ms)
    on conflict (scope, owner) do update set mode = excluded.mode, url = excluded.url, username = excluded.username,
      cipher_kind = excluded.cipher_kind, sealed_password = excluded.sealed_password,
      updated_at_ms = excluded.updated_at_ms`);
  const list = db.prepare<[], ProxyRow>('select * from proxies order by scope, owner');
  const get = db.prepare<[string, string], ProxyRow>('select * from proxies where scope = ? and owner = ?');
  const remove = db.prepare<[string, string]>('delete from proxies where scope = ? and owner = ?');
  // Every request asks three times, and most people have none. Once there may be one, the table is asked.
  let mayHoldAny = list.all().length > 0;
  return {
    put(row: ProxyRow): void {
      mayHoldAny = true;
      put.run(row);
    },
    list: (): ProxyRow[] => list.all(),
    get: (scope: ProxyScope, owner: string): ProxyRow | null => (mayHoldAny ? (get.get(scope, owner) ?? null) : null),
    remove: (scope: ProxyScope, owner: string): boolean => remove.run(scope, owner).changes > 0,
  };
}
