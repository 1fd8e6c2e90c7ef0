import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { CredentialRecord, EffectiveProxy, HealthReport, ProfileRecord, ProxyRecord } from '#contract/records';
import type { SluiceApi } from '#contract/routes';
import type { CostSum } from '#contract/usage-report';

interface CredentialsState {
  profiles: ProfileRecord[] | null;
  credentials: CredentialRecord[] | null;
  proxies: ProxyRecord[];
  /** What each key's requests go through. */
  effective: EffectiveProxy[];
  /** How calls went lately; null until it is known. */
  health: HealthReport | null;
  /** What each key cost this month; a key that is missing cost nothing. Null until it is known. */
  spend: Readonly<Record<string, CostSum>> | null;
  problem: AppError | null;
  /** Asks for keys, providers and proxies. While an answer is on its way, any number of calls make one more question. */
  load(api: SluiceApi): Promise<void>;
  loadHealth(api: SluiceApi): Promise<void>;
  loadSpend(api: SluiceApi): Promise<void>;
  /** Takes over a record that the core has just told. */
  put(record: CredentialRecord): void;
}

/** Those that did not change stay the same objects, so that only what changed is drawn again. */
export function keepSame<T>(before: readonly T[] | null, after: readonly T[], idOf: (item: T) => string): T[] {
  const known = new Map((before ?? []).map((item) => [idOf(item), item]));
  return after.map((item) => {
    const old = known.get(idOf(item));
    return isSame(old, item) ? old : item;
  });
}

/** Both are what a core told of the same thing, so they name their fields in the same order. */
function isSame<T>(old: T | undefined, item: T): old is T {
  return old !== undefined && JSON.stringify(old) === JSON.stringify(item);
}

/** The month that it is on this computer, as `2026-11`. */
function thisMonth(): string {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}`;
}

export const useCredentialsStore = create<CredentialsState>()((set, get) => {
  let loading: Promise<void> | null = null;
  /** Counts the questions that were wanted. */
  let wanted = 0;
  const ask = async (api: SluiceApi): Promise<void> => {
    // Cleared in the same turn as the last look at `wanted`: a question that comes in between is never lost.
    for (let answered = -1; answered !== wanted; ) {
      answered = wanted;
      const [profiles, credentials, proxies] = await Promise.all([
        api.request('profiles.list', {}),
        api.request('credentials.list', {}),
        api.request('proxies.list', {}),
      ]);
      const now = get();
      set({
        ...(profiles.ok ? { profiles: keepSame(now.profiles, profiles.data.profiles, ({ id }) => id) } : {}),
        ...(credentials.ok
          ? { credentials: keepSame(now.credentials, credentials.data.credentials, ({ id }) => id) }
          : {}),
        ...(proxies.ok
          ? {
              proxies: keepSame(now.proxies, proxies.data.proxies, ({ scope, owner }) => `${scope} ${owner}`),
              effective: keepSame(now.effective, proxies.data.effective, ({ credentialId }) => credentialId),
            }
          : {}),
        problem: profiles.ok ? (credentials.ok ? null : credentials.error) : profiles.error,
      });
    }
    loading = null;
  };
  return {
    profiles: null,
    credentials: null,
    proxies: [],
    effective: [],
    health: null,
    spend: null,
    problem: null,
    load(api) {
      wanted++;
      loading ??= ask(api);
      return loading;
    },
    async loadHealth(api) {
      const answer = await api.request('credentials.health', {});
      if (answer.ok) set({ health: answer.data });
    },
    async loadSpend(api) {
      const answer = await api.request('usage.summary', { month: thisMonth() });
      if (!answer.ok) return;
      const before = get().spend ?? {};
      const known = answer.data.byCredential.flatMap(({ credentialId, cost }) => {
        if (credentialId === null) return [];
        const old = before[credentialId];
        return [[credentialId, isSame(old, cost) ? old : cost] as const];
      });
      set({ spend: Object.fromEntries(known) });
    },
    put(record) {
      set(({ credentials }) => ({
        credentials: credentials?.map((known) => (known.id === record.id ? record : known)) ?? null,
      }));
    },
  };
});
