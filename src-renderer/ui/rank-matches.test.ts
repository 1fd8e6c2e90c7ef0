import { describe, expect, it } from 'vitest';
import { matchRank, rankMatches } from './rank-matches.ts';

describe('what was typed and a name', () => {
  it('[E12] beginnings go before words, words before middles, and what does not fit is left out', () => {
    const names = ['Pinterest clone', 'The inter team', 'Interview', 'inter', 'Nothing'];
    expect(rankMatches(names, (name) => name, 'inter')).toEqual([
      'inter',
      'Interview',
      'The inter team',
      'Pinterest clone',
    ]);
  });

  it.each([
    ['New chat', 'nc'],
    ['Export this conversation as Markdown', 'markdown export'],
    ['Café list', 'cafe'],
    ['四月去成都的行程', '成都'],
    ['Anything', '  '],
  ])('[E12] “%s” is found with “%s”', (name, typed) => {
    expect(matchRank(name, typed)).not.toBeNull();
  });

  it.each([
    ['New chat', 'zz'],
    ['New chat', 'cn'],
    ['A very long title that says a lot of things about nearly everything there is', 'vlt'],
  ])('[E12] “%s” is not found with “%s”', (name, typed) => {
    expect(matchRank(name, typed)).toBeNull();
  });
});
