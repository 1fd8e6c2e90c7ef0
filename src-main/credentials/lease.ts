import type { FailureSaying } from '#contract/failure-saying';
import type { CallFailure } from './failure-class.ts';

/** How a call ended, as far as its key is concerned. Booked once, when the answer is over. */
export type LeaseOutcome =
  /** `goesOnAs`: what a request says that goes on from this answer; it is kept with the key as the conversation is. */
  | { kind: 'success'; goesOnAs?: string | null }
  | { kind: 'failure'; failure: CallFailure }
  /** Stopped on purpose, or a question that says nothing about answers: no judgement about the key. */
  | { kind: 'none' }
  /** The key was accepted for something smaller than an answer, such as a list of models. */
  | { kind: 'accepted' };

/** A credential in use, owned by the request until its answer is over. */
export interface CredentialLease {
  credentialId: string;
  secret: string;
  /** How long the request waited for it. */
  waitedMs: number;
  /** The answer has begun to be shown: whoever waits to see whether this key works again can go on. */
  answering(): void;
  /** Books how the call ended; only the first word counts. */
  report(outcome: LeaseOutcome): void;
  /** Gives it back; calling it twice is harmless. Without a report before it, nothing is booked. */
  release(): void;
}

/** What a request wants a key for. */
export interface LeaseQuestion {
  profileId: string;
  /** The scheme, host and port that the key is to be sent to; empty for the demo. */
  origin: string;
  model?: string | null;
  /** Keeps its key over its messages; null or absent for none. */
  conversation?: string | null;
  /** The answer that it goes on from, as it was reported; before the conversation, for another key may not know it. */
  goesOnFrom?: string | null;
  /** Used by this request already: only again when nothing else is left. */
  tried?: ReadonlySet<string>;
  /** Refused this request: not again. */
  out?: ReadonlySet<string>;
  /** A key to use if that is possible at all. */
  preferredId?: string | null;
  /** Waits for nothing: any key that can be used, whether it is busy or rests. For a question beside the answers. */
  aside?: boolean;
  /** With `aside`: it takes a place all the same, as an answer does that is under way already. */
  holdsPlace?: boolean;
  /** Ends the wait at once. */
  signal?: AbortSignal;
  /** The wait ends by then, whatever the settings allow. */
  deadlineAtMs?: number;
  /** Hears when the request has to wait. Called synchronously; must not throw. */
  waiting?(wait: LeaseWait): void;
}

/** Why a request waits for a key. `waitMs` is when it goes on, or, where that depends on others, when it gives up. */
export interface LeaseWait {
  code: 'credentials_busy' | 'credentials_cooling';
  waitMs: number;
  /** A sentence for a person. */
  reason: string;
  said?: FailureSaying;
}

/** Whether another key than those that a request has used could take it. */
export type OtherKeys = { kind: 'ready' } | { kind: 'later'; waitMs: number } | { kind: 'none' };
