import type { AppError, ErrorCode, ErrorInfo, Retry } from '#contract/errors';
import { FAILURE_WORDS, type FailureSaying, isFailureSaying, sayFailure } from '#contract/failure-words';

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

  toAppError(): AppError {
    return {
      code: this.code,
      message: this.message,
      retry: this.retry,
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }

  toErrorInfo(): ErrorInfo {
    const status = this.details?.['status'];
    const said = this.details?.['said'];
    return {
      code: this.code,
      retry: this.retry,
      ...(typeof status === 'number' ? { status } : {}),
      ...(isFailureSaying(said) ? { said } : {}),
    };
  }
}

/** A failure whose sentence has a name, so that a page can say it in another language. */
export function failureOf(
  code: ErrorCode,
  said: FailureSaying,
  options: { retry?: Retry; details?: Record<string, unknown>; cause?: unknown } = {},
): AppFailure {
  return new AppFailure(code, sayFailure(FAILURE_WORDS, said), { ...options, details: { ...options.details, said } });
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

/** Anything thrown, as something that can be shown. An unexpected throw becomes `internal` and keeps its cause. */
export function toAppFailure(thrown: unknown): AppFailure {
  if (thrown instanceof AppFailure) return thrown;
  if (thrown instanceof AbortReason) return failureOf('aborted', { word: 'stopped' }, { cause: thrown });
  return failureOf('internal', { word: 'internal' }, { cause: thrown });
}
