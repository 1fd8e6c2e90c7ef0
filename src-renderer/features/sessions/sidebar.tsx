import { Archive, ArrowLeft, Pencil, Search, SquarePen, X } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionRecord } from '#contract/records';
import { classNames } from '../../ui/class-names.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon, type IconType, SluiceIcon } from '../../ui/icons.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { AllTagsDialog } from './all-tags-dialog.tsx';
import { Rail } from './rail.tsx';
import { SessionList, type SessionListProps } from './session-list.tsx';
import { TagChip } from './tag-dialog.tsx';
import { tagsOf } from './tags.ts';

export interface SidebarPage {
  name: string;
  label: string;
  icon: IconType;
  /** A live fact about the page. */
  fact?: string;
  /** The fact waits for a person: it has a dot, which stays where there is no room for words. */
  isNews?: boolean;
  current: boolean;
  onOpen: () => void;
}

export interface SidebarProps extends Omit<SessionListProps, 'archive'> {
  /** False while the list has not come yet. */
  listed: boolean;
  /** What was put away; `null` until it was asked for. */
  archived: SessionRecord[] | null;
  hasArchive: boolean;
  onArchiveOpen: () => void;
  /** Below 840 px: a rail of icons, and the list opens over the page. */
  narrow: boolean;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onNewChat: () => void;
  /** Opens the search; it is a page of its own. */
  onSearch: () => void;
  searching: boolean;
  /** Keys of what stands at the top, for the tooltips. */
  hints: { search: string; newChat: string };
  pages: SidebarPage[];
  /** Says why the list is empty when it could not be read. */
  problem: ReactNode;
}

export function Sidebar(props: SidebarProps) {
  const { narrow, open, onOpenChange } = props;
  const [tag, setTag] = useState<string | null>(null);
  const [inArchive, setInArchive] = useState(false);
  // Here and not in the list: a window that becomes narrow takes the list away, and not what is asked in a dialog.
  const [allTags, setAllTags] = useState(false);
  const full = {
    onAllTags: () => setAllTags(true),
    tag,
    onTag: setTag,
    inArchive,
    onInArchive: (next: boolean) => {
      setInArchive(next);
      if (next) props.onArchiveOpen();
    },
  };
  /** The list over the page was closed by its reader: the keyboard goes back to the button that opens it. */
  const closedHereRef = useRef(false);
  return (
    <>
      {narrow && !open ? (
        <Rail {...props} takesFocusRef={closedHereRef} />
      ) : !narrow ? (
        <Full {...props} {...full} />
      ) : (
        <OverPage
          onLeave={() => onOpenChange(false)}
          onClose={() => {
            closedHereRef.current = true;
            onOpenChange(false);
          }}
        >
          <Full {...props} {...full} />
        </OverPage>
      )}
      {allTags && <AllTagsDialog onClose={() => setAllTags(false)} />}
    </>
  );
}

interface OverPageProps {
  children: ReactNode;
  /** Closed by its reader, who is still in it. */
  onClose: () => void;
  /** The keyboard went on to the page below. */
  onLeave: () => void;
}

/** The list over the page. Escape, a press beside it and the keyboard's way to the page below close it. */
function OverPage({ children, onClose, onLeave }: OverPageProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that opened it is gone; without this the keyboard would be nowhere.
    if (document.activeElement === document.body) place.current?.focus();
  }, []);
  return (
    <>
      {/* Keeps the rail's place while the list lies over the page. */}
      <div className="bg-chrome" />
      <button
        type="button"
        aria-hidden="true"
        tabIndex={-1}
        onClick={onClose}
        className="no-drag fixed inset-0 z-20 bg-scrim"
      />
      <div
        ref={place}
        tabIndex={-1}
        className="fixed inset-y-0 left-0 z-20 w-(--sidebar) shadow-lift-3 outline-none"
        onBlur={({ relatedTarget }) => {
          // What lies below it would be walked through unseen.
          if (relatedTarget instanceof Element && relatedTarget.closest('main') !== null) onLeave();
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.defaultPrevented || isComposing(event.nativeEvent)) return;
          event.preventDefault();
          onClose();
        }}
      >
        {children}
      </div>
    </>
  );
}

interface FullProps extends SidebarProps {
  /** Only conversations with this tag are listed. */
  tag: string | null;
  onTag: (tag: string | null) => void;
  inArchive: boolean;
  onInArchive: (inArchive: boolean) => void;
  onAllTags: () => void;
}

