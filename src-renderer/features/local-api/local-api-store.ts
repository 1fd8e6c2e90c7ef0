import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { ApiCallRecord, ClientKeyRecord, LocalApiState, TurnedAway } from '#contract/programs';
import type { SluiceApi } from '#contract/routes';
import type { SpendCap } from '#contract/usage-report';
import { mergeCalls, oldestPlace } from './calls-list.ts';

type Api = Pick<SluiceApi, 'request'>;

interface LocalApiStoreState {
  /** The server and the programs with a key; null until it is known. */
  state: LocalApiState | null;
  problem: AppError | null;
  /** Newest first; null until they are known. */
  calls: readonly ApiCallRecord[] | null;
  callsProblem: AppError | null;
  /** Who came without a key; null until it is known. */
  turnedAway: TurnedAway | null;
  /** What was heard before the first list came. */
  heard: readonly ApiCallRecord[];
  load(api: Api): Promise<void>;
  loadCalls(api: Api): Promise<void>;
  /** Calls as the core's event has them. */
  hear(news: { calls: readonly ApiCallRecord[]; oldest: number; turnedAway: TurnedAway }): void;
  /** The line was cut: the core may be another one now, and counts anew. */
  forgetCalls(): void;
  /** Makes a key. It is in the answer and not kept here. */
  createClient(api: Api, name: string): Promise<{ client: ClientKeyRecord; key: string } | AppError>;
  /** Returns the core's refusal. */
  setCap(api: Api, clientId: string, cap: SpendCap | null): Promise<AppError | null>;
  revoke(api: Api, clientId: string): Promise<AppError | null>;
}

export const useLocalApiStore = create<LocalApiStoreState>()((set, get) => ({
  state: null,
  problem: null,
  calls: null,
  callsProblem: null,
  turnedAway: null,
  heard: [],
  async load(api) {
    const answer = await api.request('localApi.state', {});
    set(answer.ok ? { state: answer.data, problem: null } : { problem: answer.error });
  },
  async loadCalls(api) {
    const answer = await api.request('localApi.calls', {});
    if (!answer.ok) return set({ callsProblem: answer.error });
    // What was heard while the answer was on its way may be newer than the answer.
    const { calls, heard, turnedAway } = get();
    const news = answer.data.calls;
    set({
      calls: mergeCalls(news, calls ?? heard, oldestPlace(news)),
      heard: [],
      callsProblem: null,
      turnedAway: newerOf(turnedAway, answer.data.turnedAway),
    });
  },
  hear({ calls: news, oldest, turnedAway }) {
    const { calls, heard } = get();
    set({
      ...(calls === null ? { heard: mergeCalls(heard, news, oldest) } : { calls: mergeCalls(calls, news, oldest) }),
      turnedAway,
    });
  },
  forgetCalls: () => set({ calls: null, heard: [], turnedAway: null }),
  async createClient(api, name) {
    const answer = await api.request('localApi.createClient', { name });
    if (!answer.ok) return answer.error;
    await get().load(api);
    return answer.data;
  },
  async setCap(api, clientId, cap) {
    const answer = await api.request('localApi.setClientCap', { clientId, cap });
    if (answer.ok) set({ state: answer.data });
    return answer.ok ? null : answer.error;
  },
  async revoke(api, clientId) {
    const answer = await api.request('localApi.revokeClient', { clientId });
    if (answer.ok) set({ state: answer.data });
    return answer.ok ? null : answer.error;
  },
}));

/** It only grows while one core lives, so the larger count is the later one. */
function newerOf(known: TurnedAway | null, answered: TurnedAway): TurnedAway {
  return known !== null && known.count > answered.count ? known : answered;
}

/** The programs whose keys still open something. */
export function activeClients(state: LocalApiState): LocalApiState['clients'] {
  return state.clients.filter((client) => client.revokedAtMs === null);
}
