import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { SessionUsage } from '#contract/usage-report';
import { useCore } from '../../ipc/use-api.ts';
import { costText } from '../../ui/cost-text.ts';
import { DrawerSection } from '../../ui/drawer.tsx';
import { formatTokens } from '../../ui/format.ts';
import { formatCount } from '../../ui/format-money.ts';

/** What one conversation spent, replaced and taken-back answers included. Follows it while it goes on. */
export function SessionSpend({ sessionId }: { sessionId: string }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [usage, setUsage] = useState<SessionUsage | null>(null);
  const [problem, setProblem] = useState<AppError | null>(null);
  useEffect(() => {
    let isGone = false;
    const load = () =>
      void api.request('usage.session', { sessionId }).then((answer) => {
        if (isGone) return;
        if (answer.ok) setUsage(answer.data);
        setProblem(answer.ok ? null : answer.error);
      });
    load();
    const off = api.onEvent((event) => {
      if (event.event === 'sessions.changed' && event.ids.includes(sessionId)) load();
    });
    return () => {
      isGone = true;
      off();
    };
  }, [api, sessionId]);

  if (problem !== null) {
    return (
      <DrawerSection title={t('usage.spent')}>
        <p role="alert" className="text-stop-ink">
          {problem.message}
        </p>
      </DrawerSection>
    );
  }
  if (usage === null || usage.totals.requests === 0) return null;
  const { totals } = usage;
  return (
    <DrawerSection title={t('usage.spent')}>
      <div data-testid="session-spend">
        <p className="num text-lg font-semibold">{costText(totals.cost)}</p>
        <p className="num text-xs text-ink-3">
          {t('usage.sessionFacts', {
            count: totals.requests,
            requests: formatCount(totals.requests),
            input: formatTokens(totals.inputTokens),
            output: formatTokens(totals.outputTokens),
          })}
        </p>
        {usage.byModel.length > 1 && (
          <ul className="num mt-2 text-xs text-ink-2">
            {usage.byModel.map((model) => (
              <li key={model.model ?? ''} className="flex justify-between gap-3">
                <span className="truncate">{model.model ?? t('usage.noModel')}</span>
                <span className="whitespace-nowrap">{costText(model.cost)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </DrawerSection>
  );
}
