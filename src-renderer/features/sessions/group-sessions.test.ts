import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '#contract/records';
import { groupSessions } from './group-sessions.ts';

const NOW = new Date(2026, 10, 21, 0, 30);
const session = (id: string, at: Date, change: Partial<SessionRecord> = {}): SessionRecord => ({
  id,
  title: id,
  profile: null,
  model: null,
  workspace: null,
  createdAtMs: 0,
  updatedAtMs: at.getTime(),
  messageCount: 0,
  preview: '',
  state: 'idle',
  queueLength: 0,
  queuePaused: false,
  lastStatus: null,
  ...change,
});
const names = (sessions: SessionRecord[]) =>
  groupSessions(sessions, NOW).map((group) => [group.name, group.sessions.map((each) => each.id)]);

describe('groups of conversations', () => {
  it('part by the calendar day, not by 24 hours', () => {
    expect(
      names([
        session('just now', new Date(2026, 10, 21, 0, 10)),
        session('an hour ago', new Date(2026, 10, 20, 23, 40)),
        session('25 hours ago', new Date(2026, 10, 19, 23, 40)),
      ]),
    ).toEqual([
      ['today', ['just now']],
      ['yesterday', ['an hour ago']],
      ['earlier', ['25 hours ago']],
    ]);
  });

  it('put what runs first, however old, and newest first within a group', () => {
    expect(
      names([
        session('b', new Date(2026, 10, 21, 0, 5)),
        session('old but running', new Date(2025, 0, 1), { state: 'waiting' }),
        session('a', new Date(2026, 10, 21, 0, 20)),
      ]),
    ).toEqual([
      ['running', ['old but running']],
      ['today', ['a', 'b']],
    ]);
  });

  it('leave out what is empty and change nothing they were given', () => {
    const given = [session('b', new Date(2026, 10, 1)), session('a', new Date(2026, 10, 2))];
    names(given);
    expect(given.map((each) => each.id)).toEqual(['b', 'a']);
    expect(names([])).toEqual([]);
  });

  it('a time in the future counts as today', () => {
    expect(names([session('clock was wrong', new Date(2027, 0, 1))])).toEqual([['today', ['clock was wrong']]]);
  });
});
