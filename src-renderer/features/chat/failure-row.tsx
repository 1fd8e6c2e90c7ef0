import { RefreshCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Retry, UserAction } from '#contract/errors';
import type { RunRecord } from '#contract/records';
import { ErrorNote } from '../../errors/error-note.tsx';
import { errorWords, remedyPlace } from '../../errors/error-words.ts';
import { Button } from '../../ui/button.tsx';

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
  return (
    <div className="mt-2">
      <ErrorNote
        code={code}
        retry={retry}
        message={run.error ?? t('errors.noReason')}
        status={run.errorInfo?.status}
        onRemedy={onRemedy}
      >
        {onRetry !== undefined && !resends && (
          <Button icon={RefreshCw} onClick={onRetry}>
            {t('action.retry')}
          </Button>
        )}
      </ErrorNote>
    </div>
  );
}
