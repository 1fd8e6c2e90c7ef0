import type { CredentialRecord, CredentialRest } from '#contract/records';

/** How a key stands, as the end of `credentials.tag` in the locale. */
export type KeyLook =
  | 'ready'
  | 'inUse'
  | 'full'
  | 'cooling'
  | 'exhausted'
  | 'refused'
  | 'signIn'
  | 'locked'
  | 'elsewhere'
  | 'disabled';

/** The one thing that fits how a key stands. */
export type KeyAction = 'test' | 'useNow' | 'reset' | 'signIn' | 'unlock' | 'confirmHost' | 'enable';

export interface KeyDescription {
  look: KeyLook;
  /** The rest that ends last, while one holds. */
  rest: CredentialRest | null;
  /** Null where only time helps: a provider's suspicion is not to be gone around. */
  action: KeyAction | null;
}

/**
 * How a key stands now, in the order in which it matters to a person. Pure: a rest ends by the clock, without news from the
 * core.
 *
 * @param origin where the key's provider is now; null where it has no address.
 * @param nowMs the time, or the end of the rest that ended last: nothing changes between two ends.
 */
export function describeKey(key: CredentialRecord, origin: string | null, nowMs: number): KeyDescription {
  const rest = key.rests.find(({ untilMs }) => untilMs > nowMs) ?? null;
  const told = (look: KeyLook, action: KeyAction | null): KeyDescription => ({
    look,
    rest: look === 'cooling' ? rest : null,
    action,
  });
  switch (key.state) {
    case 'disabled':
      return told('disabled', 'enable');
    case 'exhausted':
      return told('exhausted', 'reset');
    case 'refused':
      return told('refused', 'reset');
    case 'needs_sign_in':
      return told('signIn', 'signIn');
    default:
      break;
  }
  if (key.state === 'locked' || key.storage === 'locked') return told('locked', 'unlock');
  if (origin !== null && origin !== key.approvedOrigin) return told('elsewhere', 'confirmHost');
  if (rest !== null) return told('cooling', rest.kind === 'suspicious_activity' ? null : 'useNow');
  if (key.maxInFlight > 0 && key.inFlight >= key.maxInFlight) return told('full', 'test');
  return told(key.inFlight > 0 ? 'inUse' : 'ready', 'test');
}

/** When its rests end, in Unix milliseconds. */
export function restEnds(key: CredentialRecord): number[] {
  return key.rests.map(({ untilMs }) => untilMs);
}

/** Whether a request could have the key now. */
export function canAnswer(look: KeyLook): boolean {
  return look === 'ready' || look === 'inUse';
}

/** Whether nothing but a person can bring it back. */
export function needsPerson(look: KeyLook): boolean {
  return look === 'signIn' || look === 'locked' || look === 'elsewhere' || look === 'exhausted' || look === 'refused';
}
