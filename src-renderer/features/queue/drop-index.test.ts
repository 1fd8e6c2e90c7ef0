import { describe, expect, it } from 'vitest';
import { gapAt, moved, placeAfterDrop } from './drop-index.ts';

const ROWS = [0, 1, 2].map((index) => ({ top: index * 30, bottom: index * 30 + 30 }));

describe('dragging in the queue', () => {
  it.each([
    [-50, 0],
    [14, 0],
    [16, 1],
    [44, 1],
    [46, 2],
    [76, 3],
    [500, 3],
  ])('[E3-06] a pointer at %i points at gap %i', (y, gap) => {
    expect(gapAt(ROWS, y)).toBe(gap);
  });

  it.each([
    // The two gaps beside an item are its own place.
    [1, 1, null],
    [1, 2, null],
    [0, 3, 2],
    [2, 0, 0],
    [0, 2, 1],
  ])('[E3-06] item %i let go at gap %i gets place %j', (from, gap, to) => {
    expect(placeAfterDrop(from, gap)).toBe(to);
    if (to !== null) expect(moved(['a', 'b', 'c'], from, to)[to]).toBe(['a', 'b', 'c'][from]);
  });

  it('[E3-06] moving loses and doubles nothing', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
    expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
    expect(moved(['a'], 5, 0)).toEqual(['a']);
  });
});
