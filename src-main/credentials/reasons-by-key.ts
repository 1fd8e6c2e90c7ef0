import type { ErrorCode } from '#contract/errors';
import type { FailureFact, FailureSaying } from '#contract/failure-saying';
import { type AppFailure, factOf, failureOf } from '../platform/app-failure.ts';
import { type Candidate, coolingOf } from './choose-credential.ts';
import { remainingMs } from './cooldown.ts';

/** What is told of a key that did not serve a request. */
export interface KeyReason {
  /** As its owner calls it. */
  label: string;
  reason: FailureFact;
  /** How long it rests still; null where time alone changes nothing. */
  waitMs: number | null;
}

/** What is known of a key beyond choosing it. */
interface Known extends Candidate {
  readonly row: { readonly label: string };
  readonly lastError: { readonly said?: FailureSaying; readonly message: string } | null;
}

/** What time alone mends. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['upstream_rate_limited', 'upstream_overloaded']);
/** More of them say nothing more. */
const MOST_TOLD = 6;

/**
 * Why each key of a profile does not serve a request, in the order of the list; keys that would serve it are left out. Pure.
 *
 * @param refusedBy what each key that the request used has answered it, by the key's id.
 */
export function reasonsByKey(
  keys: readonly Known[],
  about: { origin: string; model: string | null; nowMs: number; refusedBy: ReadonlyMap<string, AppFailure> },
): KeyReason[] {
  return keys.flatMap((key) => {
    const waiting = coolingOf(key, about.model, about.nowMs);
    const waitMs = waiting === null ? null : remainingMs(waiting, about.nowMs);
    const refusal = about.refusedBy.get(key.id);
    const reason = reasonOf(key, about) ?? waiting?.reason ?? (refusal === undefined ? null : factOf(refusal));
    return reason === null
      ? []
      : [{ label: key.row.label, reason, waitMs: key.disabledReason === null ? waitMs : null }];
  });
}

function reasonOf(key: Known, { origin, model }: { origin: string; model: string | null }): FailureFact | null {
  const last = key.lastError === null ? null : (key.lastError.said ?? key.lastError.message);
  switch (key.disabledReason) {
    case null:
      break;
    case 'quota_exhausted':
    case 'too_many_failures':
      return last ?? { word: key.disabledReason === 'quota_exhausted' ? 'each_no_credit' : 'each_refused' };
    case 'invalid_refresh_token':
      return { word: 'each_sign_in' };
    default:
      return { word: 'each_off' };
  }
  if (key.origin !== origin) return { word: 'each_other_origin', with: { approved: key.origin } };
  if (!key.canOpen) return { word: 'each_locked' };
  return key.models !== null && model !== null && !key.models.has(model) ? { word: 'each_other_models' } : null;
}

/**
 * A failure that says of each key what is wrong with it, where there are several: one of them alone would hide the others.
 * What rests is waited for as long as the first of them does; `details.restMs` says so of every failure.
 */
export function withReasons(failure: AppFailure, reasons: readonly KeyReason[]): AppFailure {
  if (reasons.length < 2) return failure;
  const keys: Record<string, FailureFact> = {};
  for (const [index, { label, reason }] of reasons.slice(0, MOST_TOLD).entries()) {
    const number = index + 1;
    keys[`key${number}`] = { word: 'each_key', with: { label, number, reason } };
  }
  const more = reasons.length - MOST_TOLD;
  const waits = reasons.flatMap(({ waitMs }) => (waitMs === null ? [] : [waitMs]));
  const restMs = waits.length > 0 ? Math.min(...waits) : null;
  return failureOf(
    failure.code,
    {
      word: 'keys_each',
      with: {
        failure: factOf(failure),
        ...keys,
        ...(more > 0 ? { more: { word: 'each_more', with: { count: more } } } : {}),
      },
    },
    {
      // The last one's own words know only of itself.
      retry: restMs !== null && PASSING.has(failure.code) ? { kind: 'after', waitMs: restMs } : failure.retry,
      details: { ...failure.details, ...(restMs === null ? {} : { restMs }) },
      cause: failure,
    },
  );
}

/** The same for a program, which is not told what the owner calls the keys. */
export function withoutLabels(failure: AppFailure): AppFailure {
  const { said, code, retry, details } = failure;
  if (said?.word !== 'keys_each') return failure;
  const facts = Object.entries(said.with ?? {}).map(([name, fact]) => [name, numbered(fact)] as const);
  return failureOf(code, { ...said, with: Object.fromEntries(facts) }, { retry, details: { ...details } });
}

function numbered(fact: FailureFact): FailureFact {
  if (typeof fact !== 'object' || fact.word !== 'each_key') return fact;
  return { word: 'each_numbered', with: { ...fact.with, label: '' } };
}
