import type { AppError, ErrorCode, Retry, UserAction } from '#contract/errors';
import type { FailureFact, FailureWord } from '#contract/failure-saying';
import { cutText } from '#contract/message';
import { inEnglish } from '../platform/app-failure.ts';
import { callScrubOf } from './call-scrub.ts';
import {
  type ClassifiedFailure,
  classifyFailure,
  errorOf,
  type FailedAnswer,
  looksLikeHtml,
} from './classify-failure.ts';
import { parseJson } from './json.ts';
import { type MissingEndpoint, missingEndpoint } from './missing-endpoint.ts';

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

/** Statuses that servers in front of an upstream say by themselves, mostly with a page. */
const LIMITS: ReadonlySet<number> = new Set([413, 429]);

/** What is said of the way to a server, by whoever stands on it: a proxy, a connection meant for another, another protocol. */
const OF_THE_WAY: ReadonlySet<number> = new Set([407, 421, 426]);

/** An answer that is no success: any status but 2xx, with whatever body. */
export function mapErrorResponse(answer: FailedAnswer, context: FailureContext): AppError {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return build(context, {
      code: 'upstream_bad_response',
      word: 'redirected',
      retry: action('check-address'),
      status,
    });
  }
  if (OF_THE_WAY.has(status)) {
    return build(context, {
      code: 'upstream_bad_response',
      word: 'refused_the_way',
      retry: action('check-address'),
      status,
    });
  }
  const isPage = errorOf(parseJson(answer.body)) === null && looksLikeHtml(answer);
  // A page under 5xx is of the server in front of an upstream that is down, under 413 and 429 of one that has limits of its own:
  // the address is right, and the page's text says nothing.
  const error =
    isPage && status < 500 && !LIMITS.has(status)
      ? mapWebPage(context, status)
      : describe(classifyFailure(status, answer.header, isPage ? '' : answer.body, 'headers', context.nowMs), context);
  return withMissing(error, missingEndpoint(status, answer.body));
}

/** An error object that came where none was expected: in a 200 body, or inside a stream (BUG-D8, BUG-D19). */
export function mapErrorObject(value: unknown, context: FailureContext, phase: 'body' | 'stream' = 'stream'): AppError {
  const error = describe(
    classifyFailure(null, () => null, value, phase, context.nowMs),
    context,
  );
  return phase === 'stream' ? error : withMissing(error, missingEndpoint(200, JSON.stringify({ error: value })));
}

function withMissing(error: AppError, missing: MissingEndpoint | null): AppError {
  return missing === null ? error : { ...error, details: { ...error.details, missing } };
}

export function mapWebPage(context: FailureContext, status: number): AppError {
  return build(context, {
    code: 'upstream_bad_response',
    word: 'web_page',
    retry: action('check-address'),
    status,
  });
}

/** What is wrong with an answer that cannot be read. */
export type UnreadableWord = Extract<FailureWord, `what_${string}`>;

/** An answer with a success status that cannot be read: empty, no JSON, another media type. */
export function mapUnreadable(what: UnreadableWord, context: FailureContext, status: number): AppError {
  return build(context, {
    code: 'upstream_bad_response',
    word: 'unread_answer',
    what,
    retry: action('check-address'),
    status,
  });
}

function describe(facts: ClassifiedFailure, context: FailureContext): AppError {
  const told = (code: ErrorCode, word: FailureWord, retry: Retry, quotes = true, longMs?: number): AppError =>
    build(context, {
      code,
      word,
      retry,
      status: facts.status,
      ...(longMs === undefined ? {} : { waitMs: facts.waitMs ?? longMs }),
      quote: quotes ? facts.quote : null,
      upstreamCode: facts.upstreamCode,
      retryAfterMs: facts.waitMs,
      failure: facts,
    });
  const wait = (fallbackMs: number): Retry => ({ kind: 'after', waitMs: facts.waitMs ?? fallbackMs });
  switch (facts.kind) {
    case 'auth':
      if (context.secret === null) return told('no_credential', 'asks_for_key', action('add-key'), false);
      // What it says about a key is left out: it is the place where keys are echoed.
      return told('upstream_auth', 'key_refused', action('replace-key'), false);
    case 'permission':
      return told('upstream_auth', 'not_allowed', action('replace-key'));
    case 'quota':
      return told('quota_exhausted', 'no_credit', action('replace-key'));
    case 'overage':
      return told('upstream_rate_limited', 'overage', wait(OVERAGE_WAIT_MS), true, OVERAGE_WAIT_MS);
    case 'suspicious':
      return told('account_flagged', 'flagged', action('retry'));
    case 'rate':
      return told('upstream_rate_limited', 'rate_limited', wait(RATE_LIMIT_WAIT_MS), true, RATE_LIMIT_WAIT_MS);
    case 'overload':
      return told('upstream_overloaded', 'overloaded', wait(OVERLOAD_WAIT_MS));
    case 'context':
      return told('context_window_too_small', 'too_long_for_model', action('shorten'));
    case 'too-large':
      return told('upstream_rejected', 'too_large', action('shorten'));
    case 'model':
      return told('upstream_rejected', 'unknown_model', action('choose-model'));
    case 'not-found':
      return told('upstream_rejected', 'nothing_there', action('check-address'));
    case 'rejected':
      return told('upstream_rejected', 'refused', { kind: 'no' });
    case 'timeout':
      return told('upstream_error', 'too_late', wait(ERROR_WAIT_MS));
    case 'server':
      return told('upstream_error', 'server_failed', wait(ERROR_WAIT_MS));
  }
}

interface Parts {
  code: ErrorCode;
  word: FailureWord;
  /** What an adapter found. */
  what?: UnreadableWord;
  /** What the sentence says of when to try again. */
  waitMs?: number;
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
  const quote = words === '' ? '' : cutText(words, QUOTE_CHARS).replace(/[.\s]+$/, '');
  const facts: Record<string, FailureFact> = {
    upstream: context.upstream,
    ...(parts.status === null ? {} : { status: parts.status }),
    ...(quote === '' ? {} : { quote }),
    ...(parts.what === undefined ? {} : { what: { word: parts.what } }),
    ...(parts.waitMs === undefined ? {} : { in: parts.waitMs }),
  };
  const said = { word: parts.word, with: facts };
  const upstreamCode = scrub.words(parts.upstreamCode ?? '');
  return {
    code: parts.code,
    message: inEnglish(said),
    retry: parts.retry,
    details: {
      ...(parts.status === null ? {} : { status: parts.status }),
      ...(parts.retryAfterMs == null ? {} : { retryAfterMs: parts.retryAfterMs }),
      ...(parts.failure === undefined ? {} : { failure: parts.failure.class, refused: parts.failure.refused }),
      ...(upstreamCode === '' ? {} : { upstreamCode: cutText(upstreamCode, 80) }),
      said,
    },
  };
}

function action(name: UserAction): Retry {
  return { kind: 'user-action', action: name };
}
