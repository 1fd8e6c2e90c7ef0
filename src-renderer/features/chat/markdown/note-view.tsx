import type { MouseEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A footnote's mark. It leads to the note of its own answer, where there is one. */
export function NoteMark({ label }: { label: string }) {
  const { t } = useTranslation();
  const show = (event: MouseEvent) => {
    const answer = event.currentTarget.closest('[data-answer-text]');
    answer?.querySelector(`[data-note="${CSS.escape(label)}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <sup>
      <button type="button" className="answer-link" aria-label={t('answer.note', { label })} onClick={show}>
        {label}
      </button>
    </sup>
  );
}

export function NoteView({ label, children }: { label: string; children: ReactNode }) {
  return (
    <p dir="auto" data-note={label} className="answer-note">
      <sup>{label}</sup> {children}
    </p>
  );
}
