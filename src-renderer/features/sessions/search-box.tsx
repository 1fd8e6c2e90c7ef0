import { Search } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { SearchHit } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Icon } from '../../ui/icons.tsx';
import { markParts } from './mark-parts.ts';

interface SearchBoxProps {
  /** The conversations that are in the list; a match in another one was put away. */
  listed: ReadonlySet<string>;
  onOpen: (sessionId: string, messageId: string | null) => void;
  onClose: () => void;
  /** Shown while nothing is searched for. */
  children: ReactNode;
}

const PAUSE_MS = 120;

interface Found {
  query: string;
  hits: SearchHit[];
  error: AppError | null;
}

/** Searches all conversations as the reader types. An answer to an older question is dropped. */
export function SearchBox({ listed, onOpen, onClose, children }: SearchBoxProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<Found | null>(null);
  const asked = query.trim();

  useEffect(() => {
    if (asked === '') return;
    let current = true;
    const timer = setTimeout(() => {
      void api.request('sessions.search', { query: asked }).then((answer) => {
        if (!current) return;
        setFound({ query: asked, hits: answer.ok ? answer.data.hits : [], error: answer.ok ? null : answer.error });
      });
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [api, asked]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    if (query === '') onClose();
    else setQuery('');
  };

  return (
    <>
      <div className="relative flex-none px-2 pb-2">
        <Icon of={Search} size={14} className="absolute top-[7px] left-4.5 text-ink-3" />
        <input
          autoFocus
          type="search"
          data-testid="search-input"
          aria-label={t('search.label')}
          placeholder={t('search.label')}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={onKeyDown}
          className="touch h-7 w-full rounded-md border border-line-control bg-raised pr-2 pl-7.5 [&::-webkit-search-cancel-button]:hidden"
        />
      </div>
      <div className="thin-scroll min-h-0 flex-1 overflow-auto px-2 pb-4">
        {asked === '' || found === null ? children : <Hits found={found} listed={listed} onOpen={onOpen} />}
      </div>
    </>
  );
}

function Hits({ found, listed, onOpen }: { found: Found } & Pick<SearchBoxProps, 'listed' | 'onOpen'>) {
  const { t } = useTranslation();
  if (found.error !== null) return <p className="p-2 text-stop-ink">{found.error.message}</p>;
  if (found.hits.length === 0) return <p className="p-2 text-ink-3">{t('search.none', { query: found.query })}</p>;
  return (
    <ul aria-label={t('search.results')}>
      {found.hits.map((hit) => (
        <li key={hit.messageId ?? hit.sessionId}>
          <button
            type="button"
            data-testid="search-hit"
            onClick={() => onOpen(hit.sessionId, hit.messageId)}
            className="w-full rounded-md px-2 py-1.5 text-left hover:bg-hover"
          >
            <span className="flex items-baseline gap-2">
              <span className="min-w-0 flex-1 truncate font-medium text-ink">
                {hit.messageId === null ? <Marked text={hit.sessionTitle} query={found.query} /> : hit.sessionTitle}
              </span>
              {!listed.has(hit.sessionId) && (
                <span className="flex-none text-xs text-ink-3">{t('sessions.archived')}</span>
              )}
            </span>
            {/* Where the name itself matched there is nothing to quote. */}
            {hit.messageId !== null && (
              <span className="line-clamp-2 text-xs wrap-anywhere text-ink-2">
                <Marked text={hit.snippet} query={found.query} />
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Marked({ text, query }: { text: string; query: string }) {
  return markParts(text, query).map((part, index) =>
    part.match ? (
      <mark key={index} className="rounded-xs bg-mark text-ink underline decoration-wait-mark underline-offset-2">
        {part.text}
      </mark>
    ) : (
      part.text
    ),
  );
}
