import type { SearchHit } from '#contract/records';

export interface HitGroup {
  sessionId: string;
  title: string;
  /** Whether the conversation's own name matched. */
  titleMatched: boolean;
  hits: SearchHit[];
}

/** Hits by conversation, in the order in which the conversations come first. A match of the name is no hit of its own. */
export function groupHits(hits: readonly SearchHit[]): HitGroup[] {
  const groups = new Map<string, HitGroup>();
  for (const hit of hits) {
    const group = groups.get(hit.sessionId) ?? {
      sessionId: hit.sessionId,
      title: hit.sessionTitle,
      titleMatched: false,
      hits: [],
    };
    groups.set(hit.sessionId, group);
    if (hit.messageId === null) group.titleMatched = true;
    else group.hits.push(hit);
  }
  return [...groups.values()];
}
