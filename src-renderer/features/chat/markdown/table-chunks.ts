/** Some rows of a table that are drawn together. */
export interface TableChunk<Row> {
  /** Where its first row stands among those of the body. */
  from: number;
  rows: readonly Row[];
}

/** Cells that are drawn together: few enough for a part of a frame. */
const CHUNK_CELLS = 120;
/** The first chunk has more: ordinary tables are one, and its cells say how wide the columns of a long one are. */
const FIRST_CELLS = 300;
const MOST_ROWS = 60;
const LEAST_ROWS = 2;

const rowsFor = (cells: number, columns: number) =>
  Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(cells / Math.max(1, columns))));

/** Parts the rows of a table. Rows that are added change the last chunk only, or begin another one. */
export function chunkRows<Row>(rows: readonly Row[], columns: number): TableChunk<Row>[] {
  const first = rowsFor(FIRST_CELLS, columns);
  const each = rowsFor(CHUNK_CELLS, columns);
  const chunks = [{ from: 0, rows: rows.slice(0, first) }];
  for (let from = first; from < rows.length; from += each) chunks.push({ from, rows: rows.slice(from, from + each) });
  return chunks;
}

/** Whether two chunks draw the same. */
export function isSameChunk<Row>(a: TableChunk<Row>, b: TableChunk<Row>): boolean {
  return a.from === b.from && a.rows.length === b.rows.length && a.rows.every((row, index) => row === b.rows[index]);
}
