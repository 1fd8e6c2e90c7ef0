import { describe, expect, it } from 'vitest';
import { keepSame, putInto, takeFrom } from './merge-sessions.ts';
import { sessionRecord } from './testing/session-record.ts';

const a = sessionRecord({ id: 'a' });
const b = sessionRecord({ id: 'b' });

describe('the list after news of it', () => {
  it('[E8-28] a record that says the same stays the same object, one that changed does not', () => {
    const fresh = [sessionRecord({ id: 'b', pinned: true }), sessionRecord({ id: 'a' })];
    const kept = keepSame([a, b], fresh);
    expect(kept[0]).toBe(fresh[0]);
    expect(kept[1]).toBe(a);
  });

  it('[E8-28] holds what the core sent, in its order, and nothing else', () => {
    expect(keepSame([a, b], [sessionRecord({ id: 'c' })]).map((each) => each.id)).toEqual(['c']);
  });

  it('[E8-28] one record takes the place of its older self; an unchanged list is the same list', () => {
    const list = [a, b];
    expect(putInto(list, { ...b })).toBe(list);
    expect(putInto(list, { ...b, title: 'new' })[1]?.title).toBe('new');
    expect(putInto(list, sessionRecord({ id: 'c' })).map((each) => each.id)).toEqual(['c', 'a', 'b']);
    expect(takeFrom(list, 'x')).toBe(list);
    expect(takeFrom(list, 'a')).toEqual([b]);
    expect(list).toEqual([a, b]);
  });
});
