import type { SqliteDatabase } from './database.ts';

/** How a credential renews itself. Its tokens are sealed in the credential's own row. */
export interface OAuthClientRow {
  credential_id: string;
  token_url: string;
  client_id: string;
  scope: string | null;
  /** `sign_in`: the grant is used up, and only a person can give another. */
  state: 'ready' | 'sign_in';
  last_error: string | null;
  /** A renewal was asked for and its answer is not stored. */
  pending_since_ms: number | null;
  refreshed_at_ms: number | null;
}

export type OAuthClientRepository = ReturnType<typeof createOAuthClientRepository>;

/** What is not secret of OAuth credentials. Writes belong inside a `Committer` entry. */
export function createOAuthClientRepository(db: SqliteDatabase) {
  const insert = db.prepare<[OAuthClientRow]>(`
    insert into oauth_clients (credential_id, token_url, client_id, scope, state, last_error, pending_since_ms, refreshed_at_ms)
    values (@credential_id, @token_url, @client_id, @scope, @state, @last_error, @pending_since_ms, @refreshed_at_ms)`);
  const get = db.prepare<[string], OAuthClientRow>('select * from oauth_clients where credential_id = ?');
  const setState = db.prepare<[Pick<OAuthClientRow, 'credential_id' | 'state' | 'last_error'>]>(
    'update oauth_clients set state = @state, last_error = @last_error, pending_since_ms = null where credential_id = @credential_id',
  );
  const refreshed = db.prepare<[number, string]>(
    `update oauth_clients set state = 'ready', last_error = null, pending_since_ms = null, refreshed_at_ms = ? where credential_id = ?`,
  );
  const began = db.prepare<[number, string]>('update oauth_clients set pending_since_ms = ? where credential_id = ?');
  const list = db.prepare<[], OAuthClientRow>('select * from oauth_clients');
  return {
    insert: (row: OAuthClientRow): void => void insert.run(row),
    get: (credentialId: string): OAuthClientRow | null => get.get(credentialId) ?? null,
    list: (): OAuthClientRow[] => list.all(),
    began: (credentialId: string, nowMs: number): void => void began.run(nowMs, credentialId),
    setState: (row: Parameters<typeof setState.run>[0]): void => void setState.run(row),
    refreshed: (credentialId: string, nowMs: number): void => void refreshed.run(nowMs, credentialId),
  };
}
