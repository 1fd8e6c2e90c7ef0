import type { AppError, ErrorCode, Retry, UserAction } from '#contract/errors';
import { cutText } from '#contract/message';
import { isObject, type JsonObject, parseJson, textOf } from './json.ts';
import { retryAfterMs } from './retry-after.ts';
import { scrubSecret } from './scrub-secret.ts';

/** Whom a sentence is about, and what must not stand in it. */
export interface FailureContext {
  /** The profile's name. */
  upstream: string;
  secret: string | null;
  nowMs: number;
}

/** An answer as far as its failure is concerned. */
export interface FailedAnswer {
  status: number;
  header: (name: string) => string | null;
  body: string;
}

/** Waits where an upstream names none. */
const RATE_LIMIT_WAIT_MS = 10_000;
const OVERLOAD_WAIT_MS = 10_000;
const ERROR_WAIT_MS = 3_000;
/** An upstream's own words beside ours: enough to recognise the problem, not a page. */
const QUOTE_CHARS = 300;

/** Error types and codes as providers name them. Exact words: `429` inside a sentence means nothing (BUG-D9). */
const KINDS = new Map<string, Kind>(
  Object.entries<Kind>({
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
    rate_limit_error: 'rate',
    rate_limit_exceeded: 'rate',
    too_many_requests: 'rate',
    overloaded_error: 'overload',
    overloaded: 'overload',
    server_overloaded: 'overload',
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

type Kind =
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
  | 'server';

/** Providers without a code for it say only in words that a prompt does not fit. Looked at for refused requests only. */
const TOO_LONG =
  /context (length|window|size)|prompt is too long|maximum context|too many tokens|exceeds? .{0,40}context/i;

/** An answer that is no success: any status but 2xx, with whatever body. */
export function mapErrorResponse(answer: FailedAnswer, context: FailureContext): AppError {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return build(context, {
      code: 'upstream_bad_response',
      sentence: 'sent this request to another address instead of answering it, which Sluice does not follow',
      remedy: 'Check the address of the profile: the final one belongs there.',
      retry: action('check-address'),
      status,
    });
  }
  const body = parseJson(answer.body);
  const error = errorIn(body);
  if (error === null && looksLikeHtml(answer)) return mapWebPage(context, status);
  const named = error === null ? null : namedKind(error);
  return describe(kindOf(status, named, error?.message ?? answer.body), context, {
    status,
    quote: error?.message ?? (answer.body.length <= QUOTE_CHARS ? answer.body : null),
    waitMs: retryAfterMs(answer.header, context.nowMs),
    upstreamCode: error?.code ?? error?.type ?? null,
  });
}

/** An error object that came where none was expected: in a 200 body, or inside a stream (BUG-D8, BUG-D19). */
export function mapErrorObject(value: unknown, context: FailureContext): AppError {
  const error = readError(value);
  const named = namedKind(error);
  const kind = error.status === null ? (named ?? 'server') : kindOf(error.status, named, error.message ?? '');
  const isTooLong = kind === 'rejected' && TOO_LONG.test(error.message ?? '');
  return describe(isTooLong ? 'context' : kind, context, {
    status: error.status,
    quote: error.message,
    waitMs: null,
    upstreamCode: error.code ?? error.type,
  });
}

/** The error object of a body, where it has one. */
export function errorOf(body: unknown): unknown {
  if (!isObject(body)) return null;
  const error = body['error'];
  if (isObject(error) || (typeof error === 'string' && error !== '')) return error;
  return body['type'] === 'error' ? body : null;
}

export function mapWebPage(context: FailureContext, status: number): AppError {
  return build(context, {
    code: 'upstream_bad_response',
    sentence: 'answered with a web page instead of data',
    remedy: 'Check the address of the profile.',
    retry: action('check-address'),
    status,
  });
}

/** An answer with a success status that cannot be read: empty, no JSON, another media type. */
export function mapUnreadable(what: string, context: FailureContext, status: number): AppError {
  return build(context, {
    code: 'upstream_bad_response',
    sentence: what,
    remedy: 'Check that the address and the kind of the profile fit together.',
    retry: action('check-address'),
    status,
  });
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
}

function errorIn(body: unknown): ReadError | null {
  const error = errorOf(body);
  if (error !== null) return readError(error);
  // Some servers put `message` or `detail` at the top.
  if (!isObject(body)) return null;
  const message = textOf(body['message']) ?? textOf(body['detail']);
  return message === null ? null : { message, type: textOf(body['type']), code: textOf(body['code']), status: null };
}

function readError(value: unknown): ReadError {
  if (typeof value === 'string') return { message: value, type: null, code: null, status: null };
  if (!isObject(value)) return { message: null, type: null, code: null, status: null };
  const inner: JsonObject = isObject(value['error']) ? value['error'] : value;
  const code = inner['code'];
  const status = typeof code === 'number' ? code : inner['status'];
  return {
    message: textOf(inner['message']),
    type: textOf(inner['type']),
    code: textOf(code),
    status: typeof status === 'number' && status >= 400 && status < 600 ? status : null,
  };
}

/** The most telling of an error's own words; `invalid_request_error` is said of most refusals and tells least. */
function namedKind(error: ReadError): Kind | null {
  const kinds = [error.code, error.type].map((name) => KINDS.get(name?.toLowerCase() ?? '') ?? null);
  return kinds.find((kind) => kind !== null && kind !== 'rejected') ?? kinds.find((kind) => kind !== null) ?? null;
}

/** The provider's own word counts where it is more exact than the status; a status is never overruled in its class. */
function kindOf(status: number, named: Kind | null, text: string): Kind {
  if (status === 401) return 'auth';
  if (status === 402) return 'quota';
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

interface Facts {
  status: number | null;
  quote: string | null;
  waitMs: number | null;
  upstreamCode: string | null;
}

function describe(kind: Kind, context: FailureContext, facts: Facts): AppError {
  const told = (code: ErrorCode, sentence: string, remedy: string, retry: Retry, quotes = true): AppError =>
    build(context, {
      code,
      sentence,
      remedy,
      retry,
      status: facts.status,
      quote: quotes ? facts.quote : null,
      upstreamCode: facts.upstreamCode,
      retryAfterMs: facts.waitMs,
    });
  const wait = (fallbackMs: number): Retry => ({ kind: 'after', waitMs: facts.waitMs ?? fallbackMs });
  switch (kind) {
    case 'auth':
      if (context.secret === null) {
        return told('no_credential', 'asks for a key', 'Add one to the profile.', action('add-key'), false);
      }
      // What it says about a key is left out: it is the place where keys are echoed.
      return told('upstream_auth', 'did not accept the key', 'Replace the key.', action('replace-key'), false);
    case 'permission':
      return told(
        'upstream_auth',
        'does not allow this with the key in use',
        'Check what the key may do, or replace it.',
        action('replace-key'),
      );
    case 'quota':
      return told(
        'quota_exhausted',
        'has no credit left for this key',
        'Add credit with the provider, or use another key.',
        action('replace-key'),
      );
    case 'rate':
      return told(
        'upstream_rate_limited',
        'takes no more requests just now',
        `Try again ${inSeconds(facts.waitMs ?? RATE_LIMIT_WAIT_MS)}.`,
        wait(RATE_LIMIT_WAIT_MS),
      );
    case 'overload':
      return told('upstream_overloaded', 'is overloaded', 'Try again in a moment.', wait(OVERLOAD_WAIT_MS));
    case 'context':
      return told(
        'context_window_too_small',
        'says that this conversation is too long for the model',
        'Shorten it, start a new session, or choose a model with a larger context.',
        action('shorten'),
      );
    case 'too-large':
      return told(
        'upstream_rejected',
        'says that this request is too large',
        'Shorten the message or leave out attachments.',
        action('shorten'),
      );
    case 'model':
      return told('upstream_rejected', 'does not know this model', 'Choose another model.', action('choose-model'));
    case 'not-found':
      return told(
        'upstream_rejected',
        'has nothing at this address',
        'Check the address of the profile.',
        action('check-address'),
      );
    case 'rejected':
      return told('upstream_rejected', 'refused this request', 'Change the message or the model, then try again.', {
        kind: 'no',
      });
    case 'timeout':
      return told('upstream_error', 'did not get an answer in time', 'Try again.', wait(ERROR_WAIT_MS));
    case 'server':
      return told('upstream_error', 'failed while it was answering', 'Try again in a moment.', wait(ERROR_WAIT_MS));
  }
}

interface Parts {
  code: ErrorCode;
  /** What happened, after the upstream's name. */
  sentence: string;
  remedy: string;
  retry: Retry;
  status: number | null;
  quote?: string | null;
  upstreamCode?: string | null;
  /** The wait that the upstream itself named. */
  retryAfterMs?: number | null;
}

function build(context: FailureContext, parts: Parts): AppError {
  const words = scrubSecret(parts.quote ?? '', context.secret)
    .replace(/\s+/g, ' ')
    .trim();
  const quote = words === '' ? '' : `: “${cutText(words, QUOTE_CHARS).replace(/[.\s]+$/, '')}”`;
  const status = parts.status === null ? '' : ` (${parts.status})`;
  const upstreamCode = scrubSecret(parts.upstreamCode ?? '', context.secret);
  return {
    code: parts.code,
    message: `“${context.upstream}” ${parts.sentence}${status}${quote}. ${parts.remedy}`,
    retry: parts.retry,
    details: {
      ...(parts.status === null ? {} : { status: parts.status }),
      ...(parts.retryAfterMs == null ? {} : { retryAfterMs: parts.retryAfterMs }),
      ...(upstreamCode === '' ? {} : { upstreamCode: cutText(upstreamCode, 80) }),
    },
  };
}

function action(name: UserAction): Retry {
  return { kind: 'user-action', action: name };
}

function inSeconds(waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1000);
  if (seconds <= 1) return 'in a second';
  return seconds < 120 ? `in ${seconds} seconds` : `in ${Math.ceil(seconds / 60)} minutes`;
}
