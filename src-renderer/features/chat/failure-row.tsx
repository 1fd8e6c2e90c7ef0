import { RefreshCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Retry, UserAction } from '#contract/errors';
import { waitOf } from '#contract/failure-time';
import type { RunRecord } from '#contract/records';
import { ErrorNote } from '../../errors/error-note.tsx';
import { errorWords, remedyPlace } from '../../errors/error-words.ts';
import { countedSentence, failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { useCountdown } from '../../ui/use-countdown.ts';
import { useTurnPlace } from './turn-actions.ts';

interface FailureRowProps {
  run: RunRecord;
  onRemedy: ((remedy: UserAction) => void) | undefined;
  /** Sends the message again once the cause is mended. */
  onRetry: (() => void) | undefined;
}

/** Why an answer failed, below what came of it. */
export function FailureRow({ run, onRemedy, onRetry }: FailureRowProps) {
  const { t } = useTranslation();
  const code = run.errorInfo?.code ?? 'internal';
  const retry: Retry = run.errorInfo?.retry ?? { kind: 'user-action', action: 'retry' };
  const { remedy } = errorWords({ code, retry });
  const resends = remedy !== null && remedyPlace(remedy) === 'resend';
  const { mendKey } = useTurnPlace();
  const said = run.errorInfo?.said;
  const waitMs = waitOf(said);
  const left = useCountdown(waitMs === null || run.endedAtMs === null ? null : run.endedAtMs + waitMs);
  const counted =
    said === undefined || waitMs === null || run.error === null
      ? undefined
      : { sentence: countedSentence(run.error, said, left * 1000), isOver: left === 0 };
  // Only the last answer can be asked for again, and only a key that is missing or refused is mended by another one.
  const mends = onRetry !== undefined && (remedy === 'add-key' || remedy === 'replace-key');
  return (
    <div className="mt-1 mb-1.5">
      <ErrorNote
        code={code}
        retry={retry}
        message={run.error === null ? t('errors.noReason') : failureSentence(run.error, said)}
        counted={counted}
        status={run.errorInfo?.status}
        onRemedy={mends ? undefined : onRemedy}
      >
        {mends && mendKey({ profile: run.profile, onMended: onRetry })}
        {onRetry !== undefined && !resends && !mends && (
          <Button icon={RefreshCw} onClick={onRetry}>
            {t('action.retry')}
          </Button>
        )}
      </ErrorNote>
    </div>
  );
}
