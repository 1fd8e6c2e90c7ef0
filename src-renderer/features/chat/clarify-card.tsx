import { MessageCircleQuestion } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { Clarification } from '#contract/events';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { Tag } from '../../ui/tag.tsx';

/** The agent asks something. Ready-made answers and one's own; it never takes the focus, and Escape in it does nothing. */
export function ClarifyCard({ sessionId, clarification }: { sessionId: string; clarification: Clarification }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [own, setOwn] = useState('');
  const [answering, setAnswering] = useState(false);
  const [problem, setProblem] = useState<AppError | null>(null);

  const answer = async (response: string) => {
    if (answering || response.trim() === '') return;
    setAnswering(true);
    const result = await api.request('chat.clarify_respond', {
      session_id: sessionId,
      clarify_id: clarification.clarify_id,
      response,
    });
    setAnswering(false);
    setProblem(result.ok ? null : result.error);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void answer(own);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') event.preventDefault();
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event.nativeEvent)) return;
    if (!(event.target instanceof HTMLTextAreaElement)) return;
    event.preventDefault();
    void answer(own);
  };

  return (
    <form
      aria-label={t('clarify.label')}
      data-testid="clarify"
      onSubmit={onSubmit}
      onKeyDown={onKeyDown}
      className="mt-2.5 overflow-hidden rounded-lg border border-ink bg-raised"
    >
      <div className="flex flex-wrap items-start gap-2 px-3 pt-2.5 pb-2">
        <Tag look="needs" icon={MessageCircleQuestion}>
          {t('approval.needsYou')}
        </Tag>
        <p className="min-w-0 flex-1 basis-60 wrap-anywhere whitespace-pre-wrap">{clarification.question}</p>
      </div>
      {clarification.choices.length > 0 && (
        <div role="group" aria-label={t('clarify.choices')} className="flex flex-wrap gap-1.5 px-3 pb-2">
          {clarification.choices.map((choice) => (
            <Button
              key={choice}
              className="h-auto! min-h-7 max-w-full flex-initial py-1 text-left whitespace-normal! wrap-anywhere"
              onClick={() => void answer(choice)}
            >
              {choice}
            </Button>
          ))}
        </div>
      )}
      <div className="flex items-end gap-1.5 px-3 pb-2">
        <textarea
          aria-label={t('clarify.own')}
          placeholder={t(clarification.choices.length > 0 ? 'clarify.ownHint' : 'clarify.own')}
          rows={1}
          value={own}
          onChange={(event) => setOwn(event.target.value)}
          className="thin-scroll [field-sizing:content] max-h-40 min-h-7 min-w-0 flex-1 resize-none rounded-md border border-line-control bg-raised px-2 py-[3px]"
        />
        <Button type="submit" look="solid">
          {t(answering ? 'clarify.sending' : 'clarify.send')}
        </Button>
      </div>
      <p
        className={`px-3 pb-2.5 text-xs ${problem === null ? 'text-ink-3' : 'text-stop-ink'}`}
        role={problem === null ? undefined : 'alert'}
      >
        {problem === null ? t('clarify.waits') : problem.message}
      </p>
    </form>
  );
}
