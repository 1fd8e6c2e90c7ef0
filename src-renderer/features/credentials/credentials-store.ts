import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { CredentialRecord, EffectiveProxy, ProfileRecord, ProxyRecord } from '#contract/records';
import type { SluiceApi } from '#contract/routes';

interface CredentialsState {
  profiles: ProfileRecord[] | null;
  credentials: CredentialRecord[] | null;
  proxies: ProxyRecord[];
  /** What each key's requests go through. */
  effective: EffectiveProxy[];
  problem: AppError | null;
  load(api: SluiceApi): Promise<void>;
}

export const useCredentialsStore = create<CredentialsState>()((set) => ({
  profiles: null,
  credentials: null,
  proxies: [],
  effective: [],
  problem: null,
  async load(api) {
    const [profiles, credentials, proxies] = await Promise.all([
      api.request('profiles.list', {}),
      api.request('credentials.list', {}),
      api.request('proxies.list', {}),
    ]);
    set({
      ...(profiles.ok ? { profiles: profiles.data.profiles } : {}),
      ...(credentials.ok ? { credentials: credentials.data.credentials } : {}),
      ...(proxies.ok ? proxies.data : {}),
      problem: profiles.ok ? (credentials.ok ? null : credentials.error) : profiles.error,
    });
  },
}));
