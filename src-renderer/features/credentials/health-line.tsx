import { Check, OctagonX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { UpstreamHealth } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icons.tsx';

/** Asks a provider whether it is there, takes the key and has models; when it is asked to. */
export function HealthLine({ profileId }: { profileId: string }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [health, setHealth] = useState<Pick<UpstreamHealth, 'state' | 'message' | 'said' | 'models'> | 'asking' | null>(
    null,
  );
  const check = async () => {
    setHealth('asking');
    const answer = await api.request('profiles.health', { profileId, fresh: true });
    setHealth(answer.ok ? answer.data : { state: 'failing', message: answer.error.message, models: null });
  };
  const told = health === 'asking' ? null : health;
  return (
    <>
      <Button look="plain" className="h-6.5 text-xs" data-testid="check-health" onClick={() => void check()}>
        {health === 'asking' ? t('credentials.health.checking') : t('credentials.health.check')}
      </Button>
      <p
        role="status"
        data-state={told?.state}
        className="order-last min-w-0 basis-full px-1.5 text-xs text-ink-2 empty:hidden"
      >
        {told !== null && (
          <>
            <Icon
              of={told.state === 'ok' ? Check : OctagonX}
              size={13}
              className={`mr-1 inline align-[-2px] ${told.state === 'ok' ? '' : 'text-stop-ink'}`}
            />
            {failureSentence(told.message, told.said)}
            {told.models !== null && ` ${t('credentials.health.models', { count: told.models.length })}.`}
          </>
        )}
      </p>
    </>
  );
}
