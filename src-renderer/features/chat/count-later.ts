import { type RunView, viewMessages } from '#contract/run-view';
import { opensTurn } from './group-turns.ts';

/** How many messages follow this one, as a reader counts them: what was said, and each answer as one. */
export function countLater(view: RunView | undefined, messageId: string): number {
  if (view === undefined) return 0;
  const rows = viewMessages(view);
  const at = rows.findIndex((row) => row.id === messageId);
  if (at < 0) return 0;
  let count = 0;
  let answering: string | null = null;
  for (let index = at + 1; index < rows.length; index++) {
    const row = rows[index];
    if (row === undefined) break;
    if (opensTurn(row, rows[index - 1])) {
      count++;
      answering = null;
    } else if (answering !== (row.run_id ?? '')) {
      count++;
      answering = row.run_id ?? '';
    }
  }
  return count;
}
