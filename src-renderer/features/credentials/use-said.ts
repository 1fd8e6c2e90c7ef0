import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatTime } from '../../ui/format.ts';
import { useCredentialsStore } from './credentials-store.ts';
import { type KeyNews, keyNews } from './key-news.ts';

/** More changes at once are told by their number. */
const MOST_SENTENCES = 3;

/**
 * What a person who listens is told: keys that stand otherwise than before, and what came of what was done. A sentence
 * replaces the one before it.
 */
export function useSaid(): { said: string; say: (sentence: string) => void } {
  const { t } = useTranslation();
  const [said, setSaid] = useState('');
  const words = useRef<(news: KeyNews[]) => string>(() => '');
  useEffect(() => {
    words.current = (news) =>
      news.length > MOST_SENTENCES
        ? t('credentials.said.several', { count: news.length })
        : news
            .map(({ label, description: { look, rest } }) =>
              rest === null
                ? t('credentials.said.state', { label, state: t(`credentials.tag.${look}`) })
                : t('credentials.said.cooling', {
                    label,
                    time: formatTime(rest.untilMs),
                    reason: t(`credentials.rest.${rest.kind}`),
                  }),
            )
            .join(' ');
  }, [t]);
  useEffect(
    () =>
      useCredentialsStore.subscribe((now, before) => {
        if (now.credentials === before.credentials || before.credentials === null) return;
        const news = keyNews(before.credentials, now.credentials ?? [], now.profiles ?? [], Date.now());
        if (news.length > 0) setSaid(words.current(news));
      }),
    [],
  );
  return { said, say: setSaid };
}
