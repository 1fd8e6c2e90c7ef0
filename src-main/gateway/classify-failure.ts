import type { CallFailure, FailureClass } from '../credentials/failure-class.ts';
import { isObject, type JsonObject, listOf, parseJson, textOf } from './json.ts';
import { rateLimitResetMs } from './rate-limit-reset.ts';
import { MAX_WAIT_MS, retryAfterMs } from './retry-after.ts';

/** An answer as far as its failure is concerned. */
export interface FailedAnswer {
  status: number;
  header: (name: string) => string | null;
  body: string;
}

/** Where a failure showed: in the answer's status, in a body under a success status, or within a stream. */
export type FailurePhase = 'headers' | 'body' | 'stream';

/** A failure as far as it can be read: what it means for keys and repetitions, and what a person is to be told. */
export interface ClassifiedFailure extends Omit<CallFailure, 'message'> {
  kind: FailureKind;
  /** The upstream's own words; null where there are none worth quoting. */
  quote: string | null;
  /** The upstream's own name of it. */
  upstreamCode: string | null;
}

/** An upstream's own words beside ours: enough to recognise the problem, not a page. */
const QUOTE_CHARS = 300;

/** Error types and codes as providers name them. Exact words: `429` inside a sentence means nothing (BUG-D9). */
const KINDS = new Map<string, FailureKind>(
  Object.entries<FailureKind>({
    authentication_error: 'auth',
    invalid_api_key: 'auth',
    invalid_authentication: 'auth',
    unauthorized: 'auth',
    permission_error: 'permission',
    permission_denied: 'permission',
    forbidden: 'permission',
    insufficient_quota: 'quota',
    billing_error: 'quota',
    billing_hard_limit_reached: 'quota',
    payment_required: 'quota',
    insufficient_balance: 'quota',
    monthly_request_count: 'quota',
    quota_exceeded: 'quota',
    overage_request_limit_exceeded: 'overage',
    suspicious_activity: 'suspicious',
    abuse_detected: 'suspicious',
    account_suspended: 'suspicious',
    rate_limit_error: 'rate',
    rate_limit_exceeded: 'rate',
    too_many_requests: 'rate',
    overloaded_error: 'overload',
    overloaded: 'overload',
    server_overloaded: 'overload',
    server_is_overloaded: 'overload',
    slow_down: 'overload',
    engine_overloaded: 'overload',
    engine_overloaded_error: 'overload',
    service_unavailable: 'overload',
    context_length_exceeded: 'context',
    string_above_max_length: 'context',
    request_too_large: 'too-large',
    body_too_large: 'too-large',
    model_not_found: 'model',
    model_not_available: 'model',
    invalid_model: 'model',
    not_found_error: 'not-found',
    not_found: 'not-found',
    invalid_request_error: 'rejected',
    unsupported_content_type: 'rejected',
    content_filter: 'rejected',
    content_policy_violation: 'rejected',
    timeout_error: 'timeout',
    timeout: 'timeout',
    api_error: 'server',
    server_error: 'server',
    internal_error: 'server',
    internal_server_error: 'server',
  }),
);

/** What went wrong, as finely as a sentence for a person wants it. */
export type FailureKind =
  | 'auth'
  | 'permission'
  | 'quota'
  | 'rate'
  | 'overload'
  | 'context'
  | 'too-large'
  | 'model'
  | 'not-found'
  | 'rejected'
  | 'timeout'
  | 'server'
  | 'overage'
  | 'suspicious';

/** Providers without a code for it say only in words that a prompt does not fit. Looked at for refused requests only. */
const TOO_LONG =
  /context (length|window|size)|prompt is too long|maximum context|too many tokens|exceeds? .{0,40}context/i;

/** Said in words only: the plan's requests are used up, what goes beyond the plan is used up, abuse is suspected. */
const MONTHLY =
  /month(ly)?\b.{0,40}\b(request|quota|limit)|(credit|balance|quota).{0,40}(exhausted|used up|insufficient|too low|exceeded)|insufficient (credit|balance|funds|quota)/i;
const OVERAGE = /overage/i;
const SUSPICIOUS = /\b(suspicious|abusive|unusual|abnormal) (activity|traffic|behaviou?r|usage)\b/i;

