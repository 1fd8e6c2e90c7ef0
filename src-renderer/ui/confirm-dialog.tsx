import { useEffect, useId, useRef } from 'react';
import { Button, type ButtonLook } from './button.tsx';

interface ConfirmDialogProps {
  /** The question. */
  title: string;
  /** What will be gone and what stays. */
  body: string;
  /** Exact text that the question is about, such as an address. */
  detail?: string;
  /** How the button looks that says yes; by default as one that cannot be taken back. */
  look?: ButtonLook;
  confirm: string;
  cancel: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Only for what cannot be undone, or leads out of the program. Focus starts on the safe answer; Escape is the safe answer. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, body, detail, look = 'danger', confirm, cancel, onConfirm, onClose } = props;
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
      className="no-drag m-auto w-[min(26.25rem,calc(100vw-2rem))] rounded-xl border border-line-2 bg-raised p-5 text-sm text-ink shadow-lift-3"
    >
      <h2 id={`${id}-title`} className="text-lg break-words">
        {title}
      </h2>
      <p id={`${id}-body`} className="mt-1.5 mb-4 text-ink-2">
        {body}
        {detail !== undefined && (
          <code
            dir="ltr"
            className="mt-2 block max-h-40 overflow-auto rounded-md bg-sunken px-2 py-1.5 text-xs wrap-anywhere text-ink"
          >
            {detail}
          </code>
        )}
      </p>
      <div className="flex justify-end gap-2">
        <Button tall onClick={() => dialog.current?.close()}>
          {cancel}
        </Button>
        <Button
          tall
          look={look}
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
