import type { FailureSaying } from '#contract/failure-saying';
/**
 * What an upstream's failure is, as far as keys and repetitions go. The words for a person are the gateway's; what follows
 * from a class is `FAILURE_ACTIONS`, and nothing else decides it.
 */
export type FailureClass =
  /** The plan or the credit of the account is used up. */
  | 'quota_exhausted'
  /** 402 that says that the extra beyond the plan is used up for now. */
  | 'overage'
  /** 402 that says nothing more. */
  | 'payment_required'
  | 'bad_request'
  /** 401 and 403: the key is not accepted. */
  | 'auth'
  /** 403 that is about one model only. */
  | 'model_access'
  | 'rate_limit'
  | 'timeout'
  | 'overload'
  | 'upstream_error'
  /** The provider suspects abuse of the account. */
  | 'suspicious_activity'
  /** Any other refusal of this request: 404, 413, 422 … */
  | 'client_error'
  /** A status that means nothing here. */
  | 'unknown_upstream'
  /** No connection: not a byte of the request was read by anybody. */
  | 'unreachable'
  /** The connection broke after the request was sent. */
  | 'connection_lost';

/** Why a key rests. The durations are settings, the names are stored. */
export const COOLDOWN_KINDS = [
  'rate_limit',
  'timeout',
  'upstream_error',
  'overage_request_limit',
  'suspicious_activity',
  'model_access',
] as const;
export type CooldownKind = (typeof COOLDOWN_KINDS)[number];

/** What happens to the key that was used. */
export type KeyAction =
  | { do: 'nothing' }
  | { do: 'disable'; reason: 'quota_exhausted' }
  /** `model`: it rests for this model only; `credential`: for every model; `account`: with all of its account. */
  | { do: 'cool'; kind: CooldownKind; scope: 'model' | 'credential' | 'account' }
  /** Counted; at the third in a row the key is disabled. A renewed token comes first, where there is a way. */
  | { do: 'count' };

/** What may become of the request. Whether it may be repeated at all is decided by the failure's `refused`. */
export type RequestAction =
  /** Another key would meet the same, or must not be tried. */
  | 'fail'
  /** This key is out for this request; another one is tried at once. */
  | 'switch'
  /** Another key after a short pause, else the same one after a longer one. */
  | 'wait'
  /** Nobody was reached: the same again after a pause. */
  | 'again';

export interface FailureAction {
  key: KeyAction;
  request: RequestAction;
  /** Counts towards the transient rate of the health figures. */
  transient: boolean;
}

const nothing: KeyAction = { do: 'nothing' };
const cool = (kind: CooldownKind, scope: 'model' | 'credential' | 'account'): KeyAction => ({
  do: 'cool',
  kind,
  scope,
});

/** The failure table. */
export const FAILURE_ACTIONS: Readonly<Record<FailureClass, FailureAction>> = {
  quota_exhausted: { key: { do: 'disable', reason: 'quota_exhausted' }, request: 'switch', transient: false },
  overage: { key: cool('overage_request_limit', 'credential'), request: 'switch', transient: false },
  payment_required: { key: nothing, request: 'switch', transient: false },
  bad_request: { key: nothing, request: 'fail', transient: false },
  auth: { key: { do: 'count' }, request: 'switch', transient: false },
  model_access: { key: cool('model_access', 'model'), request: 'switch', transient: false },
  rate_limit: { key: cool('rate_limit', 'model'), request: 'wait', transient: true },
  timeout: { key: cool('timeout', 'model'), request: 'wait', transient: true },
  overload: { key: cool('upstream_error', 'model'), request: 'wait', transient: true },
  upstream_error: { key: cool('upstream_error', 'model'), request: 'wait', transient: true },
  suspicious_activity: { key: cool('suspicious_activity', 'account'), request: 'fail', transient: true },
  client_error: { key: nothing, request: 'fail', transient: false },
  unknown_upstream: { key: cool('upstream_error', 'model'), request: 'wait', transient: true },
  unreachable: { key: nothing, request: 'again', transient: true },
  connection_lost: { key: nothing, request: 'again', transient: true },
};

/** A failure as the pool and the retry engine see it. */
export interface CallFailure {
  class: FailureClass;
  /** It is certain that nothing was executed, so the request may go out again. */
  refused: boolean;
  status: number | null;
  /** The wait that the provider named, in milliseconds; null where it named none. */
  waitMs: number | null;
  /** What a person reads: free of secrets. */
  message: string;
  said?: FailureSaying;
}
