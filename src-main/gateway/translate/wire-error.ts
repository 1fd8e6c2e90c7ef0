import type { ErrorCode } from '#contract/errors';
import { sseEvent } from './sse-text.ts';
import type { WireProtocol } from './wire-protocol.ts';

/** An error on its way to a client. */
export interface WireError {
  readonly status: number;
  /** One of the core's codes, or a provider's own where it came inside a stream. */
  readonly code: string;
  readonly message: string;
  readonly retryAfterS: number | null;
}

type Kind =
  | 'request'
  | 'auth'
  | 'permission'
  | 'billing'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'rate'
  | 'timeout'
  | 'overload'
  | 'server';

/**
 * What an error is by its code. Codes come first: an upstream that refuses a key of the pool is answered with 502 or 503, and
 * the client is still to hear that it is about a key and not about load (BUG-D11). Nothing is read out of the message (BUG-D9).
 */
const BY_CODE = new Map<string, Kind>(
  Object.entries<Kind>({
    unauthorized: 'auth',
    no_credential: 'auth',
    secrets_locked: 'auth',
    upstream_auth: 'auth',
    forbidden_sender: 'permission',
    account_flagged: 'permission',
    quota_exhausted: 'billing',
    budget_reached: 'billing',
    not_found: 'not-found',
    conflict: 'conflict',
    payload_too_large: 'too-large',
    invalid_payload: 'request',
    unsupported_option: 'request',
    context_window_too_small: 'request',
    upstream_rate_limited: 'rate',
    credentials_cooling: 'rate',
    credentials_busy: 'overload',
    upstream_overloaded: 'overload',
    shutting_down: 'overload',
    timeout: 'timeout',
    // The words of providers, as they stand inside their streams.
    authentication_error: 'auth',
    invalid_api_key: 'auth',
    permission_error: 'permission',
    billing_error: 'billing',
    insufficient_quota: 'billing',
    not_found_error: 'not-found',
    request_too_large: 'too-large',
    rate_limit_error: 'rate',
    rate_limit_exceeded: 'rate',
    overloaded_error: 'overload',
    timeout_error: 'timeout',
    invalid_request_error: 'request',
    context_length_exceeded: 'request',
    invalid_prompt: 'request',
    api_error: 'server',
    server_error: 'server',
  } satisfies Partial<Record<ErrorCode, Kind>> & Record<string, Kind>),
);

const BY_STATUS = new Map<number, Kind>([
  [401, 'auth'],
  [402, 'billing'],
  [403, 'permission'],
  [404, 'not-found'],
  [408, 'timeout'],
  [409, 'conflict'],
  [413, 'too-large'],
  [429, 'rate'],
  [503, 'overload'],
  [504, 'timeout'],
  [529, 'overload'],
]);

function kindOf(error: WireError): Kind {
  return BY_CODE.get(error.code) ?? BY_STATUS.get(error.status) ?? (error.status < 500 ? 'request' : 'server');
}

/** Anthropic's types of errors (API reference, 2026-11). */
const ANTHROPIC_TYPES: Record<Kind, string> = {
  request: 'invalid_request_error',
  auth: 'authentication_error',
  permission: 'permission_error',
  billing: 'billing_error',
  'not-found': 'not_found_error',
  conflict: 'conflict_error',
  'too-large': 'request_too_large',
  rate: 'rate_limit_error',
  timeout: 'timeout_error',
  overload: 'overloaded_error',
  server: 'api_error',
};

/** OpenAI's types of errors. */
const OPENAI_TYPES: Record<Kind, string> = {
  request: 'invalid_request_error',
  auth: 'authentication_error',
  permission: 'permission_error',
  billing: 'insufficient_quota',
  'not-found': 'not_found_error',
  conflict: 'conflict_error',
  'too-large': 'invalid_request_error',
  rate: 'rate_limit_error',
  timeout: 'timeout_error',
  overload: 'service_unavailable_error',
  server: 'server_error',
};

