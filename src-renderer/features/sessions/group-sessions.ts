import type { SessionRecord } from '#contract/records';

export type SessionGroupName = 'running' | 'pinned' | 'today' | 'yesterday' | 'week' | 'earlier' | 'archived';

export interface SessionGroup {
  name: SessionGroupName;
  sessions: SessionRecord[];
  /** How many there are. */
  total: number;
}

const ORDER = ['running', 'pinned', 'today', 'yesterday', 'week', 'earlier'] as const satisfies SessionGroupName[];
const WEEK_DAYS = 7;

/**
 * Parts conversations into what runs, what is pinned and the days of their last change, newest first. Days are the
 * reader's own: they begin at local midnight, also where a day has 23 or 25 hours. A pinned one that runs stands with
 * those that run, once.
 */
export function groupSessions(sessions: SessionRecord[], now: Date): SessionGroup[] {
  const midnight = (daysAgo: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo).getTime();
  const [today, yesterday, week] = [midnight(0), midnight(1), midnight(WEEK_DAYS)];
  const nameOf = (session: SessionRecord): (typeof ORDER)[number] => {
    if (session.state !== 'idle') return 'running';
    if (session.pinned) return 'pinned';
    if (session.updatedAtMs >= today) return 'today';
    if (session.updatedAtMs >= yesterday) return 'yesterday';
    return session.updatedAtMs >= week ? 'week' : 'earlier';
  };
  const groups = new Map<SessionGroupName, SessionRecord[]>(ORDER.map((name) => [name, []]));
  const newestFirst = [...sessions].sort((a, b) => b.updatedAtMs - a.updatedAtMs);
  for (const session of newestFirst) groups.get(nameOf(session))?.push(session);
  return ORDER.map((name) => groupOf(name, groups.get(name) ?? [])).filter((group) => group.total > 0);
}

/**
 * The conversation beside another one in the order of the list, running ones and pinned ones first.
 *
 * @returns its id; null at the end of the list. Beside one that is not in the list, as a new one, stands the first.
 */
export function besideInList(sessions: SessionRecord[], currentId: string, by: 1 | -1, now: Date): string | null {
  const order = groupSessions(sessions, now).flatMap((group) => group.sessions);
  const at = order.findIndex((session) => session.id === currentId);
  return order[at < 0 ? 0 : at + by]?.id ?? null;
}

function groupOf(name: SessionGroupName, sessions: SessionRecord[]): SessionGroup {
  return { name, sessions, total: sessions.length };
}

/** The archive is one group: what was put away last comes first. */
export function groupArchive(sessions: SessionRecord[]): SessionGroup[] {
  if (sessions.length === 0) return [];
  return [
    groupOf(
      'archived',
      [...sessions].sort((a, b) => (b.archivedAtMs ?? 0) - (a.archivedAtMs ?? 0)),
    ),
  ];
}
