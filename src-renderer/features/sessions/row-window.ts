/** Rows of a group that are drawn: from, and up to but not including to. */
export interface RowRange {
  from: number;
  to: number;
}

/** Rows beyond the edge that are drawn too, so that a flick or an arrow key meets rows and no hole. */
const BEYOND = 20;
/** A range moves in steps, so that most scroll events change nothing. */
const STEP = 10;

/**
 * The rows of a group that are to be drawn. All rows are equally high, so nothing has to be measured but one. A pure decision.
 *
 * @param topPx where the group's first row stands, from the top of what is seen; negative above it.
 */
export function rowsInView(topPx: number, viewPx: number, rowPx: number, count: number): RowRange {
  const first = Math.floor(-topPx / rowPx) - BEYOND;
  const last = Math.ceil((viewPx - topPx) / rowPx) + BEYOND;
  const from = Math.min(Math.max(Math.floor(first / STEP) * STEP, 0), count);
  const to = Math.max(Math.min(Math.ceil(last / STEP) * STEP, count), from);
  return { from, to };
}
