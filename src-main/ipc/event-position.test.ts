import { expect, it } from 'vitest';
import { positionOf } from './event-position.ts';

it('[E5-03] an event’s id names a place in the log, alone or in the form of the event streams', () => {
  expect(positionOf(undefined)).toBeUndefined();
  expect(positionOf('-1')).toBe(0);
  expect(positionOf('17')).toBe(17);
  expect(positionOf('1700000000000-272')).toBe(17);
  expect(positionOf('1700000000000-275')).toBe(17);
});

it('[E5-03] an id that cannot be read is a place that never was, so that it is answered with a gap', () => {
  for (const id of ['', 'abc', '1.5', '-2', '12-', '-', '1-2-3', ' 4', '9'.repeat(40)]) {
    expect(positionOf(id), id).toBe(Number.MAX_SAFE_INTEGER);
  }
});
