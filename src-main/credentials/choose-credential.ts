import { type Cooldown, nextProbeAtMs, remainingMs } from './cooldown.ts';

/** What choosing needs to know of a key. The pool's own entries fit it, so that choosing copies nothing. */
export interface Candidate {
  readonly id: string;
  /** Lower goes first. */
  readonly priority: number;
  /** Requests at once; 0 means no limit. */
  readonly limit: number;
  readonly inFlight: number;
  /** Grows with each lease of any key; 0 for one that was never used. */
  readonly lastUse: number;
  /** When it last failed in a way that passes; null for never. */
  readonly troubleAtMs: number | null;
  readonly disabledReason: string | null;
  /** When a key that failed too often may be tried again. */
  readonly nextTrialAtMs: number;
  readonly origin: string;
  readonly canOpen: boolean;
  /** The models it may be used for; null for all. */
  readonly models: ReadonlySet<string> | null;
  /** By model; `''` holds for all. */
  readonly cooldowns: ReadonlyMap<string, Cooldown>;
  /** A request is finding out whether its rest is over. */
  readonly isProbing: boolean;
}

export interface ChoiceQuestion {
  mode: 'priority' | 'balanced';
  origin: string;
  model: string | null;
  /** The key that this conversation has used. */
  boundId: string | null;
  /** Used by this request already: only again when nothing else is left. */
  tried: ReadonlySet<string> | null;
  /** Refused this request: not again. */
  out: ReadonlySet<string> | null;
  /** A key to use if that is possible at all, such as one whose token was just renewed. */
  preferredId: string | null;
  /** Go beyond the limits of keys rather than wait. */
  overflow: boolean;
  /** For a question beside the answers, such as a stop: neither rest nor limit counts. */
  aside: boolean;
  nowMs: number;
}

/** Why no key can be used, in the order in which a person should hear of it. */
export type Obstacle =
  | 'none'
  | 'out'
  | 'quota'
  | 'refused'
  | 'sign-in'
  | 'disabled'
  | 'locked'
  | 'other-origin'
  | 'model';

export type Choice<T> =
  /** `asProbe`: it rests, and this request finds out whether that is over. */
  | { kind: 'take'; candidate: T; asProbe: boolean }
  /** Every usable key serves as many requests as it may. */
  | { kind: 'full' }
  /** Every usable key rests; the first may be tried at `readyAtMs`, or earlier when a request under way shows that it works. */
  | { kind: 'cooling'; readyAtMs: number; cooldown: Cooldown; hangsOnProbe: boolean }
  | { kind: 'blocked'; obstacle: Obstacle };

/** A key that failed longer ago than this is as good as one that never did. Otherwise it would never be chosen again. */
export const TROUBLE_FORGOTTEN_MS = 10 * 60_000;

/**
 * Which key a request gets. Pure; looks at each candidate once and makes no list.
 *
 * Order in `priority` mode: priority, no recent trouble, least recently used. In `balanced` mode: fewest requests under way,
 * no recent trouble, least recently used, priority. A conversation's own key goes first while it is usable and free.
 */
export function chooseCredential<T extends Candidate>(candidates: readonly T[], question: ChoiceQuestion): Choice<T> {
  const { model, nowMs, tried, out, origin, boundId, preferredId, aside } = question;
  let fresh: T | null = null;
  let used: T | null = null;
  let full: T | null = null;
  let resting: T | null = null;
  let restingCooldown: Cooldown | null = null;
  let restingAtMs = Number.POSITIVE_INFINITY;
  let hangsOnProbe = false;
  let trial: T | null = null;
  let obstacle: Obstacle = 'none';
  for (const candidate of candidates) {
    // The common case costs four comparisons; there may be hundreds of keys at every request.
    const isPlain =
      candidate.disabledReason === null &&
      candidate.models === null &&
      candidate.origin === origin &&
      candidate.canOpen;
    const why = isPlain ? null : obstacleOf(candidate, question);
    if (why !== null) {
      obstacle = worseOf(obstacle, why);
      if (
        why === 'refused' &&
        isTrialDue(candidate, question) &&
        (trial === null || goesBefore(candidate, trial, question))
      )
        trial = candidate;
      continue;
    }
    if (out?.has(candidate.id)) {
      obstacle = 'out';
      continue;
    }
    const cooldown = candidate.cooldowns.size === 0 || aside ? null : coolingOf(candidate, model, nowMs);
    if (cooldown !== null) {
      const hangs = candidate.isProbing || !isFree(candidate);
      hangsOnProbe ||= hangs;
      const readyAtMs = hangs ? cooldown.untilMs : nextProbeAtMs(cooldown, nowMs);
      if (resting === null || isLessBad(candidate, readyAtMs, resting, restingAtMs, nowMs, question)) {
        resting = candidate;
        restingCooldown = cooldown;
        restingAtMs = readyAtMs;
      }
      continue;
    }
    if (!aside && !isFree(candidate)) {
      if (full === null || goesBefore(candidate, full, question)) full = candidate;
      continue;
    }
    if (candidate.id === preferredId) return { kind: 'take', candidate, asProbe: false };
    if (tried?.has(candidate.id)) {
      if (used === null || goesBefore(candidate, used, question)) used = candidate;
    } else if (candidate.id === boundId) {
      if (preferredId === null) return { kind: 'take', candidate, asProbe: false };
      fresh = candidate;
    } else if (fresh === null || (fresh.id !== boundId && goesBefore(candidate, fresh, question))) {
      fresh = candidate;
    }
  }
  // Tried ones come back when nothing else is left: with one key, or when all were tried.
  const ready = fresh ?? used;
  if (ready !== null) return { kind: 'take', candidate: ready, asProbe: false };
  if (full !== null) return question.overflow ? { kind: 'take', candidate: full, asProbe: false } : { kind: 'full' };
  if (resting !== null && restingCooldown !== null) {
    if (restingAtMs <= nowMs) return { kind: 'take', candidate: resting, asProbe: true };
    return { kind: 'cooling', readyAtMs: Math.max(restingAtMs, nowMs), cooldown: restingCooldown, hangsOnProbe };
  }
  if (trial !== null) return { kind: 'take', candidate: trial, asProbe: true };
  return { kind: 'blocked', obstacle };
}

