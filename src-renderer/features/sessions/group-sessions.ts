import type { SessionRecord } from '#contract/records';

export type SessionGroupName = 'running' | 'today' | 'yesterday' | 'earlier';

export interface SessionGroup {
  name: SessionGroupName;
  sessions: SessionRecord[];
}

const ORDER: SessionGroupName[] = ['running', 'today', 'yesterday', 'earlier'];

/**
 * Parts conversations into what runs and the days of their last change, newest first. Days are the reader's own: they
 * begin at local midnight, also where a day has 23 or 25 hours.
 */
export function groupSessions(sessions: SessionRecord[], now: Date): SessionGroup[] {
  const todayMs = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const yesterdayMs = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).getTime();
  const groups = new Map<SessionGroupName, SessionRecord[]>(ORDER.map((name) => [name, []]));
  const newestFirst = [...sessions].sort((a, b) => b.updatedAtMs - a.updatedAtMs);
  for (const session of newestFirst) {
    const name: SessionGroupName =
      session.state !== 'idle'
        ? 'running'
        : session.updatedAtMs >= todayMs
          ? 'today'
          : session.updatedAtMs >= yesterdayMs
            ? 'yesterday'
            : 'earlier';
    groups.get(name)?.push(session);
  }
  return ORDER.map((name) => ({ name, sessions: groups.get(name) ?? [] })).filter((group) => group.sessions.length > 0);
}
