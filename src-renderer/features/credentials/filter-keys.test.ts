import { expect, test } from 'vitest';
import { filterKeys } from './filter-keys.ts';
import { keyRecord } from './testing/key-record.ts';

const keys = [
  keyRecord({ id: 'a', label: 'Work', priority: 2, group: 'team', createdAtMs: 1 }),
  keyRecord({ id: 'b', label: 'Spare', priority: 0, createdAtMs: 2 }),
  keyRecord({ id: 'c', label: 'Work old', priority: 0, group: 'lab', createdAtMs: 3 }),
];
const ids = (filter: Parameters<typeof filterKeys>[2]) => filterKeys(keys, [], filter).map(({ id }) => id);

test('[E10-23] keys are found by every word that is written, in the order in which they are preferred', () => {
  expect(ids({ text: '', group: null })).toEqual(['b', 'c', 'a']);
  expect(ids({ text: 'work', group: null })).toEqual(['c', 'a']);
  expect(ids({ text: 'WORK lab', group: null })).toEqual(['c']);
  expect(ids({ text: '', group: 'team' })).toEqual(['a']);
  expect(ids({ text: '', group: '' })).toEqual(['b']);
  expect(ids({ text: 'nothing', group: null })).toEqual([]);
});
