import type { AppError, ErrorCode, Retry, UserAction } from '#contract/errors';
import { cutText } from '#contract/message';
import { callScrubOf } from './call-scrub.ts';
import {
  type ClassifiedFailure,
  classifyFailure,
  errorOf,
  type FailedAnswer,
  looksLikeHtml,
} from './classify-failure.ts';
import { parseJson } from './json.ts';

export { errorOf, looksLikeHtml };

/** Whom a sentence is about, and what must not stand in it. */
export interface FailureContext {
  /** The profile's name. */
  upstream: string;
  secret: string | null;
  nowMs: number;
}

/** Waits where an upstream names none. */
const RATE_LIMIT_WAIT_MS = 10_000;
const OVERLOAD_WAIT_MS = 10_000;
const OVERAGE_WAIT_MS = 600_000;
const ERROR_WAIT_MS = 3_000;
/** An upstream's own words beside ours: enough to recognise the problem, not a page. */
const QUOTE_CHARS = 300;

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
  if (errorOf(parseJson(answer.body)) === null && looksLikeHtml(answer)) return mapWebPage(context, status);
  return describe(classifyFailure(status, answer.header, answer.body, 'headers', context.nowMs), context);
}

/** An error object that came where none was expected: in a 200 body, or inside a stream (BUG-D8, BUG-D19). */
export function mapErrorObject(value: unknown, context: FailureContext, phase: 'body' | 'stream' = 'stream'): AppError {
  return describe(
    classifyFailure(null, () => null, value, phase, context.nowMs),
    context,
  );
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

function describe(facts: ClassifiedFailure, context: FailureContext): AppError {
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
      failure: facts,
    });
  const wait = (fallbackMs: number): Retry => ({ kind: 'after', waitMs: facts.waitMs ?? fallbackMs });
  switch (facts.kind) {
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
    case 'overage':
      return told(
        'upstream_rate_limited',
        'has given this account what goes beyond its plan, and no more just now',
        `Try again ${inSeconds(facts.waitMs ?? OVERAGE_WAIT_MS)}, or use another key.`,
        wait(OVERAGE_WAIT_MS),
      );
    case 'suspicious':
      return told(
        'account_flagged',
        'reports unusual activity on this account',
        'Sluice has stopped using its keys for a while and tries no way around it. Look into the account with the provider.',
        action('retry'),
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
  /** What it means for keys and repetitions. */
  failure?: Pick<ClassifiedFailure, 'class' | 'refused'>;
}

function build(context: FailureContext, parts: Parts): AppError {
  // Before anything is cut: half a key would no longer be known as one.
  const scrub = callScrubOf(context.secret);
  const words = scrub
    .words(parts.quote ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  const quote = words === '' ? '' : `: “${cutText(words, QUOTE_CHARS).replace(/[.\s]+$/, '')}”`;
  const status = parts.status === null ? '' : ` (${parts.status})`;
  const upstreamCode = scrub.words(parts.upstreamCode ?? '');
  return {
    code: parts.code,
    message: `“${context.upstream}” ${parts.sentence}${status}${quote}. ${parts.remedy}`,
    retry: parts.retry,
    details: {
      ...(parts.status === null ? {} : { status: parts.status }),
      ...(parts.retryAfterMs == null ? {} : { retryAfterMs: parts.retryAfterMs }),
      ...(parts.failure === undefined ? {} : { failure: parts.failure.class, refused: parts.failure.refused }),
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
