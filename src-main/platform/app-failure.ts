import type { AppError, ErrorCode, Retry } from '#contract/errors';
import { type FailureFact, type FailureSaying, sayFailure, type Told } from '#contract/failure-saying';
import { FAILURE_WORDS, isFailureSaying } from '#contract/failure-words';
import { isNoRoom } from './disk.ts';

/**
 * An expected failure on its way to a person: code, sentence, remedy. Thrown by code with effects; only `ipc/` and
 * `api/` turn it into a `Result` or an HTTP status. What led to it stays in `cause`, for the log.
 */
export class AppFailure extends Error {
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { retry?: Retry; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppFailure';
    this.code = code;
    this.retry = options.retry ?? { kind: 'no' };
    this.details = options.details;
  }

  /** The sentence without its language, where it has a name. */
  get said(): FailureSaying | undefined {
    const said = this.details?.['said'];
    return isFailureSaying(said) ? said : undefined;
  }

  toAppError(): AppError {
    return {
      code: this.code,
      message: this.message,
      retry: this.retry,
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

/** A sentence for a person that is no failure, in English. Its name goes beside it, for a page that speaks another language. */
export function inEnglish(said: FailureSaying): string {
  return sayFailure(FAILURE_WORDS, said);
}

/** The same for a record, with its name beside it. A text is what nobody here said: it stays as it is. */
export function told(fact: FailureFact): Told {
  return typeof fact === 'object' ? { message: inEnglish(fact), said: fact } : { message: String(fact) };
}

/** The same where a record calls the sentence a reason. */
export function because(fact: FailureFact): { reason: string; said?: FailureSaying } {
  const { message, said } = told(fact);
  return said === undefined ? { reason: message } : { reason: message, said };
}

/** A failure whose sentence has a name, so that a page can say it in another language. */
export function failureOf(
  code: ErrorCode,
  said: FailureSaying,
  options: { retry?: Retry; details?: Record<string, unknown>; cause?: unknown } = {},
): AppFailure {
  return new AppFailure(code, inEnglish(said), { ...options, details: { ...options.details, said } });
}

/** A failure that was told as a record, as one that can be thrown. */
export function fromAppError({ code, message, retry, details }: AppError): AppFailure {
  return new AppFailure(code, message, { retry, ...(details === undefined ? {} : { details }) });
}

/** Why something was stopped on purpose. It is the `reason` of an AbortSignal; never shown as an error, never retried. */
export class AbortReason extends Error {
  readonly kind: 'user' | 'shutdown' | 'superseded' | 'grace-over';

  constructor(kind: AbortReason['kind']) {
    super(`Stopped: ${kind}`);
    this.name = 'AbortReason';
    this.kind = kind;
  }
}

/** Anything thrown, as a part of a sentence: by its name where it has one, else in the words of whoever threw it. */
export function factOf(thrown: unknown): FailureFact {
  if (thrown instanceof AppFailure) return thrown.said ?? thrown.message;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What a person can put right about a file or a folder. Everything else that fails there is a bug. */
const UNUSABLE: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'EISDIR',
  'ENOTDIR',
  'EEXIST',
  'EIO',
  'ENXIO',
]);

/** A file or a folder that the system does not let us use, in words; null for anything else. */
function fileFailure(thrown: unknown): AppFailure | null {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('path' in thrown)) return null;
  const { code, path } = thrown;
  if (typeof code !== 'string' || typeof path !== 'string') return null;
  if (isNoRoom(code)) {
    const retry: Retry = { kind: 'user-action', action: 'free-disk-space' };
    return failureOf('storage_full', { word: 'disk_full' }, { retry, cause: thrown });
  }
  if (!UNUSABLE.has(code)) return null;
  const retry: Retry = { kind: 'user-action', action: 'retry' };
  return failureOf('storage_unavailable', { word: 'path_unusable', with: { path, code } }, { retry, cause: thrown });
}

/**
 * Anything thrown, as something that can be shown. A file or folder that cannot be used is named; every other unexpected throw
 * becomes `internal`. Both keep their cause.
 */
export function toAppFailure(thrown: unknown): AppFailure {
  if (thrown instanceof AppFailure) return thrown;
  if (thrown instanceof AbortReason) return failureOf('aborted', { word: 'stopped' }, { cause: thrown });
  return fileFailure(thrown) ?? failureOf('internal', { word: 'internal' }, { cause: thrown });
}
