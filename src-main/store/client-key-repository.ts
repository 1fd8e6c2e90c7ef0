import type { SpendCap } from '#contract/usage-report';
import type { SqliteDatabase } from './database.ts';
import { fromJson, toJson } from './json-column.ts';

/** A program's key as it is stored: what can check it, never the key itself. */
export interface ClientKeyRow {
  id: string;
  name: string;
  mask: string;
  /** SHA-256 of the key, hexadecimal. A key is 32 random bytes, so nothing slower is needed to keep it from being guessed. */
  digest: string;
  scopes: string[];
  createdAtMs: number;
  lastUsedAtMs: number | null;
  revokedAtMs: number | null;
  /** What it may spend; null is no limit of its own. */
  cap: SpendCap | null;
}

interface StoredRow {
  id: string;
  name: string;
  mask: string;
  digest: string;
  scopes: string;
  created_at_ms: number;
  last_used_at_ms: number | null;
  revoked_at_ms: number | null;
  spend_cap: string | null;
}

function toRow(row: StoredRow): ClientKeyRow {
  return {
    id: row.id,
    name: row.name,
    mask: row.mask,
    digest: row.digest,
    scopes: JSON.parse(row.scopes) as string[],
    createdAtMs: row.created_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
    revokedAtMs: row.revoked_at_ms,
    cap: fromJson<SpendCap>(row.spend_cap),
  };
}

export type ClientKeyRepository = ReturnType<typeof createClientKeyRepository>;

/** Keys of other programs. A revoked one stays as a record of who it was. Writes belong inside a `Committer` entry. */
export function createClientKeyRepository(db: SqliteDatabase) {
  const insert = db.prepare<[string, string, string, string, string, number, string | null]>(
    'insert into client_keys (id, name, mask, digest, scopes, created_at_ms, spend_cap) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const list = db.prepare<[], StoredRow>('select * from client_keys order by created_at_ms, id');
  const revoke = db.prepare<[number, string]>(
    'update client_keys set revoked_at_ms = ? where id = ? and revoked_at_ms is null',
  );
  const setCap = db.prepare<[string | null, string]>('update client_keys set spend_cap = ? where id = ?');
  const used = db.prepare<[number, string]>('update client_keys set last_used_at_ms = ? where id = ?');
  return {
    insert(row: Omit<ClientKeyRow, 'lastUsedAtMs' | 'revokedAtMs'>): void {
      insert.run(row.id, row.name, row.mask, row.digest, JSON.stringify(row.scopes), row.createdAtMs, toJson(row.cap));
    },
    /** Oldest first, revoked ones included. */
    list: (): ClientKeyRow[] => list.all().map(toRow),
    /** @returns false for an unknown key and for one that is revoked already. */
    revoke: (id: string, atMs: number): boolean => revoke.run(atMs, id).changes > 0,
    setCap: (id: string, cap: SpendCap | null): void => void setCap.run(toJson(cap), id),
    used: (id: string, atMs: number): void => void used.run(atMs, id),
  };
}
