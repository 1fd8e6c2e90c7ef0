import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunkRows, isSameChunk } from './table-chunks.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ index }));

it('[E6-07] the chunks of a table hold every row once, in order, and few cells each', () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.integer({ min: 1, max: 40 }), (count, columns) => {
      const rows = rowsOf(count);
      const chunks = chunkRows(rows, columns);
      expect(chunks.flatMap((chunk) => chunk.rows)).toEqual(rows);
      for (const chunk of chunks) {
        expect(rows[chunk.from]).toBe(chunk.rows[0]);
        expect(chunk.rows.length * columns).toBeLessThanOrEqual(300);
      }
    }),
  );
});

it('[E6-07] a row more changes the last chunk of a table, or begins another one', () => {
  const rows = rowsOf(1001);
  for (let count = 1; count < 1000; count++) {
    const before = chunkRows(rows.slice(0, count), 5);
    const after = chunkRows(rows.slice(0, count + 1), 5);
    for (const [index, chunk] of before.slice(0, -1).entries()) {
      expect(isSameChunk(chunk, after[index] ?? { from: -1, rows: [] })).toBe(true);
    }
    expect(after.length - before.length).toBeLessThanOrEqual(1);
    const last = before.length - 1;
    expect(before.length === after.length && isSameChunk(before[last] as never, after[last] as never)).toBe(false);
  }
});
