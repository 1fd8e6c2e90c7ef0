import type { TroubleKind } from '#contract/data';
import type { Retry } from '#contract/errors';
import type { FailureSaying } from '#contract/failure-saying';
import { AppFailure, inEnglish } from '../platform/app-failure.ts';
import { isNoRoom } from '../platform/disk.ts';
import { classifySqliteFailure } from './sqlite-failure.ts';

/** The store cannot be opened as it is, and a person has to choose what to do. Nothing was changed in it. */
export class StoreTrouble extends AppFailure {
  readonly kind: TroubleKind;

  constructor(
    kind: TroubleKind,
    said: FailureSaying,
    options: { retry?: Retry; cause?: unknown; details?: object } = {},
  ) {
    super(kind === 'full' ? 'storage_full' : 'storage_unavailable', inEnglish(said), {
      ...options,
      details: { ...options.details, trouble: kind, said },
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
  if (isNoRoom(code) || code === 'SQLITE_FULL') {
    return new StoreTrouble(
      'full',
      { word: 'trouble_full' },
      {
        retry: { kind: 'user-action', action: 'free-disk-space' },
        cause: thrown,
      },
    );
  }
  switch (classifySqliteFailure(thrown)) {
    case 'corrupt':
      return new StoreTrouble('damaged', { word: 'trouble_damaged' }, { cause: thrown });
    case 'busy':
      return new StoreTrouble(
        'locked',
        { word: 'trouble_locked' },
        { retry: { kind: 'user-action', action: 'retry' }, cause: thrown },
      );
    case 'full':
      return new StoreTrouble(
        'full',
        { word: 'trouble_unwritable', with: { code } },
        { retry: { kind: 'user-action', action: 'free-disk-space' }, cause: thrown },
      );
    case 'other':
      return null;
  }
}
