import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react';

interface DialogProps {
  title: string;
  /** What there is to know before one answers. */
  body?: string;
  onClose: () => void;
  onSubmit: () => void;
  children: ReactNode;
}

/** A question that is answered by writing something. Escape leaves it unanswered; Enter answers. */
export function Dialog({ title, body, onClose, onSubmit, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={body === undefined ? undefined : `${id}-body`}
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
      className="no-drag m-auto w-[min(26.25rem,calc(100vw-2rem))] rounded-xl border border-line-2 bg-raised p-5 text-sm text-ink shadow-lift-3"
    >
      <form onSubmit={submit} className="grid gap-3">
        <div>
          <h2 id={`${id}-title`} className="text-lg break-words">
            {title}
          </h2>
          {body !== undefined && (
            <p id={`${id}-body`} className="mt-1.5 text-ink-2">
              {body}
            </p>
          )}
        </div>
        {children}
      </form>
    </dialog>
  );
}
