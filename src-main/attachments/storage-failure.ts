import { AppFailure } from '../platform/app-failure.ts';

/** The system's code of a failed file operation; empty for anything else that was thrown. */
export function errnoOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

/** What a failed write to the attachments folder means for a person. A failure that is told already stays what it is. */
export function writeFailure(thrown: unknown): AppFailure {
  if (thrown instanceof AppFailure) return thrown;
  const code = errnoOf(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppFailure(
      'storage_full',
      'The disk is full, so the file could not be kept. Free some space and try again.',
      {
        retry: { kind: 'user-action', action: 'free-disk-space' },
        cause: thrown,
      },
    );
  }
  return new AppFailure(
    'storage_unavailable',
    `The file could not be kept (${code === '' ? 'unknown' : code}). Check the data folder and try again.`,
    { retry: { kind: 'user-action', action: 'retry' }, cause: thrown },
  );
}
