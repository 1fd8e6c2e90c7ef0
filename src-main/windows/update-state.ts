import compareVersions from 'semver/functions/compare.js';
import type { FoundVersion, UpdateProblem, UpdateState, UpdateWay } from '#contract/updates';

/** What happens to an update: what a person asks for, and what comes of it. */
export type UpdateEvent =
  | { kind: 'check' }
  /** An answer came. `isOffered` is false for a version that is not meant for this computer yet. */
  | { kind: 'answered'; found: FoundVersion; isOffered: boolean; atMs: number }
  /** `older` has to be asked for by name: it is never taken for an update. */
  | { kind: 'download'; older: boolean }
  | { kind: 'progress'; percent: number }
  | { kind: 'downloaded' }
  | { kind: 'cancelled' }
  | { kind: 'install' }
  /** Whoever was asked keeps the application running. */
  | { kind: 'kept' }
  | { kind: 'failed'; problem: UpdateProblem };

export function firstUpdateState(way: UpdateWay, version: string): UpdateState {
  return { way, version, phase: 'idle', found: null, percent: null, checkedAtMs: null, problem: null };
}

function answered(state: UpdateState, event: Extract<UpdateEvent, { kind: 'answered' }>): UpdateState {
  const { found, isOffered, atMs } = event;
  const order = compareVersions(found.version, state.version);
  const phase = order < 0 ? 'older' : order > 0 && isOffered ? 'available' : 'current';
  return { ...state, phase, found, checkedAtMs: atMs };
}

/** Where a step that failed or was broken off leads back to: what was known before it. */
function back(state: UpdateState): UpdateState {
  if (state.phase === 'installing') return { ...state, phase: 'ready' };
  if (state.found === null) return { ...state, phase: 'idle', percent: null };
  const order = compareVersions(state.found.version, state.version);
  return { ...state, phase: order < 0 ? 'older' : order > 0 ? 'available' : 'current', percent: null };
}

/**
 * What follows from an event; the same object where nothing may. Pure.
 *
 * A download begins only from a version that was offered, or from an older one that was asked for as such; an install only
 * from one that has arrived. No other way leads to either.
 */
export function nextUpdateState(state: UpdateState, event: UpdateEvent): UpdateState {
  if (state.way !== 'self') return state;
  const { phase } = state;
  switch (event.kind) {
    case 'check':
      if (phase !== 'idle' && phase !== 'current' && phase !== 'available' && phase !== 'older') return state;
      return { ...state, phase: 'checking', found: null, problem: null };
    case 'answered':
      return phase === 'checking' ? answered(state, event) : state;
    case 'download':
      if (phase !== (event.older ? 'older' : 'available')) return state;
      return { ...state, phase: 'downloading', percent: 0, problem: null };
    case 'progress':
      if (phase !== 'downloading') return state;
      return { ...state, percent: Math.max(0, Math.min(100, Math.floor(event.percent))) };
    case 'downloaded':
      return phase === 'downloading' ? { ...state, phase: 'ready', percent: null } : state;
    case 'cancelled':
      return phase === 'downloading' ? back(state) : state;
    case 'install':
      return phase === 'ready' ? { ...state, phase: 'installing', problem: null } : state;
    case 'kept':
      return phase === 'installing' ? back(state) : state;
    case 'failed':
      if (phase !== 'checking' && phase !== 'downloading' && phase !== 'installing') return state;
      return { ...back(state), problem: event.problem };
  }
}
