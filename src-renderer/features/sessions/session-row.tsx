import { Ellipsis, GitBranch, Hand, ListPlus, OctagonX, Pause, Square, Unplug } from 'lucide-react';
import { memo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionRecord } from '#contract/records';
import { useIsUnheard } from '../../ipc/connection-store.ts';
import { classNames } from '../../ui/class-names.ts';
import { formatClock, formatTime } from '../../ui/format.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { FlowIcon, Icon } from '../../ui/icons.tsx';
import { Tag } from '../../ui/tag.tsx';
import { useNow } from '../../ui/use-now.ts';
import { RenameField } from './rename-field.tsx';
import { sessionFact } from './session-fact.ts';

interface SessionRowProps {
  session: SessionRecord;
  current: boolean;
  /** The one row of the list that Tab stops at; the arrow keys lead to the others. */
  reachable: boolean;
  renaming: boolean;
  /** Its place in its group, and how many there are: not all of them are drawn. */
  position: number;
  total: number;
  menuOpen: boolean;
  /** An answer came that nobody has looked at. */
  unread: boolean;
  /** The time of day says something only about today. */
  showTime: boolean;
  /** When its run began, where this page knows. */
  startedAtMs: number | undefined;
  onOpen: (sessionId: string) => void;
  onMenu: (sessionId: string) => void;
  onRename: (sessionId: string) => void;
  onRenamed: (sessionId: string, title: string | null, byKey: boolean) => void;
}

/** A conversation in the list: its name and the one live fact about it. */
export const SessionRow = memo(function SessionRow(props: SessionRowProps) {
  const {
    session,
    current,
    reachable,
    renaming,
    position,
    total,
    menuOpen,
    unread,
    showTime,
    startedAtMs,
    onOpen,
    onMenu,
    onRename,
    onRenamed,
  } = props;
  const { t } = useTranslation();
  /** It was open before the first click of two: only then is a double click no way to open it. */
  const wasCurrent = useRef(false);
  if (renaming) {
    return (
      <li data-testid="session-item" data-session-id={session.id} aria-posinset={position} aria-setsize={total}>
        <RenameField title={session.title} onDone={(title, byKey) => onRenamed(session.id, title, byKey)} />
      </li>
    );
  }
  const hasFacts = showTime || unread || sessionFact(session) !== null || session.queueLength > 0;
  const aside = 'group-focus-within:opacity-0 group-hover:opacity-0';
  return (
    <li
      data-testid="session-item"
      data-session-id={session.id}
      aria-posinset={position}
      aria-setsize={total}
      className="group relative"
    >
      <button
        type="button"
        data-row
        tabIndex={reachable ? 0 : -1}
        aria-current={current ? 'page' : undefined}
        title={session.title}
        onClick={(event) => {
          if (event.detail <= 1) wasCurrent.current = current;
          onOpen(session.id);
        }}
        onDoubleClick={() => wasCurrent.current && onRename(session.id)}
        className={classNames(
          'touch flex h-7 w-full items-center gap-2 rounded-md px-2 text-left focus-visible:-outline-offset-2',
          current ? 'bg-selected font-medium text-ink' : 'group-hover:bg-hover',
          !current && (unread ? 'font-medium text-ink' : 'text-ink-2'),
          !current && menuOpen && 'bg-hover',
          !hasFacts && 'group-focus-within:pr-9 group-hover:pr-9',
          !hasFacts && menuOpen && 'pr-9',
        )}
      >
        {session.forkedFromSessionId !== null && (
          <span title={t('sessions.forked')} className="-mr-1 flex-none text-ink-3">
            <Icon of={GitBranch} size={13} />
            <span className="sr-only">{t('sessions.forked')}</span>
          </span>
        )}
        <span className="min-w-0 flex-1 truncate">{session.title}</span>
        {/* The menu's button takes the place of the facts, so that the name does not move under the pointer. */}
        <span className={classNames('flex flex-none items-center gap-2', aside, menuOpen && 'opacity-0')}>
          <Facts session={session} unread={unread} startedAtMs={startedAtMs} showTime={showTime} />
        </span>
      </button>
      <span
        className={classNames(
          'absolute top-0.5 right-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100',
          menuOpen && 'opacity-100',
        )}
      >
        <IconButton
          small
          icon={Ellipsis}
          data-menu
          label={t('sessions.menu', { title: session.title })}
          tabIndex={reachable ? 0 : -1}
          aria-haspopup="menu"
          aria-expanded={menuOpen}
          onClick={() => onMenu(session.id)}
        />
      </span>
    </li>
  );
});

type FactsProps = Pick<SessionRowProps, 'session' | 'unread' | 'startedAtMs' | 'showTime'>;

function Facts({ session, unread, startedAtMs, showTime }: FactsProps) {
  const { t } = useTranslation();
  const fact = sessionFact(session);
  const queued = t(session.queuePaused ? 'sessions.queuedPaused' : 'sessions.queued', { count: session.queueLength });
  return (
    <>
      {unread && (
        <span title={t('sessions.unread')} className="flex-none">
          <span className="sr-only">{t('sessions.unread')}</span>
          <span aria-hidden="true" className="block size-1.5 rounded-full bg-ink-2" />
        </span>
      )}
      {session.queueLength > 0 && (
        <span title={queued} className="num inline-flex flex-none items-center gap-0.5 text-xs font-normal text-ink-3">
          <Icon of={session.queuePaused ? Pause : ListPlus} size={13} />
          <span className="sr-only">{queued}</span>
          <span aria-hidden="true">{session.queueLength}</span>
        </span>
      )}
      {fact === 'needs' && (
        <Tag look="needs" icon={Hand}>
          {t('approval.needsYou')}
        </Tag>
      )}
      {fact === 'failed' && <QuietFact icon={OctagonX} text={t('sessions.failed')} />}
      {fact === 'stopped' && <QuietFact icon={Square} text={t('sessions.stopped')} />}
      {fact === 'interrupted' && <QuietFact icon={Unplug} text={t('sessions.interrupted')} />}
      {(fact === 'writing' || fact === 'stopping') && (
        <Running word={t(`sessions.${fact}`)} startedAtMs={fact === 'writing' ? startedAtMs : undefined} />
      )}
      {fact === null && showTime && (
        <time dateTime={new Date(session.updatedAtMs).toISOString()} className="num text-xs font-normal text-ink-3">
          {formatTime(session.updatedAtMs)}
        </time>
      )}
    </>
  );
}

function QuietFact({ icon, text }: { icon: typeof Unplug; text: string }) {
  return (
    <span className="inline-flex flex-none items-center gap-1.5 text-xs font-normal text-ink-3">
      {text}
      <Icon of={icon} size={14} />
    </span>
  );
}

function Running({ word, startedAtMs }: { word: string; startedAtMs: number | undefined }) {
  const now = useNow(!useIsUnheard() && startedAtMs !== undefined);
  return (
    <span className="num inline-flex flex-none items-center gap-2 text-xs font-normal text-ink-3">
      <span className={startedAtMs === undefined ? undefined : 'sr-only'}>{word}</span>
      {startedAtMs !== undefined && <span aria-hidden="true">{formatClock(now - startedAtMs)}</span>}
      <Icon of={FlowIcon} className="text-accent" />
    </span>
  );
}
