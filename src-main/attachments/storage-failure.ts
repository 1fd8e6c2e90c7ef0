import { AppFailure, failureOf } from '../platform/app-failure.ts';
import { isNoRoom } from '../platform/disk.ts';

/** The system's code of a failed file operation; empty for anything else that was thrown. */
export function errnoOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

/** What a failed write to the attachments folder means for a person. A failure that is told already stays what it is. */
export function writeFailure(thrown: unknown): AppFailure {
  if (thrown instanceof AppFailure) return thrown;
  const code = errnoOf(thrown);
  if (isNoRoom(code)) {
    return failureOf(
      'storage_full',
      { word: 'file_disk_full' },
      {
        retry: { kind: 'user-action', action: 'free-disk-space' },
        cause: thrown,
      },
    );
  }
  return failureOf(
    'storage_unavailable',
    { word: 'file_not_kept', with: { code: code === '' ? { word: 'reason_unknown' } : code } },
    { retry: { kind: 'user-action', action: 'retry' }, cause: thrown },
  );
}
