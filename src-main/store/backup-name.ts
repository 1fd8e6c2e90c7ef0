import { basename } from 'node:path';
import type { BackupReason } from '#contract/data';

const STAMP = String.raw`\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z`;
const NAME = new RegExp(String.raw`^(before-v\d+|before-restore|regular|asked)-(${STAMP})\.db$`);

/** A moment as a part of a file's name: 2026-11-21T15-32-20-123Z. */
export function stampOf(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/[:.]/g, '-');
}

/** @param toVersion the schema that an upgrade leads to; only with `upgrade`. */
export function backupName(reason: BackupReason, nowMs: number, toVersion = 0): string {
  const word = reason === 'upgrade' ? `before-v${toVersion}` : reason === 'restore' ? 'before-restore' : reason;
  return `${word}-${stampOf(nowMs)}.db`;
}

/** What a backup's name says; null for a name that is none, one that leads elsewhere included. */
export function readBackupName(file: string): { reason: BackupReason; createdAtMs: number } | null {
  const [, word, stamp] = NAME.exec(file) ?? [];
  if (word === undefined || stamp === undefined || basename(file) !== file) return null;
  const createdAtMs = Date.parse(stamp.replace(/T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z/, 'T$1:$2:$3.$4Z'));
  if (Number.isNaN(createdAtMs)) return null;
  const reason = word === 'before-restore' ? 'restore' : word.startsWith('before-v') ? 'upgrade' : word;
  return { reason: reason as BackupReason, createdAtMs };
}
