import { Hand } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { Approval, ApprovalChoice } from '#contract/events';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Tag } from '../../ui/tag.tsx';

const ALLOWING: ApprovalChoice[] = ['once', 'session', 'always'];

interface ApprovalCardProps {
  sessionId: string;
  approval: Approval;
  /** Which of how many that wait at the same time; null for the only one. */
  place: { number: number; count: number } | null;
}

/** Somebody has to decide. It never takes the focus, and Escape inside it does nothing. */
export function ApprovalCard({ sessionId, approval, place }: ApprovalCardProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [answering, setAnswering] = useState(false);
  const [problem, setProblem] = useState<AppError | null>(null);
  const answer = async (choice: ApprovalChoice) => {
    if (answering) return;
    setAnswering(true);
    const result = await api.request('chat.approval_respond', {
      session_id: sessionId,
      approval_id: approval.approval_id,
      choice,
    });
    setAnswering(false);
    setProblem(result.ok ? null : result.error);
  };
  return (
    <div
      role="group"
      aria-label={place === null ? t('approval.label') : t('approval.labelOf', place)}
      data-testid="approval"
      onKeyDown={(event) => event.key === 'Escape' && event.preventDefault()}
      className="mt-2.5 overflow-hidden rounded-lg border border-ink bg-raised"
    >
      <div className="flex flex-wrap items-center gap-2 px-3 pt-2.5 pb-1.5">
        <Tag look="needs" icon={Hand}>
          {t('approval.needsYou')}
        </Tag>
        <p className="min-w-0 flex-1 wrap-anywhere">{approval.description || t('approval.wants')}</p>
        {place !== null && <span className="num text-xs text-ink-3">{t('approval.place', place)}</span>}
      </div>
      <pre className="mx-3 rounded-md border border-line bg-sunken px-2.5 py-2 text-xs wrap-anywhere whitespace-pre-wrap">
        {approval.command}
      </pre>
      <div className="flex flex-wrap items-center gap-1.5 px-3 py-2 max-word:grid max-word:grid-cols-2">
        {ALLOWING.filter((choice) => approval.choices.includes(choice)).map((choice) => (
          <Button
            key={choice}
            look={choice === 'once' ? 'solid' : 'edge'}
            aria-disabled={answering}
            onClick={() => void answer(choice)}
          >
            {t(`approval.${choice}`)}
          </Button>
        ))}
        <Button className="ml-auto max-word:ml-0" aria-disabled={answering} onClick={() => void answer('deny')}>
          {t('approval.deny')}
        </Button>
      </div>
      <p
        className={`px-3 pb-2.5 text-xs ${problem === null ? 'text-ink-3' : 'text-stop-ink'}`}
        role={problem === null ? undefined : 'alert'}
      >
        {problem === null ? t('approval.nothingRuns') : problem.message}
      </p>
    </div>
  );
}
