import { describe, expect, it } from 'vitest';
import { emptyMessage, type MessageRole } from '#contract/message';
import type { Compaction } from '#contract/records';
import { groupTurns } from './group-turns.ts';
import { placeCompactions } from './place-compactions.ts';

const row = (id: string, role: MessageRole, run: string) =>
  emptyMessage({ id, session_id: 's', run_id: run, role, created_at_ms: 0 });

const TURNS = groupTurns(
  [row('u1', 'user', 'r1'), row('a1', 'assistant', 'r1'), row('u2', 'user', 'r2'), row('a2', 'assistant', 'r2')],
  {},
);

function compaction(id: string, lastMessageId: string): Compaction {
  return {
    id,
    summary: `summary ${id}`,
    lastMessageId,
    messageCount: 2,
    beforeTokens: 100,
    afterTokens: 10,
    trigger: 'auto',
    createdAtMs: 0,
  };
}

function places(compactions: Compaction[], hasMoreBefore = false) {
  const { byTurn, above } = placeCompactions(TURNS, compactions, hasMoreBefore);
  const turns = [...byTurn].map(([key, placed]) => [
    key,
    placed.map((each) => `${each.compaction.id}${each.current ? '!' : ''}`),
  ]);
  return { turns: Object.fromEntries(turns) as Record<string, string[]>, above: above?.compaction.id ?? null };
}

describe('where summaries stand', () => {
  it('below the last message that each stands for; the newest is the one that is sent', () => {
    expect(places([compaction('c1', 'a1'), compaction('c2', 'u2')])).toEqual({
      turns: { u1: ['c1'], u2: ['c2!'] },
      above: null,
    });
  });

  it('an edited summary takes the place of the one before it', () => {
    expect(places([compaction('c1', 'a1'), compaction('c2', 'a1')])).toEqual({ turns: { u1: ['c2!'] }, above: null });
  });

  it('the one that is sent stands above all while its messages are not loaded; earlier ones wait for theirs', () => {
    const both = [compaction('c0', 'older'), compaction('c1', 'old')];
    expect(places(both, true)).toEqual({ turns: {}, above: 'c1' });
    expect(places([compaction('c0', 'older'), compaction('c1', 'a1')], true)).toEqual({
      turns: { u1: ['c1!'] },
      above: null,
    });
  });

  it('one whose message is not in the conversation stands nowhere', () => {
    expect(places([compaction('c1', 'elsewhere')])).toEqual({ turns: {}, above: null });
  });
});
