import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** What is known of an end that nobody asked for. Written when it happens, read at the next start. */
export interface CrashRecord {
  atMs: number;
  kind: 'exception' | 'rejection';
  version: string;
  host: 'electron' | 'headless';
  pid: number;
  uptimeMs: number;
  error: string;
  message: string;
  stack: string | null;
  /** A person was told of it and took note. */
  seen: boolean;
}

/** Keeps a record; only its owner can read it. Returns false where the disk does not take it. */
export function writeCrashRecord(path: string, record: CrashRecord): boolean {
  const beside = `${path}.writing`;
  try {
    writeFileSync(beside, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    renameSync(beside, path);
    return true;
  } catch {
    // The process is ending, or a person took note of something old: neither is to fail over this.
    rmSync(beside, { force: true });
    return false;
  }
}

/** The record of the last end that nobody asked for; null where there was none, or where it cannot be read. */
export function readCrashRecord(path: string): CrashRecord | null {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as Partial<CrashRecord> | null;
    return typeof record?.atMs === 'number' && typeof record.message === 'string' ? (record as CrashRecord) : null;
  } catch {
    // A record that is missing or torn tells nothing; the log has what happened as well.
    return null;
  }
}
