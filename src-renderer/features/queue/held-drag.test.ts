import { describe, expect, it } from 'vitest';
import { heldDrag, lineOfDrop, placeOfDrop } from './held-drag.ts';

describe('a drag while the queue moves on', () => {
  it('[E3-06] moves the message that was taken hold of, also when the first one has gone out', () => {
    const drag = { id: 'c', gap: 0 };
    expect(placeOfDrop(['a', 'b', 'c', 'd'], drag)).toBe(0);
    expect(placeOfDrop(['b', 'c', 'd'], drag)).toBe(0);
    // It has become the first one itself.
    expect(placeOfDrop(['c', 'd'], drag)).toBeNull();
  });

  it('[E3-06] ends when its message goes out', () => {
    const drag = { id: 'a', gap: 2 };
    expect(heldDrag(['a', 'b'], drag)).toBe(drag);
    expect(heldDrag(['b'], drag)).toBeNull();
    expect(heldDrag([], null)).toBeNull();
    expect(placeOfDrop(['b'], drag)).toBeNull();
  });

  it('[E3-06] a gap beyond a list that has become shorter is its end', () => {
    expect(placeOfDrop(['b', 'c'], { id: 'b', gap: 3 })).toBe(1);
  });

  it('[E3-06] exactly one line shows where a message would go, and none where it would stay', () => {
    const ids = ['a', 'b', 'c'];
    const lines = (gap: number) => ids.map((_, index) => lineOfDrop(ids, { id: 'b', gap }, index));
    expect(lines(0)).toEqual(['above', null, null]);
    expect(lines(1)).toEqual([null, null, null]);
    expect(lines(2)).toEqual([null, null, null]);
    expect(lines(3)).toEqual([null, null, 'below']);
    expect(lineOfDrop(ids, null, 0)).toBeNull();
  });
});
