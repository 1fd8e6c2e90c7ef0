import { useTranslation } from 'react-i18next';
import type { CredentialRecord } from '#contract/records';
import { formatTime } from '../../ui/format.ts';
import { useNow } from '../../ui/use-now.ts';

/** How a key stands, in words. Nothing where it is simply ready, or where the row says more of it elsewhere. */
export function KeyState({ credential }: { credential: CredentialRecord }) {
  const { t } = useTranslation();
  const { state, lastError } = credential;
  const now = useNow(state === 'cooling');
  // A rest ends by itself, without news from the core.
  const rest = credential.rests.find(({ untilMs }) => untilMs > now);
  if (state === 'ready' || state === 'locked' || state === 'needs_sign_in') return null;
  if (state === 'cooling' && rest === undefined) return null;
  const words =
    state === 'cooling' && rest !== undefined
      ? t('credentials.state.cooling', {
          time: formatTime(rest.untilMs),
          kind: t(`credentials.rest.${rest.kind}`),
        })
      : t(`credentials.state.${state}`);
  return (
    <p
      data-testid="key-state"
      className={`text-xs ${state === 'disabled' || state === 'busy' ? 'text-ink-2' : 'text-wait-ink'}`}
      title={rest?.reason ?? lastError?.message}
    >
      {words}
    </p>
  );
}
