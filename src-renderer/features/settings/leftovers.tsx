import { OctagonX } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { UpstreamLeftover } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Icon } from '../../ui/icons.tsx';
import { Group, Setting } from './settings-group.tsx';

/** Rows shown; an upstream that was away for weeks may have left many, and all say the same. */
const SHOWN = 20;

/** Throw-away sessions that could not be removed at their upstream. Nothing is drawn where there are none. */
export function Leftovers() {
  const { t } = useTranslation();
  const { api } = useCore();
  const [leftovers, setLeftovers] = useState<UpstreamLeftover[]>([]);
  useEffect(() => {
    let current = true;
    // A list that cannot be read is no news: the next visit asks again.
    void api.request('profiles.leftovers', {}).then((answer) => {
      if (current && answer.ok) setLeftovers(answer.data.leftovers);
    });
    return () => {
      current = false;
    };
  }, [api]);
  if (leftovers.length === 0) return null;
  const dead = leftovers.filter((each) => each.status === 'dead');
  const ordered = [...dead, ...leftovers.filter((each) => each.status === 'pending')];
  return (
    <Group name="leftovers" title={t('settings.leftovers')}>
      <Setting words={dead.map((each) => each.profile)} className="px-4 py-2.5 text-ink-2">
        {dead.length === 0
          ? t('settings.leftoversPending', { count: leftovers.length })
          : t('settings.leftoversDead', { count: dead.length })}
      </Setting>
      <ul data-testid="leftovers" className="divide-y divide-line">
        {ordered.slice(0, SHOWN).map((each) => (
          <li key={each.upstreamSessionId} className="flex items-start gap-3 px-4 py-2">
            <div className="min-w-0 flex-1">
              <p className="flex min-w-0 gap-2">
                <span className="flex-none font-medium">{each.profile}</span>
                <code className="truncate text-xs leading-5 text-ink-2 select-all">{each.upstreamSessionId}</code>
              </p>
              {each.lastError !== null && <p className="text-xs break-words text-ink-3">{each.lastError}</p>}
            </div>
            <span className="num inline-flex flex-none items-center gap-1.5 text-xs leading-5 text-ink-3">
              {each.status === 'dead' && <Icon of={OctagonX} size={14} />}
              {each.status === 'dead'
                ? t('settings.givenUp', { count: each.attempts })
                : t('settings.triedAgain', { count: each.attempts })}
            </span>
          </li>
        ))}
      </ul>
      {ordered.length > SHOWN && (
        <p className="px-4 py-2 text-xs text-ink-3">{t('settings.leftoversMore', { count: ordered.length - SHOWN })}</p>
      )}
    </Group>
  );
}
