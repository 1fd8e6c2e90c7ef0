import fc from 'fast-check';
import compareVersions from 'semver/functions/compare.js';
import { describe, expect, it } from 'vitest';
import type { UpdatePhase, UpdateState } from '#contract/updates';
import { firstUpdateState, nextUpdateState, type UpdateEvent } from './update-state.ts';

const NOW = '1.2.0';
const found = (version: string) => ({ version, sizeBytes: null, releasedAtMs: null });
const problem = { during: 'check', kind: 'offline', message: null } as const;
const PHASES = ['idle', 'checking', 'current', 'available', 'older', 'downloading', 'ready', 'installing'] as const;
const EVENTS = {
  check: { kind: 'check' },
  newer: { kind: 'answered', found: found('1.3.0'), isOffered: true, atMs: 1 },
  staged: { kind: 'answered', found: found('1.3.0'), isOffered: false, atMs: 1 },
  same: { kind: 'answered', found: found(NOW), isOffered: false, atMs: 1 },
  lower: { kind: 'answered', found: found('1.1.9'), isOffered: true, atMs: 1 },
  download: { kind: 'download', older: false },
  downloadOlder: { kind: 'download', older: true },
  progress: { kind: 'progress', percent: 41.7 },
  downloaded: { kind: 'downloaded' },
  cancelled: { kind: 'cancelled' },
  install: { kind: 'install' },
  kept: { kind: 'kept' },
  failed: { kind: 'failed', problem },
} satisfies Record<string, UpdateEvent>;

/** A state in a phase, as it comes about: about a newer version, but where the phase says otherwise. */
function inPhase(phase: UpdatePhase): UpdateState {
  const about = phase === 'idle' || phase === 'checking' ? null : found(phase === 'older' ? '1.1.9' : '1.3.0');
  return { ...firstUpdateState('self', NOW), phase, found: about };
}

/** Where each event leads from each phase; what is not listed changes nothing. */
const LEADS: Record<UpdatePhase, Partial<Record<keyof typeof EVENTS, UpdatePhase>>> = {
  idle: { check: 'checking' },
  checking: { newer: 'available', staged: 'current', same: 'current', lower: 'older', failed: 'idle' },
  current: { check: 'checking' },
  available: { check: 'checking', download: 'downloading' },
  older: { check: 'checking', downloadOlder: 'downloading' },
  downloading: { progress: 'downloading', downloaded: 'ready', cancelled: 'available', failed: 'available' },
  ready: { install: 'installing' },
  installing: { kept: 'ready', failed: 'ready' },
};

describe('the state of an update', () => {
  it.each(PHASES.flatMap((phase) => Object.keys(EVENTS).map((event) => [phase, event] as const)))(
    '[E12] %s, %s',
    (phase, event) => {
      const before = inPhase(phase);
      const after = nextUpdateState(before, EVENTS[event as keyof typeof EVENTS]);
      const lead = LEADS[phase][event as keyof typeof EVENTS];
      if (lead === undefined) expect(after).toBe(before);
      else expect(after.phase).toBe(lead);
    },
  );

  it('[E12] an older version that could not be fetched is still an older one', () => {
    const fetching = nextUpdateState(inPhase('older'), EVENTS.downloadOlder);
    expect(nextUpdateState(fetching, EVENTS.failed)).toMatchObject({ phase: 'older', problem });
    expect(nextUpdateState(fetching, EVENTS.cancelled)).toMatchObject({ phase: 'older', percent: null });
  });

  it('[E12] a copy that others update does nothing by itself', () => {
    const other = firstUpdateState('deb', NOW);
    for (const event of Object.values(EVENTS)) expect(nextUpdateState(other, event)).toBe(other);
  });

  it('[E12] in no order of events a lower version is fetched without having been asked for as such', () => {
    const version = fc
      .tuple(fc.nat(3), fc.nat(3), fc.constantFrom('', '-beta.1', '-beta.2', '-alpha'))
      .map(([minor, patch, tail]) => `1.${minor}.${patch}${tail}`);
    const event: fc.Arbitrary<UpdateEvent> = fc.oneof(
      fc.record({
        kind: fc.constant('answered' as const),
        found: version.map(found),
        isOffered: fc.boolean(),
        atMs: fc.nat(),
      }),
      fc.constantFrom<UpdateEvent>(EVENTS.check, EVENTS.download, EVENTS.downloadOlder),
      fc.constantFrom<UpdateEvent>(...Object.values(EVENTS).filter(({ kind }) => kind !== 'answered')),
    );
    fc.assert(
      fc.property(version, fc.array(event, { minLength: 30, maxLength: 60, size: 'max' }), (own, events) => {
        let state = firstUpdateState('self', own);
        for (const each of events) {
          const next = nextUpdateState(state, each);
          if (next.phase === 'downloading' && state.phase !== 'downloading') {
            const order = compareVersions(state.found?.version ?? own, own);
            expect(each).toEqual({ kind: 'download', older: order < 0 });
            expect(order).not.toBe(0);
          }
          if (next.phase === 'ready') expect(['downloading', 'installing', 'ready']).toContain(state.phase);
          if (next.phase === 'installing' && state.phase !== 'installing') expect(each.kind).toBe('install');
          state = next;
        }
      }),
      { numRuns: 400 },
    );
  });
});
