import { assertNever } from '#contract/assert-never';
import type { ErrorCode } from '#contract/errors';
import { MAX_HINT_MS } from '../../credentials/cooldown.ts';
import { withoutLabels } from '../../credentials/reasons-by-key.ts';
import { AbortReason, type AppFailure, failureOf, toAppFailure } from '../../platform/app-failure.ts';
import type { WireError, WireProtocol } from '../translate/translation.ts';
import { TranslationFailure } from '../translate/translation-failure.ts';

/** A failure as a program is told it, with what the headers say. What it is called follows from its code. */
export interface ToldError extends WireError {
  /** Waiting mends it. Official clients ask again by themselves unless they are told not to. */
  readonly mends: boolean;
}

/** Where nobody named a time. */
const BUSY_WAIT_S = 10;
const KEY_TROUBLE_WAIT_S = 60;
/** Codex keeps to `retry-after`, four times over, before it shows the sentence that tells what to do. */
const STUCK_WAIT_S = 2;
const LAST_WAIT_S = 30;
/** A connection that was refused or cut says nothing of the next one, and no key rests for it. */
const BROKEN_WAIT_S = 3;

const NEEDS_A_PERSON: ReadonlySet<ErrorCode> = new Set(['no_credential', 'quota_exhausted', 'upstream_auth']);

interface Kind {
  status: number;
  waitS: number | null;
  mends: boolean;
}

const fault = (status: number): Kind => ({ status, waitS: null, mends: false });
const passing = (status: number, waitS: number): Kind => ({ status, waitS, mends: true });
/** A person has to do something; asking again at once changes nothing. */
const stuck = (status: number): Kind => ({ status, waitS: STUCK_WAIT_S, mends: false });

/**
 * Failures by their class, never by their words (BUG-D9). Trouble with a key of the pool is said with 502: a
 * program would take a 401 for trouble with its own key (BUG-D11).
 */
function kindOf(code: ErrorCode): Kind {
  switch (code) {
    case 'invalid_payload':
    case 'unsupported_option':
    case 'context_window_too_small':
      return fault(400);
    case 'unauthorized':
      return fault(401);
    case 'forbidden_sender':
      return fault(403);
    case 'not_found':
    case 'unknown_route':
      return fault(404);
    case 'conflict':
    case 'conflict_active_run':
      return fault(409);
    case 'payload_too_large':
      return fault(413);
    case 'budget_reached':
      return fault(402);
    case 'credentials_busy':
    case 'queue_full':
    case 'upstream_overloaded':
      return passing(503, BUSY_WAIT_S);
    case 'credentials_cooling':
    case 'upstream_rate_limited':
      return passing(503, KEY_TROUBLE_WAIT_S);
    case 'account_flagged':
      return stuck(503);
    case 'no_credential':
    case 'secrets_locked':
    case 'upstream_auth':
      return stuck(502);
    case 'quota_exhausted':
      return stuck(502);
    case 'upstream_rejected':
      return fault(400);
    case 'upstream_unreachable':
    case 'proxy_failed':
    case 'upstream_error':
    case 'upstream_bad_response':
    case 'upstream_no_run_id':
    case 'upstream_empty_answer':
    case 'upstream_lost':
      return passing(502, BROKEN_WAIT_S);
    case 'timeout':
      return passing(504, LAST_WAIT_S);
    case 'shutting_down':
    case 'storage_unavailable':
    case 'storage_full':
      return passing(503, LAST_WAIT_S);
    case 'aborted':
    case 'interrupted':
    case 'internal':
      return fault(500);
    default:
      return assertNever(code);
  }
}

/** Statuses of an upstream that speak of the request, and so are the program's to see. */
const OF_THE_REQUEST = new Set([400, 404, 405, 408, 409, 410, 413, 415, 422]);

/** Anything thrown, as a program is told it. */
export function toldError(thrown: unknown): ToldError {
  if (thrown instanceof TranslationFailure) {
    const isRequest = thrown.status < 500;
    const code = thrown.code ?? (isRequest ? 'invalid_payload' : 'upstream_bad_response');
    return { status: thrown.status, code, message: thrown.message, retryAfterS: null, mends: false };
  }
  const failure =
    thrown instanceof AbortReason && thrown.kind === 'shutdown'
      ? failureOf('shutting_down', { word: 'closing_calls' }, { cause: thrown })
      : withoutLabels(toAppFailure(thrown));
  const { message } = failure;
  const restMs = restOf(failure);
  const code = restMs === null ? failure.code : 'credentials_cooling';
  const { status, waitS, mends } = kindOf(code);
  const told = failure.details?.['status'];
  const isRequest = code === 'upstream_rejected' && typeof told === 'number' && OF_THE_REQUEST.has(told);
  const waitMs = restMs ?? (failure.retry.kind === 'after' ? failure.retry.waitMs : null);
  const named = waitMs === null ? null : secondsOf(waitMs, failure);
  const retryAfterS = waitS === null ? null : (named ?? waitS);
  return { status: isRequest ? told : statusIn(failure, status), code, message, retryAfterS, mends };
}

/** One key needs a person, but another one only rests: whichever was asked last, waiting mends it. Null where it does not. */
function restOf({ code, details }: AppFailure): number | null {
  const restMs = details?.['restMs'];
  return typeof restMs === 'number' && NEEDS_A_PERSON.has(code) ? restMs : null;
}

/** A provider may name days: its key rests for half an hour of them at most, and nobody is told to wait for longer. */
function secondsOf(waitMs: number, { details }: AppFailure): number {
  const heldMs = details?.['retryAfterMs'] === waitMs ? Math.min(waitMs, MAX_HINT_MS) : waitMs;
  return Math.max(1, Math.ceil(heldMs / 1000));
}

/** A failure of the door may have a status of its own. */
function statusIn(failure: AppFailure, status: number): number {
  return 'status' in failure && typeof failure.status === 'number' ? failure.status : status;
}

export function errorHeaders({ retryAfterS, mends }: ToldError): Record<string, string> {
  return {
    ...(retryAfterS === null ? {} : { 'retry-after': String(retryAfterS) }),
    // The official clients of both protocols read it.
    'x-should-retry': String(mends),
  };
}

/** A sign of life between frames: what each protocol's clients are made to read over. */
export function pingFrame(protocol: WireProtocol): string {
  return protocol === 'anthropic-messages' ? 'event: ping\ndata: {"type": "ping"}\n\n' : ': ping\n\n';
}
