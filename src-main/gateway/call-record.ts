import type { Usage } from '#contract/events';
import type { FailureClass } from '../credentials/failure-class.ts';

/** One call to an upstream, told when it is over and no earlier (E10-27, BUG-D2). */
export interface CallRecord {
  profileId: string;
  profile: string;
  model: string | null;
  credentialId: string | null;
  /** Our id of the run that it was made for. */
  runId: string;
  sessionId: string | null;
  /** Counts the calls of one request, from 1. */
  attempt: number;
  outcome: 'success' | 'failure' | 'aborted';
  failure: FailureClass | null;
  startedAtMs: number;
  endedAtMs: number;
  /** From the call's beginning to the first part of the answer; null when none came. */
  firstPartMs: number | null;
  /** How long the request waited for its key. */
  waitedMs: number;
  /** Another call of the same request follows. */
  isRepeated: boolean;
  /** This call used another key than the one before it. */
  isFallback: boolean;
  usage: Usage | null;
}
