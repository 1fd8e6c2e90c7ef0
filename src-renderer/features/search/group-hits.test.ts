import { describe, expect, it } from 'vitest';
import type { SearchHit } from '#contract/records';
import { groupHits } from './group-hits.ts';
import { questionOf, type SearchWish } from './search-store.ts';

const hit = (sessionId: string, messageId: string | null): SearchHit => ({
  sessionId,
  sessionTitle: sessionId.toUpperCase(),
  messageId,
  role: messageId === null ? 'title' : 'user',
  snippet: '',
  createdAtMs: 0,
  model: null,
});

describe('hits by conversation', () => {
  it('[E8-28] stand together where the first of them stood, and a matching name is no hit of its own', () => {
    const groups = groupHits([hit('a', null), hit('b', '1'), hit('a', '2'), hit('b', '3')]);
    expect(groups.map(({ sessionId, titleMatched, hits }) => [sessionId, titleMatched, hits.length])).toEqual([
      ['a', true, 1],
      ['b', false, 2],
    ]);
  });
});

describe('the question', () => {
  const wish: SearchWish = {
    query: ' lease ',
    role: null,
    model: null,
    tag: null,
    days: null,
    hasCode: false,
    session: null,
  };
  it('[E8-28] says only what was asked for', () => {
    expect(questionOf(wish, new Date())).toEqual({ query: 'lease', limit: 200 });
  });
  it('[E8-28] one day is today since midnight, also on the day the clocks change', () => {
    const noon = new Date(2026, 2, 29, 12);
    expect(questionOf({ ...wish, days: 1, hasCode: true, role: 'user' }, noon)).toEqual({
      query: 'lease',
      limit: 200,
      role: 'user',
      hasCode: true,
      fromMs: new Date(2026, 2, 29).getTime(),
    });
  });
});
