import { Ellipsis, Hand, ListPlus, OctagonX, Pause, Pencil, Trash2, Unplug } from 'lucide-react';
import { type KeyboardEvent, memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionRecord } from '#contract/records';
import { classNames } from '../../ui/class-names.ts';
import { formatClock } from '../../ui/format.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { FlowIcon, Icon } from '../../ui/icons.tsx';
import { MenuItem } from '../../ui/menu-item.tsx';
import { Popover } from '../../ui/popover.tsx';
import { Tag } from '../../ui/tag.tsx';
import { useNow } from '../../ui/use-now.ts';
import { sessionFact } from './session-fact.ts';

interface SessionRowProps {
  session: SessionRecord;
  current: boolean;
  /** When its run began, where this page knows. */
  startedAtMs: number | undefined;
  onOpen: (sessionId: string) => void;
  onRename: (sessionId: string, title: string) => void;
  onDelete: (session: SessionRecord) => void;
}

/** A conversation in the list: its name and the one live fact about it. */
export const SessionRow = memo(function SessionRow(props: SessionRowProps) {
  const { session, current, startedAtMs, onOpen, onRename, onDelete } = props;
  const { t } = useTranslation();
  const [title, setTitle] = useState<string | null>(null);
  const [menuOpen, setMenuOpen] = useState(false);
  const quiet = sessionFact(session) === null && session.queueLength === 0;

  const finish = (save: boolean) => {
    const next = title?.trim() ?? '';
    if (save && next !== '' && next !== session.title) onRename(session.id, next);
    setTitle(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) finish(true);
    else if (event.key === 'Escape') {
      event.preventDefault();
      finish(false);
    }
  };

  if (title !== null) {
    return (
      <li data-testid="session-item">
        <input
          autoFocus
          aria-label={t('sessions.renameLabel')}
          value={title}
          maxLength={200}
          onChange={(event) => setTitle(event.target.value)}
          onFocus={(event) => event.target.select()}
          onBlur={() => finish(true)}
          onKeyDown={onKeyDown}
          className="touch h-7 w-full rounded-md border border-line-control bg-raised px-2"
        />
      </li>
    );
  }
  return (
    <li data-testid="session-item" data-session-id={session.id} className="group relative">
      <button
        type="button"
        aria-current={current ? 'page' : undefined}
        title={session.title}
        onClick={() => onOpen(session.id)}
        className={classNames(
          'touch flex h-7 w-full items-center gap-2 rounded-md px-2 text-left',
          current ? 'bg-selected font-medium text-ink' : 'text-ink-2 group-hover:bg-hover',
          quiet && 'group-focus-within:pr-9 group-hover:pr-9',
          quiet && menuOpen && 'pr-9',
        )}
      >
        <span className="min-w-0 flex-1 truncate">{session.title}</span>
        {/* The menu's button takes the place of the facts, so that the name does not move under the pointer. */}
        <span
          className={classNames(
            'flex flex-none items-center gap-2 group-focus-within:opacity-0 group-hover:opacity-0',
            menuOpen && 'opacity-0',
          )}
        >
          <Facts session={session} startedAtMs={startedAtMs} />
        </span>
      </button>
      <span
        className={classNames(
          'absolute top-0.5 right-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100',
          menuOpen && 'opacity-100',
        )}
      >
        <Popover
          kind="menu"
          label={t('sessions.menu', { title: session.title })}
          align="end"
          onOpenChange={setMenuOpen}
          trigger={(trigger) => (
            <IconButton small icon={Ellipsis} label={t('sessions.menu', { title: session.title })} {...trigger} />
          )}
        >
          {(close) => (
            <>
              <MenuItem
                icon={Pencil}
                onClick={() => {
                  close();
                  setTitle(session.title);
                }}
              >
                {t('sessions.rename')}
              </MenuItem>
              <MenuItem
                icon={Trash2}
                danger
                onClick={() => {
                  close();
                  onDelete(session);
                }}
              >
                {t('sessions.delete')}
              </MenuItem>
            </>
          )}
        </Popover>
      </span>
    </li>
  );
});

function Facts({ session, startedAtMs }: Pick<SessionRowProps, 'session' | 'startedAtMs'>) {
  const { t } = useTranslation();
  const fact = sessionFact(session);
  return (
    <>
      {session.queueLength > 0 && (
        <span
          title={t(session.queuePaused ? 'sessions.queuedPaused' : 'sessions.queued', { count: session.queueLength })}
          className="num inline-flex flex-none items-center gap-0.5 text-xs font-normal text-ink-3"
        >
          <Icon of={session.queuePaused ? Pause : ListPlus} size={13} />
          <span className="sr-only">
            {t(session.queuePaused ? 'sessions.queuedPaused' : 'sessions.queued', { count: session.queueLength })}
          </span>
          <span aria-hidden="true">{session.queueLength}</span>
        </span>
      )}
      {fact === 'needs' && (
        <Tag look="needs" icon={Hand}>
          {t('approval.needsYou')}
        </Tag>
      )}
      {fact === 'failed' && <QuietFact icon={OctagonX} text={t('sessions.failed')} />}
      {fact === 'interrupted' && <QuietFact icon={Unplug} text={t('sessions.interrupted')} />}
      {(fact === 'writing' || fact === 'stopping') && (
        <Running word={t(`sessions.${fact}`)} startedAtMs={fact === 'writing' ? startedAtMs : undefined} />
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
  const now = useNow(startedAtMs !== undefined);
  return (
    <span className="num inline-flex flex-none items-center gap-2 text-xs font-normal text-ink-3">
      <span className={startedAtMs === undefined ? undefined : 'sr-only'}>{word}</span>
      {startedAtMs !== undefined && <span aria-hidden="true">{formatClock(now - startedAtMs)}</span>}
      <Icon of={FlowIcon} className="text-accent" />
    </span>
  );
}
