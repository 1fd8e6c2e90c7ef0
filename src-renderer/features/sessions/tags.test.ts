import { describe, expect, it } from 'vitest';
import { knownTag, readTag, tagsOf } from './tags.ts';

describe('tags', () => {
  it('[E8-28] each once, in order, numbers by their value', () => {
    expect(tagsOf([{ tags: ['v10', 'b'] }, { tags: ['v9', 'b'] }, { tags: [] }], 'en')).toEqual(['b', 'v9', 'v10']);
  });
  it.each([
    ['  #work ', 'work'],
    ['two   words', 'two words'],
    ['＃工作', '工作'],
    [' # ', null],
    ['x'.repeat(60), 'x'.repeat(40)],
  ])('[E8-28] %j is read as %j', (typed, tag) => {
    expect(readTag(typed)).toBe(tag);
  });
  it('[E8-28] a tag in another case is the known one', () => {
    expect(knownTag('WORK', ['Work'])).toBe('Work');
    expect(knownTag('home', ['Work'])).toBe('home');
  });
});
