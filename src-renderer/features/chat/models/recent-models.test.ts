import { describe, expect, it } from 'vitest';
import { noteModel, recentModels } from './recent-models.ts';

function shelfOf(kept: Record<string, string> = {}) {
  return {
    kept,
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => {
      kept[key] = value;
    },
  };
}

describe('models that were chosen lately', () => {
  it('[E2-19] the newest comes first, each once, and of each provider its own', () => {
    const shelf = shelfOf();
    for (const model of ['a', 'b', 'a', '  ']) noteModel('p', model, shelf);
    noteModel('q', 'c', shelf);
    expect(recentModels('p', shelf)).toEqual(['a', 'b']);
    expect(recentModels('q', shelf)).toEqual(['c']);
  });

  it('keeps a few', () => {
    const shelf = shelfOf();
    for (let number = 0; number < 20; number++) noteModel('p', `m${number}`, shelf);
    expect(recentModels('p', shelf)).toEqual(['m19', 'm18', 'm17', 'm16', 'm15', 'm14']);
  });

  it('reads what is damaged as nothing', () => {
    expect(recentModels('p', shelfOf({ 'sluice.models.p': '{"a"' }))).toEqual([]);
    expect(recentModels('p', shelfOf({ 'sluice.models.p': '[1,"a",null]' }))).toEqual(['a']);
    expect(recentModels('p', null)).toEqual([]);
  });
});
