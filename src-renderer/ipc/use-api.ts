import { createContext, useContext } from 'react';
import type { EventBridge } from './event-bridge.ts';
import type { Transport } from './transport.ts';

export interface Core {
  api: Transport;
  bridge: EventBridge;
}

export const CoreContext = createContext<Core | null>(null);

/** The core, as `main.tsx` connected it. */
export function useCore(): Core {
  const core = useContext(CoreContext);
  if (core === null) throw new Error('useCore() outside of CoreContext');
  return core;
}