/**
 * What a failure is: the one place that decides it. Statuses come first, in this order; the upstream's own name of the error
 * counts within a status, and alone where there is none (BUG-D9, BUG-D19).
 *
 * @param status null for an error that came without one, in a body under 200 or in a stream.
 * @param body text, or the error object where it was parsed already.
 */
export function classifyFailure(
  status: number | null,
  header: (name: string) => string | null,
  body: unknown,
  phase: FailurePhase,
  nowMs: number,
): ClassifiedFailure {
  const parsed = typeof body === 'string' && phase === 'headers' ? parseJson(body) : body;
  const error = phase === 'headers' ? errorIn(parsed) : readError(body);
  const text = error?.message ?? (typeof body === 'string' ? body : '');
  const named = error === null ? null : namedKind(error);
  const shown = status ?? error?.status ?? null;
  const waitMs =
    retryAfterMs(header, nowMs) ??
    (shown === 429 ? (rateLimitResetMs(header, nowMs) ?? error?.retryDelayMs ?? null) : null);
  const kind = shown === null ? kindWithoutStatus(named, text) : kindOf(shown, named, text);
  const failureClass = shown === null ? CLASS_OF_KIND[kind] : classOf(shown, kind, named, text);
  return {
    class: failureClass,
    refused: isRefused(failureClass, shown, waitMs, phase),
    kind,
    status: shown,
    waitMs,
    quote: error?.message ?? (typeof body === 'string' && body.length <= QUOTE_CHARS ? body : null),
    upstreamCode: error?.code ?? error?.type ?? null,
  };
}

/** D.4 of the failure table, in its order. */
function classOf(status: number, kind: FailureKind, named: FailureKind | null, text: string): FailureClass {
  if (status === 402) {
    if (kind === 'overage') return 'overage';
    return named === 'quota' || MONTHLY.test(text) ? 'quota_exhausted' : 'payment_required';
  }
  if (status === 400) return 'bad_request';
  if (kind === 'suspicious') return 'suspicious_activity';
  if (status === 401) return 'auth';
  if (status === 403) return kind === 'quota' ? 'quota_exhausted' : kind === 'model' ? 'model_access' : 'auth';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 429) return kind === 'quota' ? 'quota_exhausted' : 'rate_limit';
  if (status >= 500 && status < 600)
    return kind === 'rate' ? 'rate_limit' : kind === 'overload' ? 'overload' : 'upstream_error';
  if (status >= 300 && status < 500) return 'client_error';
  return 'unknown_upstream';
}

/** Where an upstream gave no status, its own name of the error stands for one. */
const CLASS_OF_KIND: Readonly<Record<FailureKind, FailureClass>> = {
  auth: 'auth',
  permission: 'auth',
  quota: 'quota_exhausted',
  overage: 'overage',
  suspicious: 'suspicious_activity',
  rate: 'rate_limit',
  overload: 'overload',
  context: 'client_error',
  'too-large': 'client_error',
  model: 'client_error',
  'not-found': 'client_error',
  rejected: 'client_error',
  timeout: 'timeout',
  server: 'upstream_error',
};

const SURELY_REFUSED: ReadonlySet<FailureClass> = new Set<FailureClass>([
  'quota_exhausted',
  'overage',
  'payment_required',
  'auth',
  'model_access',
  'rate_limit',
  'bad_request',
  'client_error',
]);

/**
 * Whether it is certain that nothing was executed (BUG-A36). A 5xx may come from a proxy in front of an upstream that works
 * on; 529 and 503 with a time to come back are said before any work.
 */
function isRefused(failure: FailureClass, status: number | null, waitMs: number | null, phase: FailurePhase): boolean {
  if (SURELY_REFUSED.has(failure)) return status === null || status < 500;
  if (failure !== 'overload') return false;
  return status === null ? phase !== 'headers' : status === 529 || (status === 503 && waitMs !== null);
}

function kindWithoutStatus(named: FailureKind | null, text: string): FailureKind {
  if (named === 'rejected' && TOO_LONG.test(text)) return 'context';
  return named ?? 'server';
}

