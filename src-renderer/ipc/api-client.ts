import { lateTransport } from './late-transport.ts';
import type { Transport } from './transport.ts';
import { electronTransport } from './transports/electron.ts';
import { takeToken } from './transports/take-token.ts';

/** The way to the core, usable at once: the preload's where there is one, otherwise the host that served this page. */
export function connectToCore(): Transport {
  if (window.sluice !== undefined) return electronTransport(window.sluice);
  const token = takeToken(window.location, window.history, window.sessionStorage);
  // Its own chunk: the desktop window never loads it.
  return lateTransport(import('./transports/socket.ts').then(({ socketTransport }) => socketTransport(token)));
}
