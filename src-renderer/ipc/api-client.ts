import type { Transport } from './transport.ts';
import { electronTransport } from './transports/electron.ts';
import { takeToken } from './transports/take-token.ts';

/** The way to the core: the preload's where there is one, otherwise the host that served this page. */
export async function connectToCore(): Promise<Transport> {
  if (window.sluice !== undefined) return electronTransport(window.sluice);
  const token = takeToken(window.location, window.history, window.sessionStorage);
  const { socketTransport } = await import('./transports/socket.ts');
  return socketTransport(token);
}
