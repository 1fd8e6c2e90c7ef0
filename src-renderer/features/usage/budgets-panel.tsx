import { OctagonX, Pencil, Plus, Trash2, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { BudgetState } from '#contract/usage-report';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { formatMoney } from '../../ui/format-money.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Tag } from '../../ui/tag.tsx';
import { BudgetForm } from './budget-form.tsx';
import { BudgetTrack } from './budget-track.tsx';
import { useUsageStore } from './usage-store.ts';

const HEAD = 'border-b border-line-2 px-3 py-1.5 text-left text-xs font-medium whitespace-nowrap text-ink-3';
const CELL = 'border-b border-line px-3 py-2 group-last:border-b-0';

/** What may be spent, how much of it is, and what happens at the limit. */
export function BudgetsPanel({ budgets }: { budgets: readonly BudgetState[] }) {
  const { t } = useTranslation();
  const { api } = useCore();
  /** The budget that is being written: an id, or null for a new one. */
  const [editing, setEditing] = useState<string | null | undefined>(undefined);
  const [problem, setProblem] = useState<AppError | null>(null);
  const edited = budgets.find((budget) => budget.id === editing);
  const remove = async (id: string) => setProblem(await useUsageStore.getState().deleteBudget(api, id));

  return (
    <section aria-labelledby="usage-budgets" className="mt-4">
      <div className="mb-2 flex items-center gap-2">
        <h2 id="usage-budgets" className="flex-1">
          {t('usage.budgets')}
        </h2>
        <Button look="plain" className="-mr-2" icon={Plus} data-testid="add-budget" onClick={() => setEditing(null)}>
          {t('usage.addBudget')}
        </Button>
      </div>
      {problem !== null && (
        <p role="alert" className="mb-2 text-stop-ink">
          {problem.message}
        </p>
      )}
      <div className="rounded-lg border border-line bg-raised">
        {budgets.length === 0 ? (
          editing === undefined && <p className="px-4 py-3 text-ink-2">{t('usage.noBudget')}</p>
        ) : (
          <table className="w-full" data-testid="budgets">
            <thead>
              <tr>
                <th scope="col" className={HEAD}>
                  {t('usage.appliesTo')}
                </th>
                <th scope="col" className={`${HEAD} w-[28%] max-word:hidden`}>
                  {t('usage.usedShare')}
                </th>
                <th scope="col" className={`${HEAD} text-right`}>
                  {t('usage.spent')}
                </th>
                <th scope="col" className={`${HEAD} text-right`}>
                  {t('usage.limit')}
                </th>
                <th scope="col" className={`${HEAD} max-word:hidden`}>
                  {t('usage.atLimit')}
                </th>
                <th scope="col" className={HEAD}>
                  <span className="sr-only">{t('usage.actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {budgets.map((budget) => {
                const name = t(`usage.periods.${budget.period}`);
                return (
                  <tr key={budget.id} className="group">
                    <th scope="row" className={`${CELL} text-left font-normal`}>
                      <span className="flex flex-wrap items-center gap-2">
                        {name}
                        <BudgetTag state={budget.state} />
                      </span>
                      {budget.unpricedCalls > 0 && (
                        <span className="block text-xs text-ink-3">
                          {t('usage.notCounted', { count: budget.unpricedCalls })}
                        </span>
                      )}
                    </th>
                    <td className={`${CELL} max-word:hidden`}>
                      <BudgetTrack budget={budget} />
                    </td>
                    <td className={`${CELL} num text-right`}>{formatMoney(budget.spent, budget.currency)}</td>
                    <td className={`${CELL} num text-right`}>{formatMoney(budget.limit, budget.currency)}</td>
                    <td className={`${CELL} whitespace-nowrap max-word:hidden`}>
                      {budget.stops ? t('usage.stopsCalls') : t('usage.onlyWarns')}
                    </td>
                    <td className={`${CELL} w-px whitespace-nowrap`}>
                      <IconButton
                        small
                        icon={Pencil}
                        label={t('usage.changeBudget', { name })}
                        onClick={() => setEditing(budget.id)}
                      />
                      <IconButton
                        small
                        icon={Trash2}
                        label={t('usage.removeBudget', { name })}
                        onClick={() => void remove(budget.id)}
                      />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
        {editing !== undefined && (
          <BudgetForm key={editing} budget={edited ?? null} onDone={() => setEditing(undefined)} />
        )}
      </div>
    </section>
  );
}

function BudgetTag({ state }: { state: BudgetState['state'] }) {
  const { t } = useTranslation();
  if (state === 'within') return null;
  return state === 'near' ? (
    <Tag look="wait" icon={TriangleAlert}>
      {t('usage.near')}
    </Tag>
  ) : (
    <Tag look="stop" icon={OctagonX}>
      {t('usage.reached')}
    </Tag>
  );
}
