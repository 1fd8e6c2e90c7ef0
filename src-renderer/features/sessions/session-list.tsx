import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionRecord } from '#contract/records';
import { IS_MAC } from '../../commands/use-shortcuts.ts';
import { useMinute } from '../../ui/use-now.ts';
import { groupArchive, groupSessions } from './group-sessions.ts';
import { listIntent, rowAfter } from './list-intent.ts';
import { SessionMenu } from './session-menu.tsx';
import { SessionRow } from './session-row.tsx';
import { useUnreadStore } from './unread-store.ts';
import { revealRow, useRowWindow } from './use-row-window.ts';
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
  onTags: (session: SessionRecord) => void;
}

export function SessionList(props: SessionListProps) {
  const { sessions, archive = false, currentId, startedAtMs, actions, onOpen, onDelete, onTags } = props;
  const { t } = useTranslation();
  // Midnight moves a conversation to another day; a minute is soon enough.
  const minuteMs = useMinute();
  const unread = useUnreadStore((state) => state.ids);
  const [renamingId, setRenamingId] = useState<string | null>(null);
  const [menu, setMenu] = useState<{ sessionId: string; anchor: HTMLElement } | null>(null);
  const [lastId, setLastId] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  /** Gets the keyboard as soon as it is drawn. */
  const wanted = useRef<string | null>(null);
  const groups = useMemo(
    () => (archive ? groupArchive(sessions) : groupSessions(sessions, new Date(minuteMs))),
    [sessions, archive, minuteMs],
  );
  const order = useMemo(() => groups.flatMap((group) => group.sessions.map((each) => each.id)), [groups]);
  const { rangeOf, rowPx } = useRowWindow(list, groups);
  const drawn = groups.map((group) => ({ group, ...rangeOf(group) }));
  const isDrawn = (id: string | null) =>
    drawn.some(({ group, from, to }) => group.sessions.slice(from, to).some((each) => each.id === id));
  // Tab has to find a row: the last one used, the open one, else the first that is drawn.
  const firstDrawn = drawn.find(({ from, to }) => to > from);
  const reachableId = [lastId, currentId].find(isDrawn) ?? firstDrawn?.group.sessions[firstDrawn.from]?.id;
  const menuSession = menu === null ? undefined : sessions.find((session) => session.id === menu.sessionId);

  const rowOf = useCallback(
    (sessionId: string) =>
      list.current?.querySelector<HTMLElement>(`[data-session-id="${CSS.escape(sessionId)}"] [data-row]`) ?? null,
    [],
  );
  const focusRow = useCallback(
    (sessionId: string) => {
      const row = rowOf(sessionId);
      wanted.current = row === null ? sessionId : null;
      if (row !== null) {
        row.focus();
        return;
      }
      const group = groups.find((each) => each.sessions.some((session) => session.id === sessionId));
      if (group === undefined) return;
      revealRow(
        list.current,
        group.name,
        group.sessions.findIndex((session) => session.id === sessionId),
      );
    },
    [rowOf, groups],
  );
  const noteFocus = useFocusKept(list, order, focusRow);
  useEffect(() => {
    if (wanted.current !== null && rowOf(wanted.current) !== null) focusRow(wanted.current);
  });

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
    // A row that was scrolled out of sight is no longer drawn; the keyboard goes on from it all the same.
    const session = sessionAt(event.target) ?? sessions.find((each) => each.id === lastId);
    const intent = listIntent(event, IS_MAC);
    if (session === undefined || intent === null) return;
    event.preventDefault();
    if (intent === 'rename') setRenamingId(session.id);
    else if (intent === 'delete') onDelete(session);
    else {
      const next = order[rowAfter(intent, order.indexOf(session.id), order.length)];
      if (next !== undefined) focusRow(next);
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
      tabIndex={-1}
      className="outline-none"
      onKeyDown={onKeyDown}
      onContextMenu={onContextMenu}
      onFocus={(event) => {
        const id = sessionAt(event.target)?.id ?? lastId;
        setLastId(id);
        noteFocus(id);
      }}
    >
      {drawn.map(({ group, from, to }) => (
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
          <ul data-group={group.name} style={{ paddingTop: from * rowPx, paddingBottom: (group.total - to) * rowPx }}>
            {group.sessions.slice(from, to).map((session, index) => (
              <SessionRow
                key={session.id}
                session={session}
                current={session.id === currentId}
                position={from + index + 1}
                total={group.total}
                reachable={session.id === reachableId}
                renaming={session.id === renamingId}
                menuOpen={session.id === menu?.sessionId}
                unread={unread.has(session.id) && session.id !== currentId}
                showTime={group.name === 'today'}
                startedAtMs={startedAtMs[session.id]}
                onOpen={onOpen}
                onMenu={openMenu}
                onRename={setRenamingId}
                onRenamed={renamed}
              />
            ))}
          </ul>
        </section>
      ))}
      {menu !== null && menuSession !== undefined && (
        <SessionMenu
          session={menuSession}
          anchor={menu.anchor}
          actions={actions}
          onRename={() => setRenamingId(menuSession.id)}
          onTags={() => onTags(menuSession)}
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
  focusRow: (sessionId: string) => void,
): (sessionId: string | null) => void {
  const before = useRef<{ order: string[]; focusedId: string | null }>({ order: [], focusedId: null });
  // With the change itself: a key that is pressed before the next frame must find the list in hand.
  useLayoutEffect(() => {
    const was = before.current;
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (lost && was.focusedId !== null) {
      if (order.includes(was.focusedId)) {
        // Scrolled out of sight: the list holds the keyboard until an arrow leads back to a row.
        list.current?.focus({ preventScroll: true });
      } else {
        const next = order[Math.min(was.order.indexOf(was.focusedId), order.length - 1)];
        if (next !== undefined) focusRow(next);
      }
    }
    const inList = list.current?.contains(document.activeElement) === true;
    before.current = { order, focusedId: inList ? was.focusedId : null };
  });
  return useCallback((sessionId) => {
    before.current.focusedId = sessionId;
  }, []);
}
