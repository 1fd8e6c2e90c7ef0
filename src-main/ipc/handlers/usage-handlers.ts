import type { Budgets } from '../../usage/budgets.ts';
import type { ModelOverrides } from '../../usage/model-overrides.ts';
import type { UsageReports } from '../../usage/usage-reports.ts';
import type { Handlers } from '../router.ts';

type UsageHandlers = Pick<Handlers, Extract<keyof Handlers, `usage.${string}` | `models.${string}`>>;

/** What was spent, what may be, and what models cost. */
export function createUsageHandlers(parts: {
  reports: UsageReports;
  budgets: Budgets;
  overrides: ModelOverrides;
}): UsageHandlers {
  const { reports, budgets, overrides } = parts;
  return {
    'usage.summary': (asked) => reports.summary(asked),
    'usage.calls': ({ limit, cursor }) => reports.calls(limit, cursor ?? null),
    'usage.session': ({ sessionId, includeActive }) => reports.ofSession(sessionId, includeActive),
    'usage.runs': async ({ runIds }) => ({ runs: await reports.ofRuns(runIds) }),
    'usage.export': ({ fromMs, toMs, cursor }) => reports.exportCsv({ fromMs, toMs }, cursor ?? null),
    'usage.budgets': async () => ({ budgets: await budgets.states() }),
    'usage.saveBudget': async ({ id = null, ...budget }) => ({ budgets: await budgets.save({ ...budget, id }) }),
    'usage.deleteBudget': async ({ id }) => ({ budgets: await budgets.remove(id) }),
    'models.overrides': () => ({ overrides: [...overrides.entries] }),
    'models.saveOverride': async ({ id = null, ...entry }) => ({
      overrides: [...(await overrides.save({ ...entry, id }))],
    }),
    'models.deleteOverride': async ({ id }) => ({ overrides: [...(await overrides.remove(id))] }),
  };
}