/** The error object of a body, where it has one. Google's servers put theirs into a list, and no list into another. */
export function errorOf(given: unknown): unknown {
  const body: unknown = Array.isArray(given) && given.length === 1 ? given[0] : given;
  if (!isObject(body)) return null;
  const error = body['error'];
  // Nothing stands in an empty one: some servers have it beside every answer.
  if (isObject(error) && Object.keys(error).length === 0) return null;
  if (isObject(error) || (typeof error === 'string' && error !== '')) return error;
  return body['type'] === 'error' ? body : null;
}

/** HTML by its type or, where the type lies, by its beginning. */
export function looksLikeHtml(answer: FailedAnswer): boolean {
  return (answer.header('content-type') ?? '').includes('text/html') || /^\s*<(!doctype|html)/i.test(answer.body);
}

interface ReadError {
  message: string | null;
  type: string | null;
  code: string | null;
  status: number | null;
  /** Google says in the body when to come back. */
  retryDelayMs: number | null;
}

const NOTHING_READ: ReadError = { message: null, type: null, code: null, status: null, retryDelayMs: null };
function errorIn(body: unknown): ReadError | null {
  const error = errorOf(body);
  if (error !== null) return readError(error);
  // Some servers put `message` or `detail` at the top.
  if (!isObject(body)) return null;
  const message = textOf(body['message']) ?? textOf(body['detail']);
  return message === null ? null : { ...NOTHING_READ, message, type: textOf(body['type']), code: textOf(body['code']) };
}

function readError(value: unknown): ReadError {
  if (typeof value === 'string') return { ...NOTHING_READ, message: value };
  if (!isObject(value)) return NOTHING_READ;
  const inner: JsonObject = isObject(value['error']) ? value['error'] : value;
  const code = inner['code'];
  const status = typeof code === 'number' ? code : inner['status'];
  return {
    message: textOf(inner['message']),
    type: textOf(inner['type']),
    code: textOf(code),
    status: typeof status === 'number' && status >= 400 && status < 600 ? status : null,
    retryDelayMs: retryDelayIn(inner['details']),
  };
}

/** `google.rpc.RetryInfo`: a number of seconds with an `s`. Read 2026-11. */
function retryDelayIn(details: unknown): number | null {
  const info = listOf(details).find((each) => isObject(each) && textOf(each['@type'])?.endsWith('RetryInfo') === true);
  const seconds = isObject(info) ? /^(\d+(?:\.\d+)?)s$/.exec(textOf(info['retryDelay']) ?? '')?.[1] : undefined;
  return seconds === undefined ? null : Math.min(Number(seconds) * 1000, MAX_WAIT_MS);
}

/** The most telling of an error's own words; `invalid_request_error` is said of most refusals and tells least. */
function namedKind(error: ReadError): FailureKind | null {
  const kinds = [error.code, error.type].map((name) => KINDS.get(name?.toLowerCase() ?? '') ?? null);
  return kinds.find((kind) => kind !== null && kind !== 'rejected') ?? kinds.find((kind) => kind !== null) ?? null;
}

/** The provider's own word counts where it is more exact than the status; a status is never overruled in its class. */
function kindOf(status: number, named: FailureKind | null, text: string): FailureKind {
  if (status === 401) return 'auth';
  if (status === 402) return named === 'overage' || OVERAGE.test(text) ? 'overage' : 'quota';
  if (status === 403 || status === 429) {
    if (named === 'suspicious' || SUSPICIOUS.test(text)) return 'suspicious';
  }
  if (status === 403) return named === 'quota' || named === 'auth' || named === 'model' ? named : 'permission';
  if (status === 429) return named === 'quota' ? 'quota' : 'rate';
  if (status === 404) return named === 'model' || /\bmodel\b/i.test(modelHint(text)) ? 'model' : 'not-found';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 413) return TOO_LONG.test(text) || named === 'context' ? 'context' : 'too-large';
  if (status === 503 || status === 529) return 'overload';
  if (status >= 500) return named === 'overload' || named === 'rate' || named === 'quota' ? named : 'server';
  if (named !== null && named !== 'rejected' && named !== 'server' && named !== 'timeout') return named;
  return TOO_LONG.test(text) ? 'context' : 'rejected';
}

/** “model … not found” in a 404's words, as Ollama and Anthropic say it; an address has no model in its complaint. */
function modelHint(text: string): string {
  return /model.{0,80}(not found|does not exist|unknown)|^model:/i.exec(text)?.[0] ?? '';
}
