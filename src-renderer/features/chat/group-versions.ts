import type { ConversationVersion } from '#contract/events';
import type { Turn } from './group-turns.ts';

export interface GroupedVersions {
  /** By the turn that stands in their place. */
  byTurn: Map<string, ConversationVersion[]>;
  /** Those in whose place nothing stands. */
  atEnd: ConversationVersion[];
}

/**
 * Where the reader finds earlier versions: before the turn that follows their anchor. The first turn on the page counts
 * as the beginning only when no earlier page exists.
 */
export function groupVersions(
  turns: readonly Turn[],
  versions: readonly ConversationVersion[],
  hasMoreBefore: boolean,
): GroupedVersions {
  const byTurn = new Map<string, ConversationVersion[]>();
  if (versions.length === 0) return { byTurn, atEnd: [] };
  const newestFirst = [...versions].reverse();
  turns.forEach((turn, index) => {
    const anchor = index === 0 ? null : (turns[index - 1]?.runId ?? undefined);
    // A run that goes on over two turns is an anchor once, at its end.
    if (anchor === undefined || (index === 0 && hasMoreBefore)) return;
    if (anchor !== null && anchor === turn.runId) return;
    const here = newestFirst.filter((version) => version.anchor_run_id === anchor);
    if (here.length > 0) byTurn.set(turn.key, here);
  });
  const last = turns.at(-1)?.runId ?? null;
  return { byTurn, atEnd: newestFirst.filter((version) => version.anchor_run_id === last) };
}