/** Codes that OpenAI's clients act on, beside the core's own. */
const OPENAI_CODES = new Map<string, string>([
  ['context_window_too_small', 'context_length_exceeded'],
  ['upstream_rate_limited', 'rate_limit_exceeded'],
  ['credentials_cooling', 'rate_limit_exceeded'],
  ['rate_limit_error', 'rate_limit_exceeded'],
  ['quota_exhausted', 'insufficient_quota'],
  ['billing_error', 'insufficient_quota'],
  ['overloaded_error', 'server_is_overloaded'],
  ['upstream_overloaded', 'server_is_overloaded'],
]);

export function openAiCode(error: WireError): string {
  return OPENAI_CODES.get(error.code) ?? error.code;
}

/** By these the SDKs’ threads know that the whole conversation has to be sent again, and send it. */
const THREAD_CODES: ReadonlySet<string> = new Set(['thread_not_found']);

/** An error in the client's protocol, as the body of an answer with the error's status. */
export function errorBody(client: WireProtocol, error: WireError): Record<string, unknown> {
  const kind = kindOf(error);
  if (client === 'anthropic-messages') {
    const details = THREAD_CODES.has(error.code) ? { details: { error_code: error.code } } : {};
    return { type: 'error', error: { type: ANTHROPIC_TYPES[kind], message: wordsFor(client, error), ...details } };
  }
  return {
    error: { message: wordsFor(client, error), type: OPENAI_TYPES[kind], param: null, code: openAiCode(error) },
  };
}

/**
 * The words by which a protocol's clients know a full context and make room by themselves: Anthropic has no code for it, and many
 * of OpenAI's (LangChain, Continue, pi) read none but where it stands in the words. The first are said where none of them are.
 */
const TOO_LONG = {
  anthropic: ['prompt is too long'],
  openAi: ['Your input exceeds the context window of this model (context_length_exceeded)', 'maximum context length'],
} as const;

/** Agents ask again by themselves at these words, as they do where the provider's own line breaks; other words end their work. */
const LINE_LOST = 'Connection lost';

function wordsFor(client: WireProtocol, { code, message }: WireError): string {
  if (code === 'upstream_lost') return `${LINE_LOST}: ${message}`;
  if (code !== 'context_window_too_small' && code !== 'context_length_exceeded') return message;
  const known = client === 'anthropic-messages' ? TOO_LONG.anthropic : TOO_LONG.openAi;
  return known.some((words) => message.includes(words)) ? message : `${known[0]}: ${message}`;
}

/** How far a responses stream has come; the other protocols count nothing. */
export interface StreamPlace {
  /** The number of the next event. */
  readonly nextSequence: number;
  /** The response that the stream began; null before it has. */
  readonly response: Record<string, unknown> | null;
}

const NOWHERE: StreamPlace = { nextSequence: 0, response: null };

/**
 * An error in the client's protocol inside a stream that has begun. Nothing is to follow it.
 *
 * A responses stream says it twice, as OpenAI does: `error` is what the official SDKs throw at, and `response.failed`, which they
 * would give out as one event among others, is what Codex reads. The fields of `error` stand where its description has them,
 * and in an object of that name, as they come in fact: the SDK for Python throws only at the latter.
 */
export function errorFrames(client: WireProtocol, error: WireError, place: StreamPlace = NOWHERE): string {
  switch (client) {
    case 'anthropic-messages':
      return sseEvent('error', errorBody(client, error));
    case 'openai-chat':
      return `data: ${JSON.stringify(errorBody(client, error))}\n\n`;
    case 'openai-responses': {
      const { nextSequence, response } = place;
      const code = openAiCode(error);
      const message = wordsFor(client, error);
      const fields = { code, message, param: null };
      const { error: inner } = errorBody(client, error);
      const told = { type: 'error', ...fields, error: inner, sequence_number: nextSequence };
      if (response === null) return sseEvent('error', told);
      const failed = { output: [], ...response, status: 'failed', error: { code, message } };
      return (
        sseEvent('error', told) +
        sseEvent('response.failed', {
          type: 'response.failed',
          sequence_number: nextSequence + 1,
          response: failed,
        })
      );
    }
  }
}
