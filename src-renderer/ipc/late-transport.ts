import { brokenTransport } from './broken-transport.ts';
import type { Transport } from './transport.ts';

/** Subscribes as soon as there is something to subscribe to, unless the subscriber has left by then. */
function subscribeLate(arriving: Promise<Transport>, subscribe: (transport: Transport) => () => void): () => void {
  let left = false;
  let leave: (() => void) | null = null;
  arriving.then(
    (transport) => {
      if (!left) leave = subscribe(transport);
    },
    // Every request says so in words; a subscriber only stays silent.
    () => undefined,
  );
  return () => {
    left = true;
    leave?.();
  };
}

/**
 * A transport that is still being loaded, usable at once: requests wait for it. So the page can be drawn, and written in,
 * before the line to the host stands.
 */
export function lateTransport(arriving: Promise<Transport>): Transport {
  return {
    async request(route, input) {
      let transport: Transport;
      try {
        transport = await arriving;
      } catch (cause) {
        return brokenTransport(cause);
      }
      return transport.request(route, input);
    },
    onEvent: (listener) => subscribeLate(arriving, (transport) => transport.onEvent(listener)),
    onConnection: (listener) => subscribeLate(arriving, (transport) => transport.onConnection(listener)),
  };
}