/** The cooldown that keeps a key from serving a model; the longer one where two hold. Null when it is ready. */
export function coolingOf(
  candidate: Pick<Candidate, 'cooldowns'>,
  model: string | null,
  nowMs: number,
): Cooldown | null {
  const whole = candidate.cooldowns.get('') ?? null;
  const own = model === null ? null : (candidate.cooldowns.get(model) ?? null);
  const wholeMs = whole === null ? 0 : remainingMs(whole, nowMs);
  const ownMs = own === null ? 0 : remainingMs(own, nowMs);
  if (wholeMs === 0 && ownMs === 0) return null;
  return ownMs > wholeMs ? own : whole;
}

function isFree(candidate: Candidate): boolean {
  return candidate.limit === 0 || candidate.inFlight < candidate.limit;
}

function obstacleOf(candidate: Candidate, question: ChoiceQuestion): Obstacle | null {
  switch (candidate.disabledReason) {
    case null:
      break;
    case 'quota_exhausted':
      return 'quota';
    case 'too_many_failures':
      return 'refused';
    case 'invalid_refresh_token':
      return 'sign-in';
    default:
      return 'disabled';
  }
  if (candidate.origin !== question.origin) return 'other-origin';
  if (!candidate.canOpen) return 'locked';
  if (candidate.models !== null && question.model !== null && !candidate.models.has(question.model)) return 'model';
  return null;
}

/** A key that was refused too often gets one request at a time to show that it works again. */
function isTrialDue(candidate: Candidate, question: ChoiceQuestion): boolean {
  return (
    question.nowMs >= candidate.nextTrialAtMs &&
    !candidate.isProbing &&
    candidate.origin === question.origin &&
    candidate.canOpen &&
    isFree(candidate) &&
    !question.out?.has(candidate.id) &&
    (candidate.models === null || question.model === null || candidate.models.has(question.model))
  );
}

const OBSTACLES: readonly Obstacle[] = [
  'none',
  'disabled',
  'model',
  'other-origin',
  'locked',
  'refused',
  'sign-in',
  'quota',
  'out',
];

function worseOf(a: Obstacle, b: Obstacle): Obstacle {
  return OBSTACLES.indexOf(a) >= OBSTACLES.indexOf(b) ? a : b;
}

function trouble(candidate: Candidate, nowMs: number): number {
  const atMs = candidate.troubleAtMs;
  return atMs === null || nowMs - atMs >= TROUBLE_FORGOTTEN_MS ? 0 : atMs;
}

function goesBefore(a: Candidate, b: Candidate, { mode, nowMs }: ChoiceQuestion): boolean {
  if (mode === 'priority') {
    if (a.priority !== b.priority) return a.priority < b.priority;
  } else if (a.inFlight !== b.inFlight) return a.inFlight < b.inFlight;
  // Most keys never had any.
  if (a.troubleAtMs !== b.troubleAtMs) {
    const aTrouble = trouble(a, nowMs);
    const bTrouble = trouble(b, nowMs);
    if (aTrouble !== bTrouble) return aTrouble < bTrouble;
  }
  if (a.lastUse !== b.lastUse) return a.lastUse < b.lastUse;
  if (a.priority !== b.priority) return a.priority < b.priority;
  return a.id < b.id;
}

/** Among resting keys: one that may be tried now, else the one that may be tried first. */
function isLessBad(
  a: Candidate,
  aAtMs: number,
  b: Candidate,
  bAtMs: number,
  nowMs: number,
  question: ChoiceQuestion,
): boolean {
  const aReady = aAtMs <= nowMs;
  const bReady = bAtMs <= nowMs;
  if (aReady !== bReady) return aReady;
  if (!aReady && aAtMs !== bAtMs) return aAtMs < bAtMs;
  const aTried = question.tried?.has(a.id) ?? false;
  if (aTried !== (question.tried?.has(b.id) ?? false)) return !aTried;
  const order = (a.troubleAtMs ?? 0) - (b.troubleAtMs ?? 0);
  return order === 0 ? goesBefore(a, b, question) : order < 0;
}
