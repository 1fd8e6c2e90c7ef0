import { describe, expect, it } from 'vitest';
import { emptyMessage, type Message } from '#contract/message';
import type { RunRecord } from '#contract/records';
import { groupTurns, liveTurn, sameTurn } from './group-turns.ts';

let made = 0;
const row = (role: Message['role'], runId: string | null): Message =>
  emptyMessage({ id: `m${made++}`, session_id: 's', run_id: runId, role, created_at_ms: 0 });
const runs = (id: string) => ({ [id]: { id } as RunRecord });

describe('turns', () => {
  it('put a question and all rows of its run into one turn', () => {
    const rows = [row('user', 'a'), row('assistant', 'a'), row('tool', 'a'), row('assistant', 'a'), row('user', 'b')];
    const turns = groupTurns(rows, runs('a'));
    expect(turns.map((turn) => [turn.user !== null, turn.rows.length])).toEqual([
      [true, 3],
      [true, 0],
    ]);
    expect(turns[0]?.run?.id).toBe('a');
    expect(turns[1]?.run).toBeNull();
  });

  it('[E2-18] keep what was sent into an answer within that answer', () => {
    const rows = [row('user', 'a'), row('assistant', 'a'), row('user', 'a'), row('assistant', 'a'), row('user', 'b')];
    expect(groupTurns(rows, {}).map((turn) => turn.rows.length)).toEqual([3, 0]);
    expect(liveTurn(rows.slice(0, 4), 'a', {}).rows).toHaveLength(3);
  });

  it('keep the turn of a run that failed before its first word', () => {
    const turns = groupTurns([row('user', 'a'), row('user', 'b'), row('assistant', 'b')], runs('a'));
    expect(turns).toHaveLength(2);
    expect(turns[0]?.run?.id).toBe('a');
  });

  it('part two answers without questions by their runs', () => {
    expect(groupTurns([row('assistant', 'a'), row('assistant', 'b')], {})).toHaveLength(2);
  });

  it('keep their key when they end, so that nothing on screen is built anew', () => {
    const rows = [row('user', 'a'), row('assistant', 'a')];
    expect(liveTurn(rows, 'a', {}).key).toBe(groupTurns(rows, {})[0]?.key);
    const unasked = [row('assistant', 'b')];
    expect(liveTurn(unasked, 'b', {}).key).toBe(groupTurns(unasked, {})[0]?.key);
    expect(liveTurn([], 'c', {}).key).toBe('c');
  });

  it('count as the same while every row is the same object', () => {
    const rows = [row('user', 'a'), row('assistant', 'a')];
    const [before] = groupTurns(rows, {});
    const [after] = groupTurns([...rows], {});
    const [changed] = groupTurns([rows[0] as Message, { ...(rows[1] as Message), content: 'x' }], {});
    if (before === undefined || after === undefined || changed === undefined) throw new Error('a turn is missing');
    expect(sameTurn(before, after)).toBe(true);
    expect(sameTurn(before, changed)).toBe(false);
  });
});
