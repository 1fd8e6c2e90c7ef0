import { create } from 'zustand';
import type { Connection } from './transport.ts';

/** How the way to the core stands, for whoever shows what the core would have to tell. Set by the one who listens to it. */
export const useConnectionStore = create<{ connection: Connection }>(() => ({ connection: 'up' }));

/** Whether nothing can be heard of the core just now: what moved when it was heard last may stand by now. */
export function useIsUnheard(): boolean {
  return useConnectionStore((state) => state.connection === 'down');
}
