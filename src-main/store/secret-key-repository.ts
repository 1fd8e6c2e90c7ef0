import type { SqliteDatabase } from './database.ts';

/**
 * A key that secrets are sealed with, without what opens it: a vault's is wrapped with a passphrase, a keyring's lies in
 * the system's keyring under `id` and has empty bytes here.
 */
export interface SecretKeyRow {
  id: string;
  kind: 'vault' | 'keyring';
  /** JSON: how the passphrase becomes a key. `{}` for a keyring. */
  parameters: string;
  salt: Buffer;
  wrapped_key: Buffer;
  /** SHA-256 over the fields above, so that damage is not taken for a wrong passphrase. */
  checksum: Buffer;
  /** 1 for the one of its kind that seals what is new. Others are kept: they may still open something. */
  in_use: number;
  created_at_ms: number;
  updated_at_ms: number;
}

export type SecretKeyRepository = ReturnType<typeof createSecretKeyRepository>;

/** The keys behind secrets. Writes belong inside a `Committer` entry. */
export function createSecretKeyRepository(db: SqliteDatabase) {
  const insert = db.prepare<[SecretKeyRow]>(`
    insert into secret_keys (id, kind, parameters, salt, wrapped_key, checksum, in_use, created_at_ms, updated_at_ms)
    values (@id, @kind, @parameters, @salt, @wrapped_key, @checksum, @in_use, @created_at_ms, @updated_at_ms)`);
  const list = db.prepare<[], SecretKeyRow>('select * from secret_keys order by in_use desc, created_at_ms desc, id');
  const retire = db.prepare<[number, string]>(
    'update secret_keys set in_use = 0, updated_at_ms = ? where kind = ? and in_use = 1',
  );
  const remove = db.prepare<[string]>('delete from secret_keys where id = ?');
  return {
    list: (): SecretKeyRow[] => list.all(),
    /** Puts a key into use; the one of its kind that was in use is kept. */
    use(row: SecretKeyRow): void {
      retire.run(row.updated_at_ms, row.kind);
      insert.run({ ...row, in_use: 1 });
    },
    remove: (id: string): void => void remove.run(id),
  };
}
