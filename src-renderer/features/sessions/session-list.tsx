import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionRecord } from '#contract/records';
import { useNow } from '../../ui/use-now.ts';
import { groupSessions } from './group-sessions.ts';
import { SessionRow } from './session-row.tsx';

export interface SessionListProps {
  sessions: SessionRecord[];
  currentId: string | null;
  /** When the runs began that this page follows, by session. */
  startedAtMs: Record<string, number>;
  onOpen: (sessionId: string) => void;
  onRename: (sessionId: string, title: string) => void;
  onDelete: (session: SessionRecord) => void;
}

const MINUTE_MS = 60_000;

export function SessionList({ sessions, currentId, startedAtMs, onOpen, onRename, onDelete }: SessionListProps) {
  const { t } = useTranslation();
  // Midnight moves a conversation to another day; a minute is soon enough.
  const minute = Math.floor(useNow() / MINUTE_MS);
  const groups = useMemo(() => groupSessions(sessions, new Date(minute * MINUTE_MS)), [sessions, minute]);
  if (sessions.length === 0) return <p className="p-2 text-ink-3">{t('sessions.none')}</p>;
  return (
    <>
      {groups.map((group) => (
        <section key={group.name} aria-labelledby={`sessions-${group.name}`}>
          <h2
            id={`sessions-${group.name}`}
            className="num flex gap-1.5 px-2 pt-4 pb-1 text-xs font-medium text-ink-3 [section:first-child>&]:pt-1"
          >
            {t(`sessions.${group.name}`)}
            {group.name === 'running' && <span>{group.sessions.length}</span>}
          </h2>
          <ul>
            {group.sessions.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                current={session.id === currentId}
                startedAtMs={startedAtMs[session.id]}
                onOpen={onOpen}
                onRename={onRename}
                onDelete={onDelete}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
