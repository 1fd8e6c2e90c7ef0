import type { TroubleKind } from '#contract/data';
import type { Retry } from '#contract/errors';
import { AppFailure } from '../platform/app-failure.ts';
import { classifySqliteFailure } from './sqlite-failure.ts';

/** The store cannot be opened as it is, and a person has to choose what to do. Nothing was changed in it. */
export class StoreTrouble extends AppFailure {
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind, message: string, options: { retry?: Retry; cause?: unknown; details?: object } = {}) {
    super(kind === 'full' ? 'storage_full' : 'storage_unavailable', message, {
      ...options,
      details: { ...options.details, trouble: kind },
    });
    this.kind = kind;
  }
}

/** The system's code of a failure, SQLite's or the file system's; empty for anything else. */
function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

/** What a failed opening means for a person; null for what is no trouble of the store. */
export function troubleOf(thrown: unknown): StoreTrouble | null {
  if (thrown instanceof StoreTrouble) return thrown;
  const code = codeOf(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') {
    return new StoreTrouble('full', 'The disk is full, so the conversations cannot be opened. Free some space.', {
      retry: { kind: 'user-action', action: 'free-disk-space' },
      cause: thrown,
    });
  }
  switch (classifySqliteFailure(thrown)) {
    case 'corrupt':
      return new StoreTrouble(
        'damaged',
        'The conversations file is damaged and cannot be opened. Nothing in it was changed.',
        { cause: thrown },
      );
    case 'busy':
      return new StoreTrouble(
        'locked',
        'Another program holds the conversations file. Close it, then try again. Nothing was changed.',
        { retry: { kind: 'user-action', action: 'retry' }, cause: thrown },
      );
    case 'full':
      return new StoreTrouble(
        'full',
        `The conversations file cannot be written (${code}). See whether the disk is full or the folder is read-only.`,
        { retry: { kind: 'user-action', action: 'free-disk-space' }, cause: thrown },
      );
    case 'other':
      return null;
  }
}
