import type { SqliteDatabase } from './database.ts';

/** A stored credential. `sealed` is ciphertext; `cipher_kind` says what can open it. */
export interface CredentialRow {
  id: string;
  profile_id: string;
  label: string;
  mask: string;
  /** SHA-256 over profile and secret, to refuse the same key twice. */
  fingerprint: string;
  cipher_kind: string;
  sealed: Buffer;
  /** The origin that the key was entered for; it is sent nowhere else. */
  approved_origin: string;
  priority: number;
  group_name: string | null;
  max_in_flight: number;
  disabled: number;
  disabled_reason: string | null;
  /** JSON list of the models that it may be used for; null for all. */
  models: string | null;
  /** What `sealed` holds: a key, or the tokens of an OAuth grant as JSON. */
  auth: 'api_key' | 'oauth';
  created_at_ms: number;
  updated_at_ms: number;
}

/** What a person may change of a key, and what its health may. */
export type CredentialChanges = Pick<
  CredentialRow,
  | 'id'
  | 'label'
  | 'priority'
  | 'group_name'
  | 'max_in_flight'
  | 'disabled'
  | 'disabled_reason'
  | 'models'
  | 'updated_at_ms'
>;

export type CredentialRepository = ReturnType<typeof createCredentialRepository>;

/** Keys, as ciphertext only. Writes belong inside a `Committer` entry. */
export function createCredentialRepository(db: SqliteDatabase) {
  const insert = db.prepare<[CredentialRow]>(`
    insert into credentials (id, profile_id, label, mask, fingerprint, cipher_kind, sealed, approved_origin, priority,
      group_name, max_in_flight, disabled, disabled_reason, models, auth, created_at_ms, updated_at_ms)
    values (@id, @profile_id, @label, @mask, @fingerprint, @cipher_kind, @sealed, @approved_origin, @priority,
      @group_name, @max_in_flight, @disabled, @disabled_reason, @models, @auth, @created_at_ms, @updated_at_ms)`);
  const list = db.prepare<[], CredentialRow>('select * from credentials order by priority, created_at_ms, id');
  const update = db.prepare<[CredentialChanges]>(`
    update credentials set label = @label, priority = @priority, group_name = @group_name,
      max_in_flight = @max_in_flight, disabled = @disabled, disabled_reason = @disabled_reason, models = @models,
      updated_at_ms = @updated_at_ms
    where id = @id`);
  const rebind = db.prepare<
    [Pick<CredentialRow, 'id' | 'approved_origin' | 'cipher_kind' | 'sealed' | 'updated_at_ms'>]
  >(`
    update credentials set approved_origin = @approved_origin, cipher_kind = @cipher_kind, sealed = @sealed,
      updated_at_ms = @updated_at_ms where id = @id`);
  const describe = db.prepare<[Pick<CredentialRow, 'id' | 'mask' | 'fingerprint'>]>(
    'update credentials set mask = @mask, fingerprint = @fingerprint where id = @id',
  );
  const setGroup = db.prepare<[string | null, number, string]>(
    'update credentials set group_name = ?, updated_at_ms = ? where id = ?',
  );
  const get = db.prepare<[string], CredentialRow>('select * from credentials where id = ?');
  const remove = db.prepare<[string]>('delete from credentials where id = ?');
  return {
    insert: (row: CredentialRow): void => void insert.run(row),
    /** Stores a secret anew together with the origin that it is bound to: one without the other never opens. */
    rebind: (row: Parameters<typeof rebind.run>[0]): boolean => rebind.run(row).changes > 0,
    /** What is known of a secret without opening it; belongs into the transaction that stores another one. */
    describe: (row: Parameters<typeof describe.run>[0]): void => void describe.run(row),
    list: (): CredentialRow[] => list.all(),
    /** @returns false when the key is gone. */
    update: ({
      id,
      label,
      priority,
      group_name,
      max_in_flight,
      disabled,
      disabled_reason,
      models,
      updated_at_ms,
    }: CredentialChanges): boolean =>
      update.run({ id, label, priority, group_name, max_in_flight, disabled, disabled_reason, models, updated_at_ms })
        .changes > 0,
    setGroup: (id: string, group: string | null, nowMs: number): boolean => setGroup.run(group, nowMs, id).changes > 0,
    get: (id: string): CredentialRow | null => get.get(id) ?? null,
    remove: (id: string): boolean => remove.run(id).changes > 0,
  };
}
