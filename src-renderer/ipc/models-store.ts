import { useEffect } from 'react';
import { create } from 'zustand';
import type { SluiceApi } from '#contract/routes';
import { useCore } from './use-api.ts';

/** What is known of a provider's models. `said`: in the core's words why there is no list. */
export interface KnownModels {
  state: 'asking' | 'known' | 'none';
  models: readonly string[];
  said: string | null;
}

interface ModelsState {
  byProfile: Readonly<Record<string, KnownModels>>;
  /** Asks the provider for its models; the core remembers its answer for some minutes. What was known stands meanwhile. */
  load(api: Pick<SluiceApi, 'request'>, profileId: string): Promise<void>;
}

const ASKING: KnownModels = { state: 'asking', models: [], said: null };

export const useModelsStore = create<ModelsState>()((set, get) => {
  const put = (profileId: string, known: KnownModels) =>
    set((state) => ({ byProfile: { ...state.byProfile, [profileId]: known } }));
  return {
    byProfile: {},
    load: async (api, profileId) => {
      if (get().byProfile[profileId] === undefined) put(profileId, ASKING);
      const answer = await api.request('profiles.health', { profileId });
      const before = get().byProfile[profileId]?.models ?? [];
      if (!answer.ok) put(profileId, { state: 'none', models: before, said: answer.error.message });
      else if (answer.data.models !== null)
        put(profileId, { state: 'known', models: inOrder(answer.data.models), said: null });
      else {
        const { state, message } = answer.data;
        put(profileId, { state: 'none', models: before, said: state === 'ok' ? null : message });
      }
    },
  };
});

/** By name, with numbers as numbers; providers list theirs in whatever order. */
function inOrder(models: readonly string[]): string[] {
  return [...new Set(models)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The models of a provider, asked for when this is first drawn; null for one that has none to choose. */
export function useModels(profile: { id: string; kind: string } | undefined): KnownModels | null {
  const { api } = useCore();
  const profileId = profile === undefined || profile.kind === 'demo' ? null : profile.id;
  useEffect(() => {
    if (profileId !== null) void useModelsStore.getState().load(api, profileId);
  }, [api, profileId]);
  const known = useModelsStore((state) => (profileId === null ? undefined : state.byProfile[profileId]));
  return profileId === null ? null : (known ?? ASKING);
}
