import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { failureSentence } from '../../locales/failure-language.ts';
import { answerText } from './answer-text.ts';
import type { Turn } from './group-turns.ts';
import { turnEnd } from './turn-end.ts';

const MAX_CHARS = 300;

/** What a screen reader hears of an answer: one summary when it ends, never its parts as they come. */
export function EndSummary({ turns, live }: { turns: Turn[]; live: boolean }) {
  const { t } = useTranslation();
  const [summary, setSummary] = useState('');
  const wasLive = useRef(false);
  useEffect(() => {
    const ended = wasLive.current && !live;
    wasLive.current = live;
    const turn = turns.at(-1);
    if (!ended || turn === undefined) return;
    const text = answerText(turn.rows);
    const end = turnEnd(turn.run) ?? 'done';
    const cut = text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
    setSummary(
      `${t(`summary.${end}`)} ${end === 'failed' ? failureSentence(turn.run?.error ?? '', turn.run?.errorInfo?.said) : cut}`,
    );
  }, [turns, live, t]);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {live ? '' : summary}
    </p>
  );
}
