import type { ServerResponse } from 'node:http';

/** A signal that fires when the other side leaves. */
export function leaving(response: ServerResponse): AbortSignal {
  const left = new AbortController();
  response.once('close', () => left.abort());
  return left.signal;
}
