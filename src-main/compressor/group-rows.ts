import type { Message } from '#contract/message';

/** Rows that are sent together or not at all: places from `start` up to, but without, `end`. */
export interface RowGroup {
  start: number;
  end: number;
}

/**
 * Parts a conversation where it may be cut: an assistant's message and the tool rows after it are one group, every other
 * row is its own (E7-07). Rows of the system are never sent and part nothing.
 */
export function groupRows(rows: readonly Message[]): RowGroup[] {
  const groups: RowGroup[] = [];
  let takesTools = false;
  for (const [at, row] of rows.entries()) {
    const last = groups.at(-1);
    const joins = last !== undefined && takesTools && (row.role === 'tool' || isBetweenTools(rows, at));
    if (joins) {
      last.end = at + 1;
      continue;
    }
    groups.push({ start: at, end: at + 1 });
    takesTools = row.role === 'assistant' || row.role === 'tool';
  }
  return groups;
}

function isBetweenTools(rows: readonly Message[], at: number): boolean {
  let next = at;
  while (rows[next]?.role === 'system') next++;
  return next > at && rows[next]?.role === 'tool';
}
