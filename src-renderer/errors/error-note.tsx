import { KeyRound, OctagonX } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError, ErrorCode, Retry, UserAction } from '#contract/errors';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { errorWords, remedyPlace } from './error-words.ts';

interface ErrorNoteProps {
  code: ErrorCode;
  retry: Retry;
  /** The core's sentence: what happened, why, what is safe. */
  message: string;
  /** The same sentence as it is now, where it names a wait that goes by. */
  counted?: { sentence: string; isOver: boolean } | undefined;
  status?: number | undefined;
  details?: AppError['details'] | undefined;
  onRemedy?: ((remedy: UserAction) => void) | undefined;
  /** More buttons, after the remedy. */
  children?: ReactNode;
}

/** A failure in words where it happened, with the one button that mends it. */
export function ErrorNote(props: ErrorNoteProps) {
  const { code, message, counted, status, onRemedy, children } = props;
  const { t } = useTranslation();
  const { titleKey, remedy } = errorWords(props);
  const isKey = remedy !== null && remedyPlace(remedy) === 'credentials';
  const shownStatus = status === undefined || message.includes(String(status)) ? '' : ` (${status})`;
  return (
    <div
      role="alert"
      data-testid="error-row"
      data-code={code}
      className="grid grid-cols-[1rem_minmax(0,1fr)] gap-x-2 gap-y-0.5 rounded-md bg-stop-wash px-3 py-2"
    >
      <Icon of={isKey ? KeyRound : OctagonX} className="mt-0.5 text-stop-ink" />
      <strong className="font-semibold">{t(titleKey)}</strong>
      <p className="col-start-2 break-words whitespace-pre-wrap text-pretty text-ink-2">
        {counted === undefined || counted.isOver ? (
          <>
            {counted?.sentence ?? message}
            {shownStatus}
          </>
        ) : (
          // An alert is read out whenever it changes: each second is for the eye only.
          <>
            <span aria-hidden="true" data-testid="counted" className="num">
              {counted.sentence}
              {shownStatus}
            </span>
            <span className="sr-only">{message}</span>
          </>
        )}
      </p>
      {(remedy !== null || children !== undefined) && (
        <div className="col-start-2 mt-1.5 mb-0.5 flex flex-wrap gap-1.5">
          {remedy !== null && onRemedy !== undefined && (
            <Button onClick={() => onRemedy(remedy)}>{t(`remedy.${remedy}`)}</Button>
          )}
          {children}
        </div>
      )}
    </div>
  );
}
