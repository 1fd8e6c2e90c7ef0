import { useState } from 'react';
import type { UpstreamHealth } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';

/** What a provider was found to be, as far as it is shown. */
export type ToldHealth = Pick<UpstreamHealth, 'state' | 'message' | 'said' | 'models'>;

/** Asks a provider whether it is there, takes the key and has models; when it is asked to. A failure to ask is told as its own. */
export function useHealthCheck(profileId: string): {
  told: ToldHealth | null;
  isAsking: boolean;
  check: () => Promise<void>;
} {
  const { api } = useCore();
  const [health, setHealth] = useState<ToldHealth | 'asking' | null>(null);
  const check = async () => {
    setHealth('asking');
    const answer = await api.request('profiles.health', { profileId, fresh: true });
    setHealth(answer.ok ? answer.data : { state: 'failing', message: answer.error.message, models: null });
  };
  return { told: health === 'asking' ? null : health, isAsking: health === 'asking', check };
}
