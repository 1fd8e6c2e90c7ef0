import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { CredentialRecord, ProfileRecord } from '#contract/records';
import type { SluiceApi } from '#contract/routes';

interface CredentialsState {
  profiles: ProfileRecord[] | null;
  credentials: CredentialRecord[] | null;
  problem: AppError | null;
  load(api: SluiceApi): Promise<void>;
}

export const useCredentialsStore = create<CredentialsState>()((set) => ({
  profiles: null,
  credentials: null,
  problem: null,
  async load(api) {
    const [profiles, credentials] = await Promise.all([
      api.request('profiles.list', {}),
      api.request('credentials.list', {}),
    ]);
    set({
      ...(profiles.ok ? { profiles: profiles.data.profiles } : {}),
      ...(credentials.ok ? { credentials: credentials.data.credentials } : {}),
      problem: profiles.ok ? (credentials.ok ? null : credentials.error) : profiles.error,
    });
  },
}));
