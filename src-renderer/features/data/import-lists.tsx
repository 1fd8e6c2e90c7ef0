import { useTranslation } from 'react-i18next';
import type { ImportPreviewItem, ImportResultItem } from '#contract/data';
import { failureSentence } from '../../locales/failure-language.ts';

const LIST = 'thin-scroll max-h-72 divide-y divide-line overflow-auto border-t border-line';
const ROW = 'flex items-baseline gap-3 px-4 py-1.5';

/** What a file offers. Titles may be many and long: the list scrolls by itself. */
export function ImportPreviewList({ items }: { items: readonly ImportPreviewItem[] }) {
  const { t, i18n } = useTranslation();
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium' });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls has to be reached by keyboard
    <ul className={LIST} tabIndex={0} aria-label={t('data.previewList')}>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and titles may be the same
        <li key={index} className={ROW}>
          <span className="min-w-0 flex-1 truncate">{item.title === '' ? t('data.untitled') : item.title}</span>
          {item.reason === null ? (
            <span className="num flex-none text-xs text-ink-3">
              {t('data.messages', { count: item.messages })}
              {item.createdAtMs !== null && item.createdAtMs > 0 && ` · ${date.format(item.createdAtMs)}`}
            </span>
          ) : (
            <span className="min-w-0 flex-1 text-xs text-stop-ink">
              {failureSentence(item.reason, item.reasonSaid)}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What became of each conversation. */
export function ImportItems({ items }: { items: readonly ImportResultItem[] }) {
  const { t } = useTranslation();
  if (items.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls has to be reached by keyboard
    <ul className={LIST} tabIndex={0} aria-label={t('data.resultList')}>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and titles may be the same
        <li key={index} className={ROW} data-outcome={item.outcome}>
          <span className="min-w-0 flex-1 truncate">{item.title === '' ? t('data.untitled') : item.title}</span>
          <span className={item.outcome === 'failed' ? 'text-xs text-stop-ink' : 'text-xs text-ink-3'}>
            {t(`data.outcome.${item.outcome}`)}
            {item.reason !== null && ` ${failureSentence(item.reason, item.reasonSaid)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
