import { describe, expect, it } from 'vitest';
import type { ConversationVersion } from '#contract/events';
import type { Turn } from './group-turns.ts';
import { groupVersions } from './group-versions.ts';

const turn = (key: string, runId: string | null): Turn => ({ key, runId, user: null, rows: [], run: null });
const version = (id: string, anchor: string | null): ConversationVersion => ({
  version_id: id,
  anchor_run_id: anchor,
  preview: id,
  message_count: 2,
  created_at_ms: 0,
});
const TURNS = [turn('t1', 'r1'), turn('t2', 'r2'), turn('t3', 'r3')];

describe('earlier versions', () => {
  it('stand before the turn that follows their anchor, the newest first', () => {
    const { byTurn, atEnd } = groupVersions(TURNS, [version('a', 'r1'), version('b', 'r1'), version('c', null)], false);
    expect(byTurn.get('t2')?.map((each) => each.version_id)).toEqual(['b', 'a']);
    expect(byTurn.get('t1')?.map((each) => each.version_id)).toEqual(['c']);
    expect(atEnd).toEqual([]);
  });

  it('of the beginning are not offered in the middle of a longer conversation', () => {
    expect(groupVersions(TURNS, [version('c', null)], true).byTurn.size).toBe(0);
  });

  it('in whose place nothing stands are offered at the end', () => {
    expect(groupVersions(TURNS, [version('a', 'r3')], false).atEnd).toHaveLength(1);
    expect(groupVersions([], [version('a', null)], false).atEnd).toHaveLength(1);
  });
});
