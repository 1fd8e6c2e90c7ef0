import type { Compaction } from '#contract/records';
import type { Turn } from './group-turns.ts';

/** A summary, and whether it is the one that is sent. */
export interface PlacedCompaction {
  compaction: Compaction;
  current: boolean;
}

export interface PlacedCompactions {
  /** By the key of the turn that holds the last message that a summary stands for. */
  byTurn: ReadonlyMap<string, readonly PlacedCompaction[]>;
  /** What is sent for messages above those that are loaded. */
  above: PlacedCompaction | null;
}

/**
 * Where summaries stand in a conversation: below the last message that each stands for. Of several that end at the same
 * message, as after an edit, the newest stands there. One whose message is not loaded shows only while it is in use.
 *
 * @param compactions oldest first.
 */
export function placeCompactions(
  turns: readonly Turn[],
  compactions: readonly Compaction[],
  hasMoreBefore: boolean,
): PlacedCompactions {
  const newest = new Map(compactions.map((compaction) => [compaction.lastMessageId, compaction]));
  const currentId = compactions.at(-1)?.id;
  const byTurn = new Map<string, PlacedCompaction[]>();
  if (newest.size === 0) return { byTurn, above: null };
  for (const turn of turns) {
    const rows = turn.user === null ? turn.rows : [turn.user, ...turn.rows];
    for (const row of rows) {
      const compaction = newest.get(row.id);
      if (compaction === undefined) continue;
      newest.delete(row.id);
      const placed = byTurn.get(turn.key) ?? [];
      placed.push({ compaction, current: compaction.id === currentId });
      byTurn.set(turn.key, placed);
    }
  }
  const rest = [...newest.values()].find((compaction) => compaction.id === currentId);
  return { byTurn, above: rest === undefined || !hasMoreBefore ? null : { compaction: rest, current: true } };
}
