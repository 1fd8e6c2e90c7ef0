import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';

/** Something the composer has to say: a failure, with or without the text kept, or a word of its own. */
export type ComposerNote =
  | { kind: 'error'; error: AppError; kept: boolean }
  | { kind: 'hint'; key: string; values?: Record<string, string> }
  /** In the core's words. */
  | { kind: 'said'; text: string };

interface ComposerStripProps {
  note: ComposerNote | null;
  /** Files that a message waits for. */
  waitingFor: number;
  onCancelHeld: () => void;
  /** A stop was not confirmed in time. */
  unconfirmed: boolean;
  durable: boolean;
  strip: ReactNode;
}

/** The line below the composer: the most urgent thing there is to say, one at a time. */
export function ComposerStrip({ note, waitingFor, onCancelHeld, unconfirmed, durable, strip }: ComposerStripProps) {
  const { t } = useTranslation();
  return (
    <div className="num flex min-h-6.5 items-center gap-3 px-3 text-xs text-ink-3">
      {note?.kind === 'error' ? (
        <p role="alert" data-testid="composer-error" className="py-1 text-stop-ink">
          {note.error.message} {note.kept && t('composer.kept')}
        </p>
      ) : waitingFor > 0 ? (
        <p role="status" data-testid="composer-waiting" className="flex items-center gap-2 text-ink-2">
          {t('attach.held', { count: waitingFor })}
          <button type="button" onClick={onCancelHeld} className="touch underline underline-offset-2 hover:text-ink">
            {t('attach.doNotSend')}
          </button>
        </p>
      ) : note !== null ? (
        <p role="status" data-testid="composer-hint">
          {note.kind === 'said' ? note.text : t(note.key, note.values ?? {})}
        </p>
      ) : unconfirmed ? (
        <p role="status">{t('composer.unconfirmed')}</p>
      ) : durable ? (
        strip
      ) : (
        <p role="status">{t('composer.notDurable')}</p>
      )}
    </div>
  );
}
