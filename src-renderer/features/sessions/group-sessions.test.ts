import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '#contract/records';
import { besideInList, groupArchive, groupSessions } from './group-sessions.ts';
import { sessionRecord } from './testing/session-record.ts';

const NOW = new Date(2026, 10, 21, 0, 30);
const session = (id: string, at: Date, change: Partial<SessionRecord> = {}): SessionRecord =>
  sessionRecord({ id, updatedAtMs: at.getTime(), ...change });
const names = (sessions: SessionRecord[]) =>
  groupSessions(sessions, NOW).map((group) => [group.name, group.sessions.map((each) => each.id)]);

describe('groups of conversations', () => {
  it('part by the calendar day, not by 24 hours', () => {
    expect(
      names([
        session('just now', new Date(2026, 10, 21, 0, 10)),
        session('an hour ago', new Date(2026, 10, 20, 23, 40)),
        session('25 hours ago', new Date(2026, 10, 19, 23, 40)),
        session('the first of seven days', new Date(2026, 10, 14, 0, 0)),
        session('the day before', new Date(2026, 10, 13, 23, 59)),
      ]),
    ).toEqual([
      ['today', ['just now']],
      ['yesterday', ['an hour ago']],
      ['week', ['25 hours ago', 'the first of seven days']],
      ['earlier', ['the day before']],
    ]);
  });

  it('put what runs first, then what is pinned, however old, and newest first within a group', () => {
    expect(
      names([
        session('b', new Date(2026, 10, 21, 0, 5)),
        session('pinned', new Date(2024, 0, 1), { pinned: true }),
        session('old but running', new Date(2025, 0, 1), { state: 'waiting' }),
        session('a', new Date(2026, 10, 21, 0, 20)),
      ]),
    ).toEqual([
      ['running', ['old but running']],
      ['pinned', ['pinned']],
      ['today', ['a', 'b']],
    ]);
  });

  it('hold a pinned conversation that runs once, where it runs', () => {
    expect(names([session('both', NOW, { pinned: true, state: 'running' })])).toEqual([['running', ['both']]]);
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

  it('the archive is in the order in which things were put away', () => {
    const archive = groupArchive([
      session('first', NOW, { archivedAtMs: 1 }),
      session('last', new Date(2020, 0, 1), { archivedAtMs: 2 }),
    ]);
    expect(archive.map((group) => [group.name, group.sessions.map((each) => each.id)])).toEqual([
      ['archived', ['last', 'first']],
    ]);
    expect(groupArchive([])).toEqual([]);
  });
});

describe('the conversation beside another one', () => {
  // In the order of the list: `runs` before `pinned` before `new` before `old`.
  const sessions = [
    session('old', new Date(2026, 10, 1)),
    session('new', new Date(2026, 10, 21, 0, 20)),
    session('pinned', new Date(2024, 0, 1), { pinned: true }),
    session('runs', new Date(2025, 0, 1), { state: 'running' }),
  ];

  it.each([
    ['runs', 1, 'pinned'],
    ['pinned', 1, 'new'],
    ['old', -1, 'new'],
    ['old', 1, null],
    ['runs', -1, null],
    ['a new one', 1, 'runs'],
    ['a new one', -1, 'runs'],
  ] as const)('from %s by %i is %s', (from, by, beside) => {
    expect(besideInList(sessions, from, by, NOW)).toBe(beside);
  });

  it('is none where there are none', () => {
    expect(besideInList([], 'a new one', 1, NOW)).toBeNull();
  });
});
