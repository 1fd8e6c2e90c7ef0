import type { SessionRecord } from '#contract/records';

/** The one fact that stands beside a conversation's name. */
export type SessionFact = 'needs' | 'stopping' | 'writing' | 'failed' | 'stopped' | 'interrupted' | null;

/** A pure decision. Normal has no fact: a finished answer is not news. */
export function sessionFact(session: Pick<SessionRecord, 'state' | 'lastStatus' | 'wasStopped'>): SessionFact {
  switch (session.state) {
    case 'waiting':
      return 'needs';
    case 'aborting':
      return 'stopping';
    case 'preparing':
    case 'compressing':
    case 'starting':
    case 'running':
    case 'settling':
      return 'writing';
    case 'idle':
      break;
  }
  if (session.lastStatus === 'error' || session.lastStatus === 'timeout') return 'failed';
  // As its answer has it: stopped is somebody's wish, interrupted nobody's.
  if (session.wasStopped || session.lastStatus === 'cancelled') return 'stopped';
  return session.lastStatus === 'interrupted' ? 'interrupted' : null;
}
