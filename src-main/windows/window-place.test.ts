import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePlace, type DisplayPlace, isReachable, readPlaces, rememberPlace } from './window-place.ts';

const display = (x: number, y: number, width = 1920, height = 1080): DisplayPlace => ({
  bounds: { x, y, width, height },
  workArea: { x, y: y + 30, width, height: height - 30 },
});
const place = (x: number, y: number) => ({
  bounds: { x, y, width: 900, height: 700 },
  isMaximized: false,
  isFullScreen: false,
});
const laptop = [display(0, 0)];
const desk = [display(0, 0), display(1920, 0)];

describe('where the window opens', () => {
  it('[E12] each set of displays has a place of its own, in whatever order they are listed', () => {
    let places = rememberPlace([], desk, place(2500, 100));
    places = rememberPlace(places, laptop, place(50, 60));
    expect(choosePlace(places, desk.toReversed())?.bounds.x).toBe(2500);
    expect(choosePlace(places, laptop)?.bounds.x).toBe(50);
    expect(choosePlace(rememberPlace([], desk, place(2500, 100)), laptop)?.bounds).toEqual({
      x: 340,
      y: 145,
      width: 1240,
      height: 820,
    });
    expect(choosePlace(places, [])).toBeNull();
  });

  it('[E12] its upper edge can always be taken hold of, whatever the file says and whichever displays there are', () => {
    const some = fc.integer({ min: -5000, max: 5000 });
    const size = fc.integer({ min: 500, max: 4000 });
    const someDisplay = fc.tuple(some, some, size, size).map((at) => display(...at));
    const kept = fc.record({
      displays: fc.string(),
      bounds: fc.record({ x: some, y: some, width: size, height: size }),
    });
    fc.assert(
      fc.property(fc.array(someDisplay, { minLength: 1, maxLength: 4 }), fc.array(kept), (displays, file) => {
        const chosen = choosePlace(readPlaces(JSON.stringify(file)), displays);
        expect(chosen !== null && isReachable(chosen.bounds, displays)).toBe(true);
      }),
    );
  });

  it.each([
    '',
    '{',
    'null',
    '[null]',
    '[{"displays":1}]',
    '[{"displays":"a","bounds":{"x":1e999,"y":0,"width":900,"height":700}}]',
    '{"__proto__":[]}',
    '[[]]',
  ])('[E12] a file that says %j holds no place', (text) => expect(readPlaces(text)).toEqual([]));
});
