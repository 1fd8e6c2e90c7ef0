import type { SessionRecord } from '#contract/records';

export interface SessionNews {
  sessionId: string;
  title: string;
  /** `needs`: it waits for the person. */
  kind: 'done' | 'failed' | 'needs';
}

/** What a change of one conversation means to somebody who does not look. A stop is the person's own doing and no news. */
function kindOf(before: SessionRecord, after: SessionRecord): SessionNews['kind'] | null {
  if (after.state === 'waiting') return before.state === 'waiting' ? null : 'needs';
  if (after.state !== 'idle') return null;
  // An answer that begins and ends between two looks at the list leaves its messages behind.
  const answered = before.state !== 'idle' || after.messageCount > before.messageCount;
  if (!answered) return null;
  if (after.lastStatus === 'success') return 'done';
  return after.lastStatus === 'error' || after.lastStatus === 'timeout' ? 'failed' : null;
}

/** What happened between two states of the list. A conversation that was not in it before is somebody else's news. */
export function newsOf(before: readonly SessionRecord[] | null, after: readonly SessionRecord[] | null): SessionNews[] {
  if (before === null || after === null || before === after) return [];
  const known = new Map(before.map((session) => [session.id, session]));
  return after.flatMap((session) => {
    const was = known.get(session.id);
    if (was === undefined || was === session) return [];
    const kind = kindOf(was, session);
    return kind === null ? [] : [{ sessionId: session.id, title: session.title, kind }];
  });
}
