import { describe, expect, it } from 'vitest';
import { type ScrollPlace, ScrollPlaces } from './scroll-places.ts';

const place = (messageId: string): ScrollPlace => ({ messageId, offsetPx: -12, newestId: 'n' });

function shelf(first?: string) {
  const kept = new Map(first === undefined ? [] : [['sluice.places', first]]);
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  };
}

describe('where a reader was', () => {
  it('[E12] outlives the page, and a conversation that was left at its end has no place', () => {
    const kept = shelf();
    const places = new ScrollPlaces(kept);
    places.leave('a', place('m1'));
    places.leave('b', place('m2'));
    places.leave('b', null);
    const again = new ScrollPlaces(kept);
    expect(again.of('a')).toEqual(place('m1'));
    expect(again.of('b')).toBeNull();
  });

  it('[E12] the conversation that was left longest ago is forgotten first', () => {
    const places = new ScrollPlaces(shelf());
    for (let at = 0; at < 200; at++) places.leave(`s${at}`, place('m'));
    places.leave('s0', place('again'));
    places.leave('one more', place('m'));
    expect(places.of('s0')).toEqual(place('again'));
    expect(places.of('s1')).toBeNull();
    expect(places.of('s2')).not.toBeNull();
  });

  it.each(['', 'nonsense', '{}', '[["a"]]', '[["a",{"messageId":"m","offsetPx":"1","newestId":null}]]'])(
    '[E12] a shelf that holds %j is an empty one',
    (text) => {
      expect(new ScrollPlaces(shelf(text)).of('a')).toBeNull();
    },
  );

  it('[E12] a full storage costs the place and nothing else', () => {
    const places = new ScrollPlaces({
      getItem: () => null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    });
    places.leave('a', place('m1'));
    expect(places.of('a')).toEqual(place('m1'));
  });
});
