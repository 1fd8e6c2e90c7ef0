import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button.tsx';

interface DialogActionsProps {
  /** What answering does, as a verb. */
  submit: string;
  /** What leaving it unanswered is called; *Cancel* if absent. */
  cancel?: string;
  onClose: () => void;
  /** Why the answer was not taken; null while nothing is wrong. */
  problem?: string | null;
  submitTestId?: string;
  /** Another way out, at the other end of the row. */
  children?: ReactNode;
}

/** How a dialog that is written into ends: what is wrong with what was written, and the ways out. */
export function DialogActions({ submit, cancel, onClose, problem, submitTestId, children }: DialogActionsProps) {
  const { t } = useTranslation();
  return (
    <>
      {problem != null && (
        <p role="alert" className="break-words text-stop-ink">
          {problem}
        </p>
      )}
      <div className="mt-1 flex flex-wrap items-center justify-end gap-2">
        {children !== undefined && <div className="mr-auto">{children}</div>}
        <Button tall onClick={onClose}>
          {cancel ?? t('action.cancel')}
        </Button>
        <Button tall look="solid" type="submit" data-testid={submitTestId}>
          {submit}
        </Button>
      </div>
    </>
  );
}
