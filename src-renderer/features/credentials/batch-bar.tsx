import { Check, OctagonX, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { CredentialRecord } from '#contract/records';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import type { BatchTask, KeyNote } from './use-key-actions.ts';

export interface BatchOutcome {
  task: BatchTask;
  /** In the order in which they were selected; labels as they were, since a key may be gone. */
  results: { id: string; label: string; note: KeyNote }[];
}

interface BatchBarProps {
  selected: readonly CredentialRecord[];
  busy: BatchTask | null;
  outcome: BatchOutcome | null;
  onTask: (task: BatchTask) => void;
  onSelectAll: () => void;
  onClear: () => void;
}

/** What can be done to the selected keys, and what came of it for each. */
export function BatchBar({ selected, busy, outcome, onTask, onSelectAll, onClear }: BatchBarProps) {
  const { t } = useTranslation();
  const hasSignIn = selected.some(({ auth }) => auth === 'oauth');
  const tasks: BatchTask[] = [
    'test',
    'enable',
    'disable',
    'reset',
    ...(hasSignIn ? (['renew'] as const) : []),
    'delete',
  ];
  const failed = outcome?.results.filter(({ note }) => !note.ok).length ?? 0;
  return (
    <section
      aria-label={t('credentials.batch.title')}
      data-testid="batch-bar"
      className="sticky top-0 z-5 rounded-lg border border-line-2 bg-raised px-3 py-2 shadow-lift-2"
    >
      <div className="flex flex-wrap items-center gap-x-1 gap-y-1">
        <p className="mr-2 font-medium">{t('credentials.batch.selected', { count: selected.length })}</p>
        {tasks.map((task) => (
          <Button
            key={task}
            look="plain"
            className={task === 'delete' ? 'text-xs text-stop-ink' : 'text-xs'}
            aria-disabled={busy !== null}
            onClick={() => busy === null && onTask(task)}
          >
            {busy === task ? t('credentials.batch.busy') : t(`credentials.batch.${task}`)}
          </Button>
        ))}
        <span className="flex-1" />
        <Button look="plain" className="text-xs" onClick={onSelectAll}>
          {t('credentials.batch.all')}
        </Button>
        <IconButton icon={X} label={t('credentials.batch.clear')} onClick={onClear} />
      </div>
      {outcome !== null && (
        <div className="mt-1.5 border-t border-line pt-1.5">
          <p className="text-xs font-medium">
            {t('credentials.batch.outcome', { done: outcome.results.length - failed, count: outcome.results.length })}
          </p>
          <ul data-testid="batch-results" className="thin-scroll mt-1 grid max-h-40 gap-0.5 overflow-auto text-xs">
            {outcome.results.map(({ id, label, note }) => (
              <li key={id} className="flex items-start gap-1.5">
                <Icon
                  of={note.ok ? Check : OctagonX}
                  size={13}
                  className={note.ok ? 'mt-0.5 text-ink-2' : 'mt-0.5 text-stop-ink'}
                />
                <span className="min-w-0 break-words">
                  <b className="font-medium">{label}</b>: {note.text}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