function Full({
  narrow,
  onOpenChange,
  onNewChat,
  onSearch,
  searching,
  hints,
  listed,
  pages,
  problem,
  tag,
  onTag,
  inArchive,
  onInArchive,
  onAllTags,
  archived,
  hasArchive,
  onArchiveOpen: _asked,
  open: _open,
  ...list
}: FullProps) {
  const { t, i18n } = useTranslation();
  const tags = useMemo(() => tagsOf(list.sessions, i18n.language), [list.sessions, i18n.language]);
  // A tag that nothing has any more filters nothing.
  const wanted = tag !== null && tags.includes(tag) ? tag : null;
  const tagged = useMemo(
    () => (wanted === null ? list.sessions : list.sessions.filter((session) => session.tags.includes(wanted))),
    [list.sessions, wanted],
  );
  const sessions = inArchive ? (
    <nav aria-label={t('sessions.archived')}>
      {problem}
      {archived !== null && <SessionList {...list} key="archive" archive sessions={archived} />}
    </nav>
  ) : (
    <nav aria-label={t('sessions.nav')}>
      {problem}
      {listed ? <SessionList {...list} key="list" sessions={tagged} /> : <ListSkeleton />}
    </nav>
  );
  return (
    <aside aria-label={t('sessions.aside')} className="flex h-full min-h-0 flex-col bg-chrome">
      <div className="drag flex h-(--bar) flex-none items-center gap-0.5 pr-2 pl-4">
        <span className="flex flex-1 items-center gap-2">
          <Icon of={SluiceIcon} size={18} className="text-accent" />
          <b className="font-semibold tracking-[-.005em]">{t('app.name')}</b>
        </span>
        <IconButton
          icon={Search}
          label={t('search.open')}
          shortcut={hints.search}
          aria-current={searching ? 'page' : undefined}
          onClick={onSearch}
          className="no-drag"
        />
        <IconButton
          icon={SquarePen}
          data-testid="new-chat"
          label={t('sessions.new')}
          shortcut={hints.newChat}
          onClick={onNewChat}
          className="no-drag"
        />
        {narrow && (
          <IconButton icon={X} label={t('sessions.hide')} onClick={() => onOpenChange(false)} className="no-drag" />
        )}
      </div>
      {inArchive && (
        <div className="flex flex-none items-center gap-1 px-2 pb-1">
          <IconButton
            autoFocus
            small
            icon={ArrowLeft}
            data-testid="archive-back"
            label={t('sessions.leaveArchive')}
            onClick={() => onInArchive(false)}
          />
          <h2 className="text-xs font-medium text-ink-3">{t('sessions.archived')}</h2>
        </div>
      )}
      {!inArchive && tags.length > 0 && (
        <div
          role="group"
          aria-label={t('tags.filter')}
          className="thin-scroll flex max-h-19 flex-none flex-wrap gap-1 overflow-auto px-4 pb-2"
        >
          {tags.map((each) => (
            <TagChip key={each} tag={each} on={each === wanted} onToggle={() => onTag(each === wanted ? null : each)} />
          ))}
          <IconButton
            small
            icon={Pencil}
            data-testid="all-tags"
            label={t('tags.all')}
            aria-haspopup="dialog"
            onClick={onAllTags}
          />
        </div>
      )}
      <div data-scroller className="thin-scroll min-h-0 flex-1 overflow-auto px-2 pb-4">
        {sessions}
      </div>
      {!inArchive && (hasArchive || list.sessions.length > 0) && (
        <div className="flex-none px-2 pb-1">
          <button
            type="button"
            data-testid="open-archive"
            onClick={() => onInArchive(true)}
            className="touch flex h-7 w-full items-center gap-2 rounded-md px-2 text-left text-ink-3 hover:bg-hover hover:text-ink"
          >
            <Icon of={Archive} />
            {t('sessions.archived')}
          </button>
        </div>
      )}
      <nav aria-label={t('sessions.pages')} className="flex-none border-t border-line p-2">
        <ul>
          {pages.map((page) => (
            <li key={page.name}>
              <button
                type="button"
                data-testid={`nav-${page.name}`}
                aria-current={page.current ? 'page' : undefined}
                onClick={page.onOpen}
                className={classNames(
                  'touch flex h-7 w-full items-center gap-2 rounded-md px-2 text-left',
                  page.current ? 'bg-selected font-medium text-ink' : 'text-ink-2 hover:bg-hover',
                )}
              >
                <Icon of={page.icon} />
                <span className="min-w-0 flex-1 truncate">{page.label}</span>
                {page.fact !== undefined && (
                  <span className="num flex flex-none items-center gap-1.5 text-xs font-normal text-ink-3">
                    {page.isNews === true && <span aria-hidden="true" className="size-1.5 rounded-full bg-accent" />}
                    {page.fact}
                  </span>
                )}
              </button>
            </li>
          ))}
        </ul>
      </nav>
    </aside>
  );
}

const QUIET_MS = 200;

/** The shape of what comes; nothing at all when it comes at once. */
function ListSkeleton() {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <div aria-hidden="true" className="grid gap-1 px-2 pt-2">
      {['w-3/4', 'w-1/2', 'w-5/6', 'w-3/5', 'w-2/5'].map((width) => (
        <div key={width} className="flex h-7 items-center">
          <span className={`h-3 rounded-sm bg-hover ${width}`} />
        </div>
      ))}
    </div>
  );
}
