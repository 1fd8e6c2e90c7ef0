import type { AppError, ErrorCode, Retry, UserAction } from '#contract/errors';
import { isCoreSilent } from './core-silent.ts';

/** What a failure says: a bold fact, and the one step that mends it. The core's own sentence stands between them. */
export interface ErrorWords {
  /** A key below `errors` in the locale. */
  titleKey: string;
  remedy: UserAction | null;
}

/** What mends a failure whose sender named no remedy. */
const REMEDY_BY_CODE: Partial<Record<ErrorCode, UserAction>> = {
  no_credential: 'add-key',
  upstream_auth: 'replace-key',
  quota_exhausted: 'replace-key',
  budget_reached: 'raise-budget',
  secrets_locked: 'unlock-keys',
  credentials_busy: 'retry',
  credentials_cooling: 'retry',
  account_flagged: 'retry',
  upstream_unreachable: 'retry',
  upstream_rate_limited: 'retry',
  upstream_overloaded: 'retry',
  upstream_error: 'retry',
  upstream_bad_response: 'retry',
  upstream_no_run_id: 'retry',
  upstream_empty_answer: 'retry',
  upstream_lost: 'retry',
  timeout: 'retry',
  interrupted: 'retry',
  aborted: 'retry',
  storage_full: 'free-disk-space',
  context_window_too_small: 'shorten',
  unauthorized: 'reload',
  shutting_down: 'reload',
};

/** A pure decision: the same failure always gets the same words. */
export function errorWords(failure: {
  code: ErrorCode;
  retry: Retry;
  details?: AppError['details'] | undefined;
}): ErrorWords {
  const { code, retry } = failure;
  const titleKey = isCoreSilent(failure) ? 'errors.core_silent' : `errors.${code}`;
  if (retry.kind === 'user-action') return { titleKey, remedy: retry.action };
  if (retry.kind === 'after') return { titleKey, remedy: 'retry' };
  return { titleKey, remedy: REMEDY_BY_CODE[code] ?? null };
}

/** Where a remedy leads: to the keys, to the budgets, to sending again, to the text, or to a fresh start. */
export type RemedyPlace = 'credentials' | 'usage' | 'resend' | 'model' | 'edit' | 'reload';

export function remedyPlace(remedy: UserAction): RemedyPlace {
  switch (remedy) {
    case 'add-key':
    case 'replace-key':
    case 'unlock-keys':
    case 'check-address':
    case 'confirm-host':
    case 'check-proxy':
    case 'sign-in':
      return 'credentials';
    case 'raise-budget':
      return 'usage';
    case 'choose-model':
      return 'model';
    case 'shorten':
      return 'edit';
    case 'free-disk-space':
    case 'retry':
      return 'resend';
    case 'reload':
      return 'reload';
  }
}
