import { Check, OctagonX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { failureSentence } from '../../locales/failure-language.ts';
import { Icon } from '../../ui/icons.tsx';
import { endedText, sentencesText } from '../../ui/join-text.ts';
import type { ToldHealth } from './use-health-check.ts';

/** What came of asking a provider, on a line of its own. */
export function HealthLine({ told }: { told: ToldHealth | null }) {
  const { t } = useTranslation();
  const models =
    told === null || told.models === null
      ? ''
      : endedText(t('credentials.health.models', { count: told.models.length }));
  return (
    <p role="status" data-state={told?.state} className="basis-full text-xs text-ink-2 empty:hidden">
      {told !== null && (
        <>
          <Icon
            of={told.state === 'ok' ? Check : OctagonX}
            size={13}
            className={`mr-1 inline align-[-2px] ${told.state === 'ok' ? '' : 'text-stop-ink'}`}
          />
          {sentencesText(failureSentence(told.message, told.said), models)}
        </>
      )}
    </p>
  );
}
