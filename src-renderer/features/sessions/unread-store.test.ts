import { describe, expect, it } from 'vitest';
import { readUnread, withMarks, withoutMark } from './unread-store.ts';

describe('marks of conversations that nobody has looked at', () => {
  it.each([[null], ['nonsense'], ['{"a":1}'], ['[1,null]']])('[E8-28] %s marks nothing', (text) => {
    expect([...readUnread(text)]).toEqual([]);
  });

  it('[E8-28] what changes nothing is the same set, so that no list is drawn again', () => {
    const ids = new Set(['a']);
    expect(withMarks(ids, ['a'])).toBe(ids);
    expect(withoutMark(ids, 'b')).toBe(ids);
    expect([...withoutMark(withMarks(ids, ['b', 'c']), 'a')]).toEqual(['b', 'c']);
  });

  it('[E8-28] the oldest marks go first', () => {
    const many = Array.from({ length: 600 }, (_, index) => `s${index}`);
    const ids = withMarks(new Set(['first']), many);
    expect(ids.size).toBe(500);
    expect(ids.has('first')).toBe(false);
    expect(ids.has('s599')).toBe(true);
  });
});
