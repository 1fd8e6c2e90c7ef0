import type { FailureSaying } from './failure-saying.ts';

/** Where new versions come from: those for everybody, or those that are tried first. */
export const UPDATE_CHANNELS = ['stable', 'beta'] as const;
export type UpdateChannel = (typeof UPDATE_CHANNELS)[number];

/** Whether Sluice looks for new versions by itself. Nobody is asked for anything until the answer is `on`. */
export const UPDATE_CHECKS = ['unasked', 'on', 'off'] as const;
export type UpdateChecks = (typeof UPDATE_CHECKS)[number];

/**
 * How this copy gets a new version. `self`: it can fetch and install one. The others say who else has to: whoever runs the
 * headless host or the sources, the system's package manager (`deb`), a person with a new archive or portable program, and
 * `unnamed` for a build that was told of no place where new versions are.
 */
export type UpdateWay = 'self' | 'headless' | 'sources' | 'deb' | 'archive' | 'portable' | 'unnamed';

/** What stands between two versions. `older` is offered only to whoever asks for it by name. */
export type UpdatePhase =
  | 'idle'
  | 'checking'
  | 'current'
  | 'available'
  | 'older'
  | 'downloading'
  | 'ready'
  | 'installing';

/** Why a step failed, as a case that the page has words for. */
export type UpdateProblemKind = 'offline' | 'missing' | 'damaged' | 'unsigned' | 'full' | 'denied' | 'backup' | 'other';

export interface UpdateProblem {
  during: 'check' | 'download' | 'install';
  kind: UpdateProblemKind;
  /** What the system or the store said, one line; null where the case says it all. */
  message: string | null;
  said?: FailureSaying;
}

export interface FoundVersion {
  version: string;
  sizeBytes: number | null;
  releasedAtMs: number | null;
}

/** How it stands with new versions. */
export interface UpdateState {
  way: UpdateWay;
  /** The version that runs. */
  version: string;
  phase: UpdatePhase;
  /** The version that the phase is about; null in `idle`, and where none was named. */
  found: FoundVersion | null;
  /** 0 to 100 while a download tells how far it is. */
  percent: number | null;
  /** When an answer came last; null before the first. */
  checkedAtMs: number | null;
  /** What went wrong with the last step; null once another one begins. */
  problem: UpdateProblem | null;
}
