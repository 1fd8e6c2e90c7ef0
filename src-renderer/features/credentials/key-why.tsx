import { useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { CredentialRecord } from '#contract/records';
import { failureSentence } from '../../locales/failure-language.ts';
import { BoldFact } from '../../ui/bold-fact.tsx';
import { formatClock, formatMoment, formatTime } from '../../ui/format.ts';
import { onSecond } from '../../ui/use-now.ts';
import type { KeyDescription } from './describe-key.ts';

/** One sentence that says why a key stands as it does. It is never cut off. */
export function KeyWhy({ credential, description }: { credential: CredentialRecord; description: KeyDescription }) {
  const { t } = useTranslation();
  const { look, rest } = description;
  const { lastError, oauth, nextTrialAtMs } = credential;
  switch (look) {
    case 'cooling':
      if (rest === null) return null;
      return (
        <>
          <b className="font-semibold text-ink">{t('credentials.why.until', { time: formatTime(rest.untilMs) })}</b>{' '}
          {t('credentials.why.because', { reason: t(`credentials.rest.${rest.kind}`) })}
          {rest.model !== null && rest.model !== '' && ` ${t('credentials.why.forModel', { model: rest.model })}`}
        </>
      );
    case 'exhausted':
      return (
        <Fact
          fact={t('credentials.why.exhausted')}
          rest={lastError === null ? undefined : failureSentence(lastError.message, lastError.said)}
        />
      );
    case 'refused':
      return (
        <Fact
          fact={t('credentials.why.refused', { count: credential.failureCount })}
          rest={
            nextTrialAtMs === null ? undefined : t('credentials.why.nextTrial', { time: formatTime(nextTrialAtMs) })
          }
        />
      );
    case 'signIn':
      return (
        <Fact
          fact={t('credentials.why.signIn')}
          rest={oauth?.lastError == null ? undefined : failureSentence(oauth.lastError, oauth.lastErrorSaid)}
        />
      );
    case 'locked':
      return <>{lockedWords(credential) ?? t('credentials.storage.locked')}</>;
    case 'elsewhere':
      return <Fact fact={t('credentials.why.elsewhere')} rest={t('credentials.why.elsewhereNext')} />;
    case 'disabled':
      return <>{t('credentials.why.disabled', { at: formatMoment(credential.updatedAtMs) })}</>;
    default:
      if (lastError === null) return <>{t('credentials.why.nothing')}</>;
      return (
        <>
          {t('credentials.why.lastError', {
            at: formatMoment(lastError.atMs),
            error: t(`credentials.class.${errorClass(lastError.class)}`),
          })}
        </>
      );
  }
}

/** Why a locked key cannot be opened, in the language of the page; null for one that can. */
export function lockedWords({
  lockedReason,
  lockedSaid,
}: Pick<CredentialRecord, 'lockedReason' | 'lockedSaid'>): string | null {
  return lockedReason === null ? null : failureSentence(lockedReason, lockedSaid);
}

function Fact({ fact, rest }: { fact: string; rest: string | undefined }) {
  return (
    <>
      <BoldFact fact={fact} className="font-semibold text-ink">
        {rest}
      </BoldFact>
    </>
  );
}

const CLASSES = [
  'quota_exhausted',
  'overage',
  'payment_required',
  'bad_request',
  'auth',
  'model_access',
  'rate_limit',
  'timeout',
  'overload',
  'upstream_error',
  'suspicious_activity',
  'client_error',
  'unknown_upstream',
  'unreachable',
  'connection_lost',
] as const;

/** A class of a newer core is told as the most general one. */
export function errorClass(name: string): (typeof CLASSES)[number] {
  return CLASSES.find((known) => known === name) ?? 'upstream_error';
}

/**
 * The time that is left of a rest, second by second. For the eye: what is announced is the change of state. It is written
 * past React: two hundred of them each second would be the most work that the page has.
 */
export function Countdown({ untilMs }: { untilMs: number }) {
  const shown = useRef<HTMLSpanElement>(null);
  useLayoutEffect(
    () =>
      onSecond((nowMs) => {
        const leftS = Math.ceil(Math.max(0, untilMs - nowMs) / 1000);
        if (shown.current !== null) shown.current.textContent = formatClock(leftS * 1000);
      }),
    [untilMs],
  );
  return <span ref={shown} aria-hidden="true" data-testid="countdown" className="num flex-none text-wait-ink" />;
}
