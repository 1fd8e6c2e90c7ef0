import { ChevronDown, ListFilter, X } from 'lucide-react';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { classNames } from '../../ui/class-names.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import type { Sections } from './use-sections.ts';

interface SettingsSectionsProps {
  sections: Sections;
  query: string;
  onQuery: (query: string) => void;
  field: RefObject<HTMLInputElement | null>;
  /** The keyboard goes on to the first setting that is left. */
  onLeaveField: () => void;
}

/** Finds a setting by its words, and leads to each section: a list beside the page, where there is no room a select above it. */
export function SettingsSections({ sections, query, onQuery, field, onLeaveField }: SettingsSectionsProps) {
  const { t } = useTranslation();
  const { shown, count, current, jump } = sections;
  return (
    <div className="settings-sections">
      <div role="search" className="relative min-w-0 flex-[1_1_9rem]">
        <Icon of={ListFilter} size={14} className="absolute top-2.25 left-2.5 text-ink-3" />
        <input
          ref={field}
          type="search"
          data-testid="settings-filter"
          aria-label={t('settings.filter')}
          placeholder={t('settings.filter')}
          value={query}
          onChange={(event) => onQuery(event.target.value)}
          onKeyDown={(event) => {
            if (isComposing(event.nativeEvent)) return;
            if (event.key === 'Escape' && query !== '') {
              event.preventDefault();
              onQuery('');
            } else if (event.key === 'Enter' || event.key === 'ArrowDown') {
              event.preventDefault();
              onLeaveField();
            }
          }}
          className="touch h-8 w-full rounded-md border border-line-control bg-raised pr-8 pl-8 [&::-webkit-search-cancel-button]:hidden"
        />
        {query !== '' && (
          <span className="absolute top-0.5 right-0.5">
            <IconButton
              icon={X}
              label={t('settings.clearFilter')}
              onClick={() => {
                onQuery('');
                field.current?.focus();
              }}
            />
          </span>
        )}
        <p role="status" className="sr-only">
          {query.trim() === '' ? '' : t('settings.found', { count })}
        </p>
      </div>
      {shown.length > 0 && (
        <>
          <nav aria-label={t('settings.sections')} className="mt-3 -ml-2 max-full:hidden">
            <ul className="grid gap-px">
              {shown.map(({ name, title }) => (
                <li key={name}>
                  <a
                    href={`#settings=${name}`}
                    aria-current={name === current ? 'location' : undefined}
                    onClick={(event) => {
                      event.preventDefault();
                      jump(name);
                    }}
                    className={classNames(
                      'touch flex h-7 items-center rounded-md px-2',
                      name === current ? 'bg-selected font-medium text-ink' : 'text-ink-2 hover:bg-hover',
                    )}
                  >
                    <span className="truncate">{title}</span>
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <span className="relative hidden min-w-0 max-full:block max-full:flex-[0_1_13rem] max-word:flex-[1_1_9rem]">
            <select
              aria-label={t('settings.sections')}
              data-testid="settings-section"
              value={current ?? ''}
              onChange={(event) => jump(event.target.value)}
              className="touch h-8 w-full min-w-0 appearance-none truncate rounded-md border border-line-control bg-raised pr-7 pl-2.5"
            >
              {shown.map(({ name, title }) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </select>
            <Icon
              of={ChevronDown}
              size={12}
              className="pointer-events-none absolute inset-y-0 right-2.5 my-auto text-ink-3"
            />
          </span>
        </>
      )}
    </div>
  );
}
