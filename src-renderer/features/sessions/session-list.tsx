import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionRecord } from '#contract/records';
import { useMinute } from '../../ui/use-now.ts';
import { firstOf, groupArchive, groupSessions } from './group-sessions.ts';
import { listIntent, rowAfter } from './list-intent.ts';
import { SessionMenu } from './session-menu.tsx';
import { SessionRow } from './session-row.tsx';
import type { SessionActions } from './use-session-actions.ts';

export interface SessionListProps {
  sessions: SessionRecord[];
  /** The list of what was put away. */
  archive?: boolean;
  currentId: string | null;
  /** When the runs began that this page follows, by session. */
  startedAtMs: Record<string, number>;
  actions: SessionActions;
  onOpen: (sessionId: string) => void;
  /** Asks before it deletes. */
  onDelete: (session: SessionRecord) => void;
}

/** Rows drawn at first, and more each time the reader comes near the end: a long list costs what is looked at. */
const STEP = 100;

export function SessionList(props: SessionListProps) {
  const { sessions, archive = false, currentId, startedAtMs, actions, onOpen, onDelete } = props;
  const { t } = useTranslation();
  // Midnight moves a conversation to another day; a minute is soon enough.
  const minuteMs = useMinute();
  const [count, setCount] = useState(STEP);
  const [renamingId, setRenamingId] = useState<string | null>(null);
  const [menu, setMenu] = useState<{ sessionId: string; anchor: HTMLElement } | null>(null);
  const [lastId, setLastId] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const groups = useMemo(
    () => (archive ? groupArchive(sessions) : groupSessions(sessions, new Date(minuteMs))),
    [sessions, archive, minuteMs],
  );
  const shown = useMemo(() => firstOf(groups, count), [groups, count]);
  const order = useMemo(() => shown.flatMap((group) => group.sessions.map((each) => each.id)), [shown]);
  const more = sessions.length > count;
  const reachableId = [lastId, currentId].find((id) => id !== null && order.includes(id)) ?? order[0];
  const menuSession = menu === null ? undefined : sessions.find((session) => session.id === menu.sessionId);

  useEffect(() => {
    const mark = end.current;
    if (mark === null || !more) return;
    const seen = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting === true) setCount((before) => before + STEP);
      },
      { rootMargin: '600px' },
    );
    seen.observe(mark);
    return () => seen.disconnect();
  }, [more, count]);

  const rowOf = useCallback(
    (sessionId: string) =>
      list.current?.querySelector<HTMLElement>(`[data-session-id="${CSS.escape(sessionId)}"] [data-row]`) ?? null,
    [],
  );
  const noteFocus = useFocusKept(list, order, rowOf);

  const openMenu = useCallback(
    (sessionId: string) => {
      const anchor = rowOf(sessionId)?.parentElement ?? null;
      if (anchor !== null) setMenu((open) => (open?.sessionId === sessionId ? null : { sessionId, anchor }));
    },
    [rowOf],
  );
  const closeMenu = (returnFocus: boolean) => {
    if (returnFocus && menu !== null) rowOf(menu.sessionId)?.focus();
    setMenu(null);
  };
  const renamed = useCallback(
    (sessionId: string, title: string | null, byKey: boolean) => {
      setRenamingId(null);
      if (title !== null) void actions.rename(sessionId, title);
      // The row comes back with the next drawing.
      if (byKey) requestAnimationFrame(() => rowOf(sessionId)?.focus());
    },
    [actions, rowOf],
  );

  const sessionAt = (target: EventTarget): SessionRecord | undefined => {
    const id =
      target instanceof Element ? target.closest<HTMLElement>('[data-session-id]')?.dataset['sessionId'] : null;
    return sessions.find((session) => session.id === id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const session = sessionAt(event.target);
    const intent = listIntent(event);
    if (session === undefined || intent === null) return;
    event.preventDefault();
    if (intent === 'rename') setRenamingId(session.id);
    else if (intent === 'delete') onDelete(session);
    else {
      const next = order[rowAfter(intent, order.indexOf(session.id), order.length)];
      if (next !== undefined) rowOf(next)?.focus();
    }
  };
  // Shift F10 and the menu key arrive here too.
  const onContextMenu = (event: MouseEvent) => {
    const session = sessionAt(event.target);
    if (session === undefined || session.id === renamingId) return;
    event.preventDefault();
    openMenu(session.id);
  };

  if (sessions.length === 0)
    return <p className="p-2 text-ink-3">{t(archive ? 'sessions.archiveEmpty' : 'sessions.none')}</p>;
  return (
    <div
      ref={list}
      onKeyDown={onKeyDown}
      onContextMenu={onContextMenu}
      onFocus={(event) => {
        const id = sessionAt(event.target)?.id ?? null;
        setLastId(id);
        noteFocus(id);
      }}
    >
      {shown.map((group) => (
        <section key={group.name} aria-labelledby={`sessions-${group.name}`}>
          <h2
            id={`sessions-${group.name}`}
            className={
              archive
                ? 'sr-only'
                : 'num flex gap-1.5 px-2 pt-4 pb-1 text-xs font-medium text-ink-3 [section:first-child>&]:pt-1'
            }
          >
            {t(`sessions.${group.name}`)}
            {group.name === 'running' && <span>{group.total}</span>}
          </h2>
          <ul>
            {group.sessions.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                current={session.id === currentId}
                reachable={session.id === reachableId}
                renaming={session.id === renamingId}
                menuOpen={session.id === menu?.sessionId}
                showTime={group.name === 'today'}
                startedAtMs={startedAtMs[session.id]}
                onOpen={onOpen}
                onMenu={openMenu}
                onRenamed={renamed}
              />
            ))}
          </ul>
        </section>
      ))}
      {more && <div ref={end} className="h-px" />}
      {menu !== null && menuSession !== undefined && (
        <SessionMenu
          session={menuSession}
          anchor={menu.anchor}
          actions={actions}
          onRename={() => setRenamingId(menuSession.id)}
          onDelete={() => onDelete(menuSession)}
          onClose={closeMenu}
        />
      )}
    </div>
  );
}

/**
 * A row that goes while the keyboard is on it hands the keyboard to the one that takes its place. Returns what is to be
 * called when a row gets the keyboard.
 */
function useFocusKept(
  list: RefObject<HTMLDivElement | null>,
  order: string[],
  rowOf: (sessionId: string) => HTMLElement | null,
): (sessionId: string | null) => void {
  const before = useRef<{ order: string[]; focusedId: string | null }>({ order: [], focusedId: null });
  useEffect(() => {
    const was = before.current;
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (lost && was.focusedId !== null && !order.includes(was.focusedId)) {
      const next = order[Math.min(was.order.indexOf(was.focusedId), order.length - 1)];
      if (next !== undefined) rowOf(next)?.focus();
    }
    const inList = list.current?.contains(document.activeElement) === true;
    before.current = { order, focusedId: inList ? was.focusedId : null };
  }, [list, order, rowOf]);
  return useCallback((sessionId) => {
    before.current.focusedId = sessionId;
  }, []);
}
