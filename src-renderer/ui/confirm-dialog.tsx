import { useEffect, useId, useRef } from 'react';
import { Button } from './button.tsx';

interface ConfirmDialogProps {
  /** The question. */
  title: string;
  /** What will be gone and what stays. */
  body: string;
  confirm: string;
  cancel: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Only for what cannot be undone. Focus starts on the safe answer; Escape is the safe answer. */
export function ConfirmDialog({ title, body, confirm, cancel, onConfirm, onClose }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-body`}
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
      className="no-drag m-auto w-[min(26.25rem,calc(100vw-2rem))] rounded-xl border border-line-2 bg-raised p-5 text-ink shadow-lift-3"
    >
      <h2 id={`${id}-title`} className="text-lg break-words">
        {title}
      </h2>
      <p id={`${id}-body`} className="mt-1.5 mb-4 text-ink-2">
        {body}
      </p>
      <div className="flex justify-end gap-2">
        <Button tall onClick={() => dialog.current?.close()}>
          {cancel}
        </Button>
        <Button
          tall
          look="danger"
          onClick={() => {
            onConfirm();
            dialog.current?.close();
          }}
        >
          {confirm}
        </Button>
      </div>
    </dialog>
  );
}
