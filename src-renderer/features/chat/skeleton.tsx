import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

const QUIET_MS = 200;

/** The shape of what comes; nothing at all when it comes at once. */
export function Skeleton() {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <div aria-busy="true" aria-label={t('chat.loading')} role="status" className="grid gap-2.5">
      <span className="h-11 rounded-lg bg-said" />
      <div className="grid gap-2.5 px-3">
        {['w-2/5', 'w-full', 'w-11/12', 'w-3/5'].map((width) => (
          <span key={width} className={`h-2.5 rounded-sm bg-hover ${width}`} />
        ))}
      </div>
    </div>
  );
}
