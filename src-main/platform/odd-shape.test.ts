import { describe, expect, it } from 'vitest';
import { findUnsafePayload } from '../ipc/unsafe-payload.ts';
import { findOddShape } from './odd-shape.ts';

const BOUNDS = { depth: 8, parts: 1000 };

/** A list that tells how often it was read. */
function watched(length: number): { list: number[]; reads: () => number } {
  let reads = 0;
  const list = new Proxy(new Array<number>(length).fill(0), {
    get(target, name, receiver) {
      if (typeof name === 'string' && /^\d+$/.test(name)) reads++;
      return Reflect.get(target, name, receiver) as unknown;
    },
    ownKeys(target) {
      reads += target.length;
      return Reflect.ownKeys(target);
    },
  });
  return { list, reads: () => reads };
}

describe('the shape of foreign data', () => {
  it('[E1-03] plain data of an ordinary size is fit', () => {
    const shared = { text: 'x' };
    for (const each of [null, undefined, 'x', 7, [], {}, { a: [{ b: [1, 'x', null, true] }] }, [shared, shared]])
      expect(findOddShape(each, BOUNDS)).toBeNull();
    expect(findOddShape(Object.assign(Object.create(null) as object, { a: 1 }), BOUNDS)).toBeNull();
  });

  it('[E1-03] two million numbers are refused without a look at any of them', () => {
    const { list, reads } = watched(2_000_000);
    expect(findUnsafePayload({ values: list })).toEqual({ word: 'why_parts' });
    expect(reads()).toBe(0);
  });

  it('[E1-03] many small lists count together, and so do fields', () => {
    expect(
      findOddShape(
        Array.from({ length: 40 }, () => new Array<number>(40).fill(0)),
        BOUNDS,
      ),
    ).toEqual({ word: 'why_parts' });
    expect(findOddShape(Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`k${at}`, 1])), BOUNDS)).toEqual({
      word: 'why_parts',
    });
  });

  it('[E1-03] a nesting without end is refused, one that leads back to itself as well', () => {
    expect(findOddShape(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), BOUNDS)).toEqual({
      word: 'why_deep',
    });
    const round: { self?: unknown } = {};
    round.self = round;
    expect(findOddShape(round, BOUNDS)).toEqual({ word: 'why_deep' });
  });

  it.each([
    ['bytes', new Uint8Array(50_000_000)],
    ['a buffer', new ArrayBuffer(8)],
    ['a map', new Map([['a', 1]])],
    ['a set', new Set([1])],
    ['a date', new Date(0)],
    ['a pattern', /x/],
    ['an error', new Error('x')],
    ['a number as an object', Object(7) as unknown],
  ])('[E1-03] %s, which a structured clone carries and JSON does not, is refused wherever it stands', (_name, odd) => {
    expect(findUnsafePayload(odd)).toEqual({ word: 'why_not_plain' });
    expect(findUnsafePayload({ values: [odd] })).toEqual({ word: 'why_not_plain' });
  });

  it.each(['__proto__', 'constructor', 'prototype'])('[E1-03] a field called %s is refused', (name) => {
    expect(findUnsafePayload(JSON.parse(`{"a":[{"${name}":{"polluted":1}}]}`))).toEqual({
      word: 'why_unsafe_key',
      with: { key: name },
    });
  });
});
