import type { FailureSaying } from './failure-saying.ts';

/** Every failure that can reach a caller. A code is stable; the message beside it is for a person. */
export const ERROR_CODES = [
  'invalid_payload',
  'unknown_route',
  'forbidden_sender',
  'unauthorized',
  'payload_too_large',
  'not_found',
  'conflict',
  'conflict_active_run',
  'queue_full',
  'unsupported_option',
  'no_credential',
  'secrets_locked',
  'credentials_busy',
  'credentials_cooling',
  'account_flagged',
  'upstream_unreachable',
  'proxy_failed',
  'upstream_auth',
  'upstream_rate_limited',
  'upstream_overloaded',
  'upstream_rejected',
  'upstream_error',
  'upstream_bad_response',
  'upstream_no_run_id',
  'upstream_empty_answer',
  'upstream_lost',
  'quota_exhausted',
  'budget_reached',
  'context_window_too_small',
  'aborted',
  'interrupted',
  'timeout',
  'storage_full',
  'storage_unavailable',
  'shutting_down',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What a caller may do about a failure. */
export type Retry = { kind: 'no' } | { kind: 'after'; waitMs: number } | { kind: 'user-action'; action: UserAction };

/** The one step that mends a failure, for the button beside the message. */
export type UserAction =
  | 'add-key'
  | 'replace-key'
  | 'unlock-keys'
  | 'confirm-host'
  | 'check-proxy'
  | 'sign-in'
  | 'check-address'
  | 'free-disk-space'
  | 'choose-model'
  | 'shorten'
  | 'raise-budget'
  | 'reload'
  | 'retry';

export interface AppError {
  code: ErrorCode;
  /** A sentence that says what happened and what to do; safe to show, free of secrets. */
  message: string;
  retry: Retry;
  /** Machine-readable extras, such as the offending field or the upstream's status. `said` is the sentence without its language. */
  details?: Record<string, unknown>;
}

/** What every route answers. A handler's exception never crosses a process border as an exception. */
export type Result<T> = { ok: true; data: T } | { ok: false; error: AppError };

export function ok<T>(data: T): Result<T> {
  return { ok: true, data };
}

export function failed(error: AppError): { ok: false; error: AppError } {
  return { ok: false, error };
}

/** The brief form that `run.failed` carries beside its sentence. */
export interface ErrorInfo {
  code: ErrorCode;
  retry: Retry;
  /** The upstream's HTTP status, where there was one. */
  status?: number;
  /** The sentence without its language, where it has a name. */
  said?: FailureSaying;
}
