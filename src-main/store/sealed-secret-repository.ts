import type { SqliteDatabase } from './database.ts';

/** Where a sealed secret stands: its table, and the row's key as one text. */
export interface SealedPlace {
  table: 'credentials' | 'proxies';
  /** A credential's id; a proxy's `scope` and `owner` with a line break between them. */
  key: string;
}

export interface SealedSecret extends SealedPlace {
  cipher_kind: string;
  sealed: Buffer;
  /** What the secret is bound to beside its row: a credential's origins, a proxy's address. */
  bound_to: string;
}

export type SealedSecretRepository = ReturnType<typeof createSealedSecretRepository>;

/**
 * Every sealed secret of the store, whatever row it is part of, for whoever changes what they are sealed with. Writes
 * belong inside a `Committer` entry.
 */
export function createSealedSecretRepository(db: SqliteDatabase) {
  const list = db.prepare<[], SealedSecret>(`
    select 'credentials' as "table", c.id as key, c.cipher_kind, c.sealed,
      c.approved_origin || char(10) || coalesce(o.token_url, '') as bound_to
    from credentials c left join oauth_clients o on o.credential_id = c.id
    union all
    select 'proxies', scope || char(10) || owner, cipher_kind, sealed_password, url
    from proxies where sealed_password is not null`);
  const inCredential = db.prepare<[string, Buffer, string, Buffer]>(
    'update credentials set cipher_kind = ?, sealed = ? where id = ? and sealed = ?',
  );
  const inProxy = db.prepare<[string, Buffer, string, Buffer]>(
    'update proxies set cipher_kind = ?, sealed_password = ? where scope || char(10) || owner = ? and sealed_password = ?',
  );
  return {
    list: (): SealedSecret[] => list.all(),
    /**
     * Puts other bytes in the place of a secret's.
     *
     * @returns false when the row holds something else by now, or is gone: then nothing was changed.
     */
    replace(old: SealedSecret, cipherKind: string, sealed: Buffer): boolean {
      const statement = old.table === 'credentials' ? inCredential : inProxy;
      return statement.run(cipherKind, sealed, old.key, old.sealed).changes > 0;
    },
  };
}
