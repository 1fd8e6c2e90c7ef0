/** What a failed statement means for the store. Pure; the codes are those of https://www.sqlite.org/rescode.html (2026). */
export type SqliteFailureKind =
  /** Another connection holds the lock: the same work succeeds later. */
  | 'busy'
  /** No room, or the medium refuses writes: reading still works. */
  | 'full'
  | 'corrupt'
  /** Anything else, constraint violations included: the work itself is wrong. */
  | 'other';

export function classifySqliteFailure(thrown: unknown): SqliteFailureKind {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'busy';
  if (code === 'SQLITE_FULL' || code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_READONLY')) return 'full';
  if (code === 'SQLITE_CANTOPEN' || code.startsWith('SQLITE_CANTOPEN_')) return 'full';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'corrupt';
  return 'other';
}
