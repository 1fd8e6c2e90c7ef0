import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { newsOf, type SessionNews } from './features/sessions/news-of.ts';
import { useSessionsStore } from './features/sessions/sessions-store.ts';
import { notificationPermission } from './features/settings/notify-row.tsx';
import { notifyWay } from './features/settings/notify-way.ts';
import { useSettingsStore } from './features/settings/settings-store.ts';

function isInSight(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

/**
 * Tells of answers that end while nobody looks at this page (E2-23): the title counts them, and the browser says so where
 * the person allowed it. Of a conversation only its name is told. A host that tells by itself is not repeated.
 *
 * @param title what the window is about now.
 * @param onOpen opens a conversation; has to be stable.
 */
export function useAwayNews(title: string, onOpen: (sessionId: string) => void): void {
  const { t } = useTranslation();
  const [count, setCount] = useState(0);

  useEffect(() => {
    const tell = (news: SessionNews) => {
      // One sign for each conversation, also where it is open in several tabs.
      const sign = new Notification(news.title, { body: t(`news.${news.kind}`), tag: `sluice-${news.sessionId}` });
      sign.onclick = () => {
        window.focus();
        onOpen(news.sessionId);
        sign.close();
      };
    };
    const unsubscribe = useSessionsStore.subscribe((state, before) => {
      const news = newsOf(before.sessions, state.sessions);
      if (news.length === 0 || isInSight()) return;
      setCount((known) => known + news.length);
      const { info, settings } = useSettingsStore.getState();
      if (settings.notifyWhenDone && notifyWay(info, notificationPermission()) === 'page') news.forEach(tell);
    });
    const seen = () => {
      if (isInSight()) setCount(0);
    };
    window.addEventListener('focus', seen);
    document.addEventListener('visibilitychange', seen);
    return () => {
      unsubscribe();
      window.removeEventListener('focus', seen);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [t, onOpen]);

  useEffect(() => {
    const name = t('app.title', { title });
    document.title = count === 0 ? name : `(${count}) ${name}`;
  }, [t, title, count]);
}
