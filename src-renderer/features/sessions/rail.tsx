import { PanelLeft, Search, SquarePen } from 'lucide-react';
import { type RefObject, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { classNames } from '../../ui/class-names.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { FlowIcon } from '../../ui/icons.tsx';
import { listText } from '../../ui/join-text.ts';
import type { SidebarProps } from './sidebar.tsx';
import { useUnreadStore } from './unread-store.ts';

interface RailProps
  extends Pick<SidebarProps, 'sessions' | 'onOpenChange' | 'onNewChat' | 'onSearch' | 'searching' | 'hints' | 'pages'> {
  /** True once when the keyboard is to be here. */
  takesFocusRef: RefObject<boolean>;
}

/** The list as icons, where the window has no room for it. */
export function Rail({
  sessions,
  onOpenChange,
  onNewChat,
  onSearch,
  searching,
  hints,
  pages,
  takesFocusRef,
}: RailProps) {
  const { t } = useTranslation();
  const show = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!takesFocusRef.current) return;
    takesFocusRef.current = false;
    show.current?.focus();
  }, [takesFocusRef]);
  const running = sessions.filter((session) => session.state !== 'idle').length;
  const unread = useUnreadStore((state) => state.ids);
  // Marks of conversations that were deleted meanwhile say nothing.
  const hasNews = sessions.some((session) => unread.has(session.id));
  return (
    <aside aria-label={t('sessions.aside')} className="flex h-full flex-col items-center bg-chrome">
      <div className="drag flex flex-1 flex-col items-center gap-1 py-2.5">
        <span className="relative">
          <IconButton
            ref={show}
            icon={PanelLeft}
            label={hasNews ? listText([t('sessions.show'), t('sessions.unread')]) : t('sessions.show')}
            onClick={() => onOpenChange(true)}
            className={RAIL}
          />
          {hasNews && <NewsDot />}
        </span>
        <IconButton
          icon={Search}
          label={t('search.open')}
          shortcut={hints.search}
          aria-current={searching ? 'page' : undefined}
          onClick={onSearch}
          className={classNames(RAIL, searching && 'bg-selected text-ink')}
        />
        <IconButton
          icon={SquarePen}
          data-testid="new-chat"
          label={t('sessions.new')}
          shortcut={hints.newChat}
          onClick={onNewChat}
          className={RAIL}
        />
        {running > 0 && (
          <span className="relative">
            <IconButton
              icon={FlowIcon}
              label={t('sessions.runningCount', { count: running })}
              onClick={() => onOpenChange(true)}
              className={`${RAIL} text-accent!`}
            />
            <span
              aria-hidden="true"
              className="num absolute top-0.5 right-px text-2xs leading-none font-semibold text-accent-ink"
            >
              {running}
            </span>
          </span>
        )}
      </div>
      <nav
        aria-label={t('sessions.pages')}
        className="grid w-full justify-items-center gap-0.5 border-t border-line py-2"
      >
        {pages.map((page) => {
          const news = page.isNews === true ? page.fact : undefined;
          return (
            <span key={page.name} className="relative">
              <IconButton
                data-testid={`nav-${page.name}`}
                icon={page.icon}
                label={news === undefined ? page.label : listText([page.label, news])}
                aria-current={page.current ? 'page' : undefined}
                onClick={page.onOpen}
                className={classNames(RAIL, page.current && 'bg-selected text-ink')}
              />
              {news !== undefined && <NewsDot />}
            </span>
          );
        })}
      </nav>
    </aside>
  );
}

/** At the corner of an icon. */
function NewsDot() {
  return <span aria-hidden="true" className="absolute top-1.5 right-1.5 size-1.5 rounded-full bg-accent" />;
}

const RAIL = 'no-drag size-9';
