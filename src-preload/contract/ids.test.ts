import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newId } from './ids.ts';

const FORM = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

it('[E1-02] ids are UUIDs of version 7 that hold their time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (nowMs) => {
      const match = FORM.exec(newId(nowMs));
      expect(match).not.toBeNull();
      expect(Number.parseInt(`${match?.[1]}${match?.[2]}`, 16)).toBe(nowMs);
    }),
  );
});

it('[E1-02] ids of one millisecond differ, and all their random digits vary', () => {
  const ids = Array.from({ length: 5000 }, () => newId(1_700_000_000_000));
  expect(new Set(ids).size).toBe(ids.length);
  for (let at = 15; at < 36; at++) {
    if (at === 18 || at === 23) continue;
    const digits = new Set(ids.map((id) => id[at]));
    expect(digits.size).toBe(at === 19 ? 4 : 16);
  }
});
