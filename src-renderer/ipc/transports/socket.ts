import { io } from 'socket.io-client';
import { failed, type Result } from '#contract/errors';
import type { ChatEvent } from '#contract/events';
import type { RouteInput, RouteName, RouteOutputs } from '#contract/routes';
import { brokenTransport } from '../broken-transport.ts';
import { allowMedia } from '../media-access.ts';
import type { Connection, Transport } from '../transport.ts';

const CHAT_PREFIX = 'chat.';
/** Stop may wait 10 s for the upstream and 5 s of grace; nothing else takes longer. */
const ACK_TIMEOUT_MS = 30_000;
/** How long a request waits for a line that is being set up. */
const CONNECT_WAIT_MS = 3000;

function isResult(value: unknown): value is Result<unknown> {
  return typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';
}

/** The headless host: control routes and events over Socket.IO, everything else over POST, one token for both. */
export function socketTransport(token: string | null): Transport {
  const socket = io('/chat-run', {
    auth: { token: token ?? '' },
    autoConnect: token !== null,
    transports: ['websocket', 'polling'],
    reconnectionDelay: 500,
    // It is on this computer: whoever started it again looks at the page meanwhile.
    reconnectionDelayMax: 2000,
  });

  /** The host's own refusal ends the attempts. Who listens only after it has come hears of it all the same. */
  let isRefused = token === null;
  const hearers = new Set<(state: Connection) => void>();
  const refuse = () => {
    isRefused = true;
    for (const hear of hearers) hear('refused');
  };
  socket.on('connect_error', () => {
    // A cut line is tried again; a refusal is not.
    if (!socket.active) refuse();
  });

  /** The page may show files once this has settled; where it fails, their names stand there instead. */
  const media = token === null ? Promise.resolve() : allowMedia(token);

  function connected(): Promise<boolean> {
    if (socket.connected) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        socket.off('connect', done);
        resolve(socket.connected);
      };
      const timer = setTimeout(done, CONNECT_WAIT_MS);
      socket.on('connect', done);
    });
  }

  async function control(event: string, input: unknown): Promise<unknown> {
    // Socket.IO would keep the packet and send it when the line stands again, long after the reader was told that it
    // failed. So nothing is handed to it while the line is cut.
    const [isConnected] = await Promise.all([connected(), media]);
    if (!isConnected) throw new Error('The line to the host is cut.');
    return socket.timeout(ACK_TIMEOUT_MS).emitWithAck(event, input);
  }

  async function post(route: string, input: unknown): Promise<unknown> {
    const response = await fetch(`/api/app/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    // A wrong token is refused here before the line is, which may take its time to say so.
    if (response.status === 401) refuse();
    return response.json();
  }

  return {
    async request<Name extends RouteName>(route: Name, input: RouteInput<Name>): Promise<Result<RouteOutputs[Name]>> {
      if (token === null)
        return failed({
          code: 'unauthorized',
          message: 'This page was opened without its token.',
          retry: { kind: 'no' },
          details: { said: { word: 'page_no_token' } },
        });
      try {
        const answer = await (route.startsWith(CHAT_PREFIX)
          ? control(route.slice(CHAT_PREFIX.length), input)
          : post(route, input));
        if (!isResult(answer)) return brokenTransport('The answer was not a Result.');
        // The host checks what it sends against the same contract; the shape of `data` is its promise.
        return answer as Result<RouteOutputs[Name]>;
      } catch (cause) {
        return brokenTransport(cause);
      }
    },
    onEvent(listener) {
      const forward = (_name: string, payload: unknown) => {
        if (typeof payload === 'object' && payload !== null && 'event' in payload) listener(payload as ChatEvent);
      };
      socket.onAny(forward);
      return () => socket.offAny(forward);
    },
    onConnection(listener: (state: Connection) => void) {
      const up = () => listener('up');
      const down = () => listener('down');
      const cut = () => {
        if (socket.active) listener('down');
      };
      socket.on('connect', up);
      socket.on('disconnect', down);
      socket.on('connect_error', cut);
      hearers.add(listener);
      if (isRefused) queueMicrotask(() => listener('refused'));
      else if (socket.connected) queueMicrotask(up);
      return () => {
        socket.off('connect', up);
        socket.off('disconnect', down);
        socket.off('connect_error', cut);
        hearers.delete(listener);
      };
    },
  };
}
