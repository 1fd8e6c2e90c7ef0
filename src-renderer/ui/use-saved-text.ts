import { useCallback, useEffect, useRef, useState } from 'react';

/** Why a text was not taken, as a sentence; null when it was. */
export type SaveOutcome = string | null;

interface SavedText {
  text: string;
  /** Why the last text was not taken. It stands until the text is changed. */
  problem: string | undefined;
  /** The text is not stored yet. */
  pending: boolean;
  onChange: (text: string) => void;
  /** Stores what is written now: for leaving the field and for Enter. */
  flush: () => void;
}

/**
 * A field that stores what is written in it without being told: when it is left, and with `pauseMs` also when the writer
 * pauses. What was refused stays in the field.
 *
 * @param save must be stable where the same place is meant; a text that is still pending is stored at its old place.
 */
export function useSavedText(
  stored: string,
  save: (text: string) => Promise<SaveOutcome>,
  pauseMs: number | null,
): SavedText {
  const [draft, setDraft] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pending = useRef<{ text: string; save: typeof save } | null>(null);

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    const waiting = pending.current;
    if (waiting === null) return;
    pending.current = null;
    void waiting.save(waiting.text).then((outcome) => {
      setProblem(outcome ?? undefined);
      // What was written meanwhile is still to be stored.
      if (outcome === null) setDraft((now) => (now === waiting.text ? null : now));
    });
  }, []);
  useEffect(() => flush, [flush]);

  const onChange = (text: string) => {
    clearTimeout(timer.current);
    setProblem(undefined);
    setDraft(text);
    pending.current = { text, save };
    if (pauseMs !== null) timer.current = setTimeout(flush, pauseMs);
  };
  return { text: draft ?? stored, problem, pending: draft !== null, onChange, flush };
}
