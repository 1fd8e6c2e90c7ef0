import { Search, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { SearchHit } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { classNames } from '../../ui/class-names.ts';
import { formatDay } from '../../ui/format.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { Marked } from '../../ui/marked.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { groupHits, type HitGroup } from './group-hits.ts';
import { QuietSelect } from './quiet-select.tsx';
import { HIT_LIMIT, questionOf, type SearchWish, useSearchStore } from './search-store.ts';

interface SearchPageProps {
  /** Conversations that were put away; a match in one of them says so. */
  isArchived: (sessionId: string) => boolean;
  tags: readonly string[];
  onOpen: (hit: { sessionId: string; messageId: string | null }, query: string) => void;
  /** Back to where the reader was. */
  onClose: () => void;
}

/** Typing is followed after this pause. */
const PAUSE_MS = 120;
/** Hits of one conversation that are shown before the reader asks for more. */
const SHOWN = 3;
const DAYS = [1, 7, 30, 365] as const;
const ROLES = ['user', 'assistant', 'tool'] as const;

interface Found {
  wish: SearchWish;
  hits: SearchHit[];
  error: AppError | null;
}

/** Everything that was said in all conversations, by words and by filters. An answer to an older question is dropped. */
export function SearchPage({ isArchived, tags, onOpen, onClose }: SearchPageProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const { wish, change } = useSearchStore();
  const [found, setFound] = useState<Found | null>(null);
  const [models, setModels] = useState<readonly string[]>([]);
  const field = useRef<HTMLInputElement>(null);
  const results = useRef<HTMLDivElement>(null);
  const asked = wish.query.trim();

  useEffect(() => {
    // Without the list one filter less is offered; the search itself goes on.
    void api.request('sessions.models', {}).then((answer) => {
      if (answer.ok) setModels(answer.data.models);
    });
  }, [api]);

  useEffect(() => {
    if (asked === '') return;
    let current = true;
    const timer = setTimeout(() => {
      void api.request('sessions.search', questionOf(wish, new Date())).then((answer) => {
        if (!current) return;
        setFound({ wish, hits: answer.ok ? answer.data.hits : [], error: answer.ok ? null : answer.error });
      });
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [api, asked, wish]);

  const groups = useMemo(() => groupHits(found?.hits ?? []), [found]);
  const messages = groups.reduce((sum, group) => sum + group.hits.length, 0);

  const onKeyDown = (event: KeyboardEvent) => {
    // The arrows of an input method walk through its suggestions.
    if (isComposing(event.nativeEvent)) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      // A first Escape takes back what is asked for.
      if (event.target === field.current && wish.query !== '') change({ query: '' });
      else onClose();
      return;
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    if (event.target instanceof HTMLSelectElement) return;
    const rows = [...(results.current?.querySelectorAll<HTMLElement>('[data-hit]') ?? [])];
    const at = rows.findIndex((row) => row === document.activeElement);
    const next = at + (event.key === 'ArrowDown' ? 1 : -1);
    event.preventDefault();
    if (next < 0) field.current?.focus();
    else rows[Math.min(next, rows.length - 1)]?.focus();
  };

  const any = (label: string) => ({ value: '', label });
  return (
    <>
      <PageHeader title={t('search.open')}>
        {asked !== '' && found?.error === null && groups.length > 0 && (
          <p role="status" className="num text-ink-3">
            {messages === 0
              ? t('search.places', { count: groups.length })
              : t('search.count', {
                  count: messages,
                  more: messages >= HIT_LIMIT ? '+' : '',
                  places: t('search.places', { count: groups.length }),
                })}
          </p>
        )}
      </PageHeader>
      <div className="page" onKeyDown={onKeyDown}>
        <div className="mx-auto max-w-(--column)">
          <div role="search" className="relative">
            <Icon of={Search} className="absolute top-2.5 left-3 text-ink-3" />
            <input
              ref={field}
              autoFocus
              type="search"
              data-testid="search-input"
              aria-label={t('search.label')}
              placeholder={t('search.label')}
              value={wish.query}
              onChange={(event) => change({ query: event.target.value })}
              onFocus={(event) => event.target.select()}
              className="touch h-9 w-full rounded-md border border-line-control bg-raised pr-3 pl-9 text-md [&::-webkit-search-cancel-button]:hidden"
            />
          </div>
          <div
            role="group"
            aria-label={t('search.filters')}
            className="mt-2 mb-4 -ml-2 flex flex-wrap items-center gap-1 max-word:-ml-1.5 max-word:gap-0"
          >
            <QuietSelect
              label={t('search.role')}
              value={wish.role ?? ''}
              options={[
                any(t('search.anyone')),
                ...ROLES.map((role) => ({ value: role, label: t(`search.roles.${role}`) })),
              ]}
              onChange={(value) => change({ role: ROLES.find((role) => role === value) ?? null })}
            />
            <QuietSelect
              label={t('search.date')}
              value={String(wish.days ?? '')}
              options={[
                any(t('search.anyDate')),
                ...DAYS.map((days) => ({ value: String(days), label: t(`search.days.${days}`) })),
              ]}
              onChange={(value) => change({ days: value === '' ? null : Number(value) })}
            />
            {models.length > 0 && (
              <QuietSelect
                label={t('search.model')}
                value={wish.model ?? ''}
                options={[any(t('search.anyModel')), ...models.map((model) => ({ value: model, label: model }))]}
                onChange={(value) => change({ model: value === '' ? null : value })}
              />
            )}
            {tags.length > 0 && (
              <QuietSelect
                label={t('search.tag')}
                value={wish.tag ?? ''}
                options={[any(t('search.anyTag')), ...tags.map((tag) => ({ value: tag, label: tag }))]}
                onChange={(value) => change({ tag: value === '' ? null : value })}
              />
            )}
            <button
              type="button"
              aria-pressed={wish.hasCode}
              onClick={() => change({ hasCode: !wish.hasCode })}
              className={classNames(
                'touch h-7 rounded-md border px-2 font-medium hover:bg-hover max-word:px-1.5',
                wish.hasCode ? 'border-line-2 bg-selected text-ink' : 'border-transparent text-ink-2',
              )}
            >
              {t('search.hasCode')}
            </button>
            {wish.session !== null && (
              <span className="inline-flex h-7 max-w-60 min-w-0 items-center gap-1 rounded-md border border-line-2 bg-selected pl-2">
                <span className="truncate">{t('search.inSession', { title: wish.session.title })}</span>
                <IconButton small icon={X} label={t('search.everywhere')} onClick={() => change({ session: null })} />
              </span>
            )}
          </div>
          <div ref={results} aria-busy={asked !== '' && found?.wish !== wish}>
            {asked === '' ? (
              <Nothing fact={t('search.emptyTitle')} sentence={t('search.emptyBody')} />
            ) : found === null ? null : found.error !== null ? (
              <p role="alert" className="text-stop-ink">
                {found.error.message}
              </p>
            ) : groups.length === 0 ? (
              <Nothing fact={t('search.none', { query: found.wish.query.trim() })} sentence={t('search.noneBody')} />
            ) : (
              groups.map((group) => (
                <Group
                  key={group.sessionId}
                  group={group}
                  query={found.wish.query}
                  archived={isArchived(group.sessionId)}
                  onOpen={(messageId) => onOpen({ sessionId: group.sessionId, messageId }, found.wish.query.trim())}
                  onOnlyHere={() => change({ session: { id: group.sessionId, title: group.title } })}
                />
              ))
            )}
          </div>
        </div>
      </div>
    </>
  );
}

function Nothing({ fact, sentence }: { fact: string; sentence: string }) {
  return (
    <div className="grid justify-items-center gap-1 py-16 text-center">
      <Icon of={Search} size={20} className="mb-1 text-ink-3" />
      <p className="font-medium wrap-anywhere">{fact}</p>
      <p className="text-ink-3">{sentence}</p>
    </div>
  );
}

interface GroupProps {
  group: HitGroup;
  query: string;
  archived: boolean;
  onOpen: (messageId: string | null) => void;
  onOnlyHere: () => void;
}

function Group({ group, query, archived, onOpen, onOnlyHere }: GroupProps) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const shown = all ? group.hits : group.hits.slice(0, SHOWN);
  const hidden = group.hits.length - shown.length;
  return (
    <section aria-label={group.title} data-testid="search-hit" className="mb-5">
      <div className="flex items-baseline gap-3">
        <h2 className="min-w-0">
          <button
            type="button"
            data-hit={group.hits.length === 0 ? true : undefined}
            onClick={() => onOpen(null)}
            className="max-w-full truncate text-left hover:underline"
          >
            {group.titleMatched ? <Marked text={group.title} query={query} /> : group.title}
          </button>
        </h2>
        {archived && <span className="flex-none text-xs text-ink-3">{t('sessions.archived')}</span>}
        {group.hits.length > 0 && (
          <button
            type="button"
            onClick={onOnlyHere}
            className="num ml-auto flex-none text-xs text-ink-3 hover:text-ink hover:underline"
          >
            {t('search.matches', { count: group.hits.length })}
          </button>
        )}
      </div>
      {shown.length > 0 && (
        <ul className="-mx-2 mt-0.5">
          {shown.map((hit) => (
            <li key={hit.messageId}>
              <button
                type="button"
                data-hit
                data-testid="search-message"
                onClick={() => onOpen(hit.messageId)}
                className="touch grid w-full grid-cols-[6rem_minmax(0,1fr)_auto] items-baseline gap-x-3 rounded-md px-2 py-1.5 text-left hover:bg-hover focus-visible:bg-selected focus-visible:-outline-offset-2 max-word:grid-cols-[minmax(0,1fr)_auto]"
              >
                <span className="truncate text-xs text-ink-3">{speakerOf(hit, t)}</span>
                <span className="line-clamp-2 wrap-anywhere text-ink-2 max-word:col-span-2 max-word:row-start-2">
                  <Marked text={hit.snippet} query={query} />
                </span>
                <time
                  dateTime={new Date(hit.createdAtMs).toISOString()}
                  className="num text-xs whitespace-nowrap text-ink-3"
                >
                  {formatDay(hit.createdAtMs)}
                </time>
              </button>
            </li>
          ))}
        </ul>
      )}
      {hidden > 0 && (
        <button type="button" onClick={() => setAll(true)} className="text-xs text-ink-2 underline hover:text-ink">
          {t('search.more', { count: hidden })}
        </button>
      )}
    </section>
  );
}

function speakerOf(hit: SearchHit, t: (key: string) => string): string {
  if (hit.role === 'user') return t('search.you');
  if (hit.role === 'tool') return t('search.toolHit');
  return hit.model ?? t('chat.answer');
}
