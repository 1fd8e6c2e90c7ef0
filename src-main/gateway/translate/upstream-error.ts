import { classifyFailure, type FailureKind } from '../classify-failure.ts';
import type { WireError } from './wire-error.ts';

/** Statuses and codes of what goes wrong inside a stream, where the upstream gives no status. */
const SAID: Record<FailureKind, { status: number; code: string; message: string }> = {
  auth: { status: 502, code: 'upstream_auth', message: 'The upstream did not accept its key. Replace it in Sluice.' },
  permission: { status: 502, code: 'upstream_auth', message: 'The upstream does not allow this with its key.' },
  quota: { status: 502, code: 'quota_exhausted', message: 'The upstream’s key has no credit left.' },
  overage: { status: 429, code: 'upstream_rate_limited', message: 'The upstream takes no more requests just now.' },
  rate: { status: 429, code: 'upstream_rate_limited', message: 'The upstream takes no more requests just now.' },
  suspicious: {
    status: 403,
    code: 'account_flagged',
    message: 'The upstream reports unusual activity on its account.',
  },
  overload: { status: 503, code: 'upstream_overloaded', message: 'The upstream is overloaded. Try again in a moment.' },
  context: { status: 400, code: 'context_window_too_small', message: 'The conversation is too long for the model.' },
  'too-large': { status: 413, code: 'payload_too_large', message: 'The request is too large for the upstream.' },
  model: { status: 404, code: 'not_found', message: 'The upstream does not know this model.' },
  'not-found': { status: 404, code: 'not_found', message: 'The upstream has nothing at this address.' },
  rejected: { status: 400, code: 'upstream_rejected', message: 'The upstream refused this request.' },
  timeout: { status: 504, code: 'timeout', message: 'The upstream did not get an answer in time.' },
  server: { status: 502, code: 'upstream_error', message: 'The upstream failed while it was answering.' },
};

/** Words about keys are left out: it is the place where keys are echoed. */
const WITHOUT_QUOTE: ReadonlySet<FailureKind> = new Set(['auth']);

/** An error object of an upstream, by its named code and never by numbers in its text (BUG-D9). */
export function readUpstreamError(value: unknown): WireError {
  const { kind, quote, waitMs } = classifyFailure(null, () => null, value, 'stream', 0);
  const said = SAID[kind];
  const words = WITHOUT_QUOTE.has(kind) ? null : quote;
  return {
    status: said.status,
    code: said.code,
    message: words === null || words === '' ? said.message : words,
    retryAfterS: waitMs === null ? null : Math.ceil(waitMs / 1000),
  };
}

export function unreadable(what: string): WireError {
  return {
    status: 502,
    code: 'upstream_bad_response',
    message: `The upstream ${what}. What came before it is part of an answer at most.`,
    retryAfterS: null,
  };
}
