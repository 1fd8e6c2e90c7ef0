import type { LoggedEvent } from '#contract/events';
import type { Store } from '../store/store.ts';

/** Replays are read in slices, so that a long log is never one query. */
const REPLAY_ROWS = 5000;
/** A viewer that is further behind draws the session anew: that costs less than so many events. */
const REPLAY_MOST = 10_000;

/**
 * Every event after `afterSeq`. Null when the log cannot give them all: pruned, too many, or a position that never was.
 * The caller then says so (`gap`) and takes a whole snapshot.
 */
export function replayEvents(
  store: Pick<Store, 'events' | 'sessions'>,
  sessionId: string,
  afterSeq: number,
): LoggedEvent[] | null {
  const lastSeq = store.sessions.lastSeq(sessionId);
  if (afterSeq > lastSeq || lastSeq - afterSeq > REPLAY_MOST) return null;
  const events: LoggedEvent[] = [];
  for (let seq = afterSeq; seq < lastSeq; ) {
    const slice = store.events.after(sessionId, seq, REPLAY_ROWS);
    const last = slice.at(-1);
    if (last === undefined || slice[0]?.seq !== seq + 1 || last.seq !== seq + slice.length) return null;
    events.push(...slice);
    seq = last.seq;
  }
  return events;
}
