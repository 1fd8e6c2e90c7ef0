import { ChevronRight, FoldVertical } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { Compaction } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { briefCost } from '../../ui/cost-text.ts';
import { formatTokens } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { TextArea } from '../../ui/text-field.tsx';
import { useFoldStore } from './fold-store.ts';
import type { PlacedCompaction } from './place-compactions.ts';
import { RichText } from './rich-text.tsx';
import { useTurnPlace } from './turn-actions.ts';

/** Here the conversation was let down: what stands above is sent as a summary. Earlier summaries are a quieter line. */
export function CompactionDivider({ placed: { compaction, current } }: { placed: PlacedCompaction }) {
  const { t } = useTranslation();
  const open = useFoldStore((state) => state.open[compaction.id] ?? false);
  const setOpen = useFoldStore((state) => state.setOpen);
  const cost = compaction.cost == null ? null : briefCost(compaction.cost);
  const figures = {
    count: compaction.messageCount,
    before: formatTokens(compaction.beforeTokens),
    after: formatTokens(compaction.afterTokens),
  };
  return (
    <section
      data-testid="compaction"
      data-current={current}
      aria-label={t('compaction.label')}
      className={current ? 'my-5' : 'my-2'}
    >
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(compaction.id, !open)}
        className={classNames(
          'num touch flex min-h-7 w-full items-center gap-2 rounded-md text-xs hover:text-ink',
          current ? 'lock-line text-ink-2' : 'justify-center text-ink-3',
        )}
      >
        <Icon of={FoldVertical} size={14} />
        <span>
          {current ? t('compaction.done', figures) : t('compaction.earlier', figures)}
          {cost !== null && ` · ${cost}`}
          {compaction.trigger === 'edited' && ` · ${t('compaction.edited')}`}
        </span>
        <Icon of={ChevronRight} size={13} className={open ? 'rotate-90' : ''} />
      </button>
      {open && <Summary key={compaction.id} compaction={compaction} current={current} />}
    </section>
  );
}

/** What the model reads in place of the messages above. The one in use can be rewritten and taken back. */
function Summary({ compaction, current }: { compaction: Compaction; current: boolean }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const { sessionId } = useTurnPlace();
  const [draft, setDraft] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<AppError | null>(null);

  const ask = async (call: () => Promise<{ ok: true } | { ok: false; error: AppError }>) => {
    if (busy) return;
    setBusy(true);
    const answer = await call();
    // With a success the summary that stands here is another one, or none.
    setBusy(false);
    setProblem(answer.ok ? null : answer.error);
    if (answer.ok) setDraft(null);
  };
  const save = (summary: string) =>
    ask(() => api.request('sessions.editCompaction', { sessionId, compactionId: compaction.id, summary }));
  const undo = () => ask(() => api.request('sessions.undoCompaction', { sessionId }));

  return (
    <div className="mt-1 rounded-md border border-line bg-raised p-3">
      {draft === null ? (
        <div
          data-testid="compaction-summary"
          role="group"
          aria-label={t('compaction.summary')}
          // A part that scrolls has to be in reach of the keyboard.
          tabIndex={0}
          className="thin-scroll -mt-1.5 max-h-80 overflow-auto text-ink-2 select-text"
        >
          {/* A model writes it as it writes its answers. What is looked for is what was said, and not what stands in its place. */}
          <RichText text={compaction.summary} live={false} find={false} />
        </div>
      ) : (
        <TextArea
          label={t('compaction.summary')}
          data-testid="compaction-edit"
          value={draft}
          autoFocus
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || isComposing(event.nativeEvent)) return;
            event.preventDefault();
            setDraft(null);
          }}
        />
      )}
      {problem !== null && (
        <p role="alert" className="pt-2 text-xs text-stop-ink">
          {problem.message}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-1.5 pt-2.5 text-xs text-ink-3">
        <p className="min-w-0 flex-1">{t('compaction.kept')}</p>
        {draft !== null ? (
          <>
            <Button data-testid="compaction-save" onClick={() => void save(draft)}>
              {t('action.save')}
            </Button>
            <Button look="plain" onClick={() => setDraft(null)}>
              {t('action.cancel')}
            </Button>
          </>
        ) : (
          current && (
            <>
              <Button look="plain" data-testid="compaction-change" onClick={() => setDraft(compaction.summary)}>
                {t('compaction.edit')}
              </Button>
              <Button look="plain" data-testid="compaction-undo" onClick={() => void undo()}>
                {t('compaction.undo')}
              </Button>
            </>
          )
        )}
      </div>
    </div>
  );
}
