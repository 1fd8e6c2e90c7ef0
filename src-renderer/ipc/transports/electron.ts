import type { ChatEvent } from '#contract/events';
import type { SluiceApi } from '#contract/routes';
import { brokenTransport } from '../broken-transport.ts';
import type { Transport } from '../transport.ts';

declare global {
  interface Window {
    /** What the sandboxed preload exposes; absent in a browser. */
    sluice?: SluiceApi;
  }
}

/** The typed IPC of the desktop shell. It lives and dies with the window, so it is never cut. */
export function electronTransport(exposed: SluiceApi): Transport {
  return {
    async request(route, input) {
      try {
        return await exposed.request(route, input);
      } catch (cause) {
        return brokenTransport(cause);
      }
    },
    onEvent: (listener: (event: ChatEvent) => void) => exposed.onEvent(listener),
    onConnection: () => () => undefined,
  };
}
