import { assertNever } from '#contract/assert-never';
import type { ErrorCode } from '#contract/errors';
import { AppFailure, toAppFailure } from '../../platform/app-failure.ts';
import { TranslationFailure, type WireProtocol } from '../translate/translation.ts';

/** A failure as a program is told it. */
export interface WireError {
  status: number;
  /** The protocol's own name of what it is: Anthropic's, or OpenAI's. */
  type: WireErrorType;
  /** Ours, finer: it stands beside the type where the protocol has room. */
  code: string;
  message: string;
  retryAfterS: number | null;
  /** Waiting mends it. Official clients ask again by themselves unless they are told not to. */
  mends: boolean;
}

/** Anthropic's words; `OPENAI_TYPE` has the other protocol's for each. */
export type WireErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'request_too_large'
  | 'rate_limit_error'
  | 'overloaded_error'
  | 'billing_error'
  | 'timeout_error'
  | 'api_error';

const OPENAI_TYPE: Readonly<Record<WireErrorType, string>> = {
  invalid_request_error: 'invalid_request_error',
  authentication_error: 'authentication_error',
  permission_error: 'permission_error',
  not_found_error: 'invalid_request_error',
  request_too_large: 'invalid_request_error',
  rate_limit_error: 'rate_limit_error',
  overloaded_error: 'server_error',
  billing_error: 'insufficient_quota',
  timeout_error: 'server_error',
  api_error: 'server_error',
};

/** Where nobody named a time. */
const BUSY_WAIT_S = 10;
const KEY_TROUBLE_WAIT_S = 60;
const LAST_WAIT_S = 30;

type Kind = Pick<WireError, 'status' | 'type'> & { waitS: number | null; mends: boolean };

const fault = (status: number, type: WireErrorType): Kind => ({ status, type, waitS: null, mends: false });
const passing = (status: number, type: WireErrorType, waitS: number): Kind => ({ status, type, waitS, mends: true });
/** A person has to do something; asking again at once changes nothing. */
const stuck = (status: number, type: WireErrorType): Kind => ({
  status,
  type,
  waitS: KEY_TROUBLE_WAIT_S,
  mends: false,
});

/**
 * Failures by their class, never by their words (BUG-D9). Trouble with a key of the pool is an authentication error, and
 * said with 502: a program would take a 401 for trouble with its own key (BUG-D11).
 */
function kindOf(code: ErrorCode): Kind {
  switch (code) {
    case 'invalid_payload':
    case 'unsupported_option':
    case 'context_window_too_small':
      return fault(400, 'invalid_request_error');
    case 'unauthorized':
      return fault(401, 'authentication_error');
    case 'forbidden_sender':
      return fault(403, 'permission_error');
    case 'not_found':
    case 'unknown_route':
      return fault(404, 'not_found_error');
    case 'conflict':
    case 'conflict_active_run':
      return fault(409, 'invalid_request_error');
    case 'payload_too_large':
      return fault(413, 'request_too_large');
    case 'budget_reached':
      return fault(402, 'billing_error');
    case 'credentials_busy':
    case 'queue_full':
    case 'upstream_overloaded':
      return passing(503, 'overloaded_error', BUSY_WAIT_S);
    case 'credentials_cooling':
    case 'upstream_rate_limited':
      return passing(503, 'rate_limit_error', KEY_TROUBLE_WAIT_S);
    case 'account_flagged':
      return stuck(503, 'permission_error');
    case 'no_credential':
    case 'secrets_locked':
    case 'upstream_auth':
      return stuck(502, 'authentication_error');
    case 'quota_exhausted':
      return stuck(502, 'billing_error');
    case 'upstream_rejected':
      return fault(400, 'invalid_request_error');
    case 'upstream_unreachable':
    case 'proxy_failed':
    case 'upstream_error':
    case 'upstream_bad_response':
    case 'upstream_no_run_id':
    case 'upstream_empty_answer':
    case 'upstream_lost':
      return passing(502, 'api_error', LAST_WAIT_S);
    case 'timeout':
      return passing(504, 'timeout_error', LAST_WAIT_S);
    case 'shutting_down':
    case 'storage_unavailable':
    case 'storage_full':
      return passing(503, 'api_error', LAST_WAIT_S);
    case 'aborted':
    case 'interrupted':
    case 'internal':
      return fault(500, 'api_error');
    default:
      return assertNever(code);
  }
}

/** Statuses of an upstream that speak of the request, and so are the program's to see. */
const OF_THE_REQUEST = new Set([400, 404, 405, 408, 409, 410, 413, 415, 422]);

/** Anything thrown, as a program is told it. */
export function wireErrorOf(thrown: unknown): WireError {
  if (thrown instanceof TranslationFailure) {
    const kind = thrown.status < 500 ? fault(thrown.status, 'invalid_request_error') : fault(502, 'api_error');
    return { ...kind, code: 'translation', message: thrown.message, retryAfterS: null };
  }
  const failure = toAppFailure(thrown);
  const { status, type, waitS, mends } = kindOf(failure.code);
  const told = failure.details?.['status'];
  const isRequest = failure.code === 'upstream_rejected' && typeof told === 'number' && OF_THE_REQUEST.has(told);
  const named = failure.retry.kind === 'after' ? Math.max(1, Math.ceil(failure.retry.waitMs / 1000)) : null;
  return {
    status: isRequest ? told : statusIn(failure, status),
    type: isRequest && told === 404 ? 'not_found_error' : type,
    code: failure.code,
    message: failure.message,
    retryAfterS: waitS === null ? null : (named ?? waitS),
    mends,
  };
}

/** A failure of the door may have a status of its own. */
function statusIn(failure: AppFailure, status: number): number {
  return 'status' in failure && typeof failure.status === 'number' ? failure.status : status;
}

export function wireErrorHeaders({ retryAfterS, mends }: WireError): Record<string, string> {
  return {
    ...(retryAfterS === null ? {} : { 'retry-after': String(retryAfterS) }),
    // The official clients of both protocols read it.
    'x-should-retry': String(mends),
  };
}

/** The error as a whole body in the client's protocol. */
export function wireErrorBody(protocol: WireProtocol, error: WireError): Record<string, unknown> {
  const { message, type, code } = error;
  if (protocol === 'anthropic-messages') return { type: 'error', error: { type, message } };
  return { error: { message, type: OPENAI_TYPE[type], param: null, code } };
}

/** The same within a stream that has begun: the last word of it. No terminal event is made up (BUG-D8). */
export function wireErrorFrame(protocol: WireProtocol, error: WireError): string {
  const body = wireErrorBody(protocol, error);
  switch (protocol) {
    case 'anthropic-messages':
      return `event: error\ndata: ${JSON.stringify(body)}\n\n`;
    case 'openai-chat':
      return `data: ${JSON.stringify(body)}\n\n`;
    case 'openai-responses': {
      const { message, code } = error;
      const data = { type: 'error', code, message, param: null, sequence_number: 0 };
      return `event: error\ndata: ${JSON.stringify(data)}\n\n`;
    }
  }
}

/** A sign of life between frames: what each protocol's clients are made to read over. */
export function pingFrame(protocol: WireProtocol): string {
  return protocol === 'anthropic-messages' ? 'event: ping\ndata: {"type": "ping"}\n\n' : ': ping\n\n';
}
