import type { Server as HttpServer } from 'node:http';
import { type Namespace, Server, type Socket } from 'socket.io';
import type { Result } from '#contract/errors';
import type { ChatEvent } from '#contract/events';
import { CHAT_ROUTES } from '#contract/routes.schema';
import type { Router, Viewer } from '../ipc/router.ts';
import { equalsInConstantTime } from './constant-time.ts';
import { isOwnHost, isOwnOrigin } from './request-guard.ts';

/** Larger packets drop the connection without a word, so the contract's own limit lies below it (decision 27). */
const MAX_PACKET_BYTES = 8 * 1024 * 1024;

export const CHAT_NAMESPACE = '/chat-run';

const KNOWN_EVENTS: ReadonlySet<string> = new Set(CHAT_ROUTES.map((route) => route.slice('chat.'.length)));

function toViewer(socket: Socket): Viewer {
  const profile = socket.handshake.query['profile'];
  return {
    id: socket.id,
    profile: typeof profile === 'string' && profile !== '' ? profile : null,
    send: (event: ChatEvent) => void socket.emit(event.event, event),
  };
}

function serve(socket: Socket, router: Router): void {
  const viewer = toViewer(socket);
  router.attach(viewer);
  socket.on('disconnect', () => router.detach(viewer));
  socket.onAny((name: string, ...args: unknown[]) => {
    const answer = args.at(-1);
    if (KNOWN_EVENTS.has(name) || typeof answer !== 'function') return;
    void router.dispatch(name, {}, null).then((result) => (answer as (result: Result<unknown>) => void)(result));
  });
  for (const route of CHAT_ROUTES) {
    // On the socket a control route is the part after `chat.`, with an optional acknowledgement.
    socket.on(route.slice('chat.'.length), (payload: unknown, ack: unknown) => {
      const answer = typeof payload === 'function' ? payload : ack;
      const body = typeof payload === 'function' ? {} : payload;
      void router.dispatch(route, body, viewer).then((result: Result<unknown>) => {
        if (typeof answer === 'function') (answer as (result: Result<unknown>) => void)(result);
        // Without an acknowledgement a refusal would be lost; it is said as an event of its own.
        else if (!result.ok) socket.emit('request.failed', { route, error: result.error });
      });
    });
  }
}

/** The chat-run protocol over Socket.IO, for the headless host's page and for scripts. Owned by the loopback server. */
export function attachChatRunSocket(
  server: HttpServer,
  parts: { router: Router; token: string; port: () => number },
): { namespace: Namespace; close: () => Promise<void> } {
  const io = new Server(server, {
    serveClient: false,
    maxHttpBufferSize: MAX_PACKET_BYTES,
    perMessageDeflate: false,
    allowRequest: (request, callback) => {
      const port = parts.port();
      callback(null, isOwnHost(request.headers.host, port) && isOwnOrigin(request.headers.origin, port));
    },
  });
  // Nothing lives in the root namespace, so nobody is let in.
  io.use((_socket, next) => next(new Error('Authentication failed')));
  const namespace = io.of(CHAT_NAMESPACE);
  namespace.use((socket, next) => {
    const token: unknown = (socket.handshake.auth as Record<string, unknown>)['token'];
    if (typeof token === 'string' && equalsInConstantTime(token, parts.token)) next();
    else next(new Error('Authentication failed'));
  });
  namespace.on('connection', (socket) => serve(socket, parts.router));
  return {
    namespace,
    close: async () => {
      io.disconnectSockets(true);
      // Closing the engine leaves the HTTP server to its owner.
      io.engine.close();
      await Promise.resolve();
    },
  };
}
