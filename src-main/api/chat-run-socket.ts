import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { type Namespace, Server, type Socket } from 'socket.io';
import { failed } from '#contract/errors';
import { CHAT_ROUTES } from '#contract/routes.schema';
import type { Router } from '../ipc/router.ts';
import type { AuthThrottle } from './auth-throttle.ts';
import { type ChatRoute, OLDER_EVENT_NAMES } from './chat-run-compat.ts';
import { type Ack, type ChatLine, ChatRunRequests } from './chat-run-requests.ts';
import { equalsInConstantTime } from './constant-time.ts';
import { isOwnHost, isOwnOrigin, isOwnPageFetch, namedHost } from './request-guard.ts';
import { endStuckReader } from './stuck-reader.ts';

/** Larger packets drop the connection without a word, so the contract's own limit lies below it (decision 27). */
const MAX_PACKET_BYTES = 8 * 1024 * 1024;

const CHAT_NAMESPACE = '/chat-run';

/** On the socket a control route is the part after `chat.` (decision 15); two of them have an older name, too. */
const ROUTES: ReadonlyMap<string, ChatRoute> = new Map([
  ...CHAT_ROUTES.map((route): [string, ChatRoute] => [route.slice('chat.'.length), route as ChatRoute]),
  ...Object.entries(OLDER_EVENT_NAMES),
]);

function toLine(socket: Socket): ChatLine {
  const profile = socket.handshake.query['profile'];
  return {
    id: socket.id,
    profile: typeof profile === 'string' && profile !== '' ? profile : null,
    send: (event) => void socket.emit(event.event, event),
    isOpen: () => socket.connected,
  };
}

function unknownEvent(name: string) {
  const message = `The chat-run protocol has no event called “${name.slice(0, 100)}”.`;
  return failed({ code: 'unknown_route', message, retry: { kind: 'no' } });
}

function serve(socket: Socket, router: Router): void {
  endStuckReader(socket.conn, Date.now);
  const requests = new ChatRunRequests(toLine(socket), router, Date.now);
  router.attach(requests.viewer);
  socket.on('disconnect', () => router.detach(requests.viewer));
  socket.onAny((name: string, ...args: unknown[]) => {
    const last = args.at(-1);
    const ack = typeof last === 'function' ? (last as Ack) : null;
    const payload = typeof args[0] === 'function' ? undefined : args[0];
    const route = ROUTES.get(name);
    if (route !== undefined) requests.take(name, route, payload, ack);
    // The window's other routes are asked over HTTP: a name is looked up here and nowhere else.
    else ack?.(unknownEvent(name));
  });
}

export interface ChatRunSocket {
  namespace: Namespace;
  /** Takes a request for its address that came to the server before this did; later ones come here by themselves. */
  answer(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

/** The chat-run protocol over Socket.IO, for the headless host's page and for scripts. Owned by its entrance. */
export function attachChatRunSocket(
  server: HttpServer,
  parts: { router: Router; token: string; throttle: AuthThrottle; port: () => number },
): ChatRunSocket {
  const io = new Server(server, {
    serveClient: false,
    maxHttpBufferSize: MAX_PACKET_BYTES,
    perMessageDeflate: false,
    allowRequest: (request, callback) => {
      const port = parts.port();
      const isOwn = isOwnHost(namedHost(request), port) && isOwnOrigin(request.headers.origin, port);
      callback(null, isOwn && isOwnPageFetch(request.headers['sec-fetch-site']));
    },
  });
  // Nothing lives in the root namespace, so nobody is let in.
  io.use((_socket, next) => next(new Error('Authentication failed')));
  const namespace = io.of(CHAT_NAMESPACE);
  namespace.use((socket, next) => {
    const token: unknown = (socket.handshake.auth as Record<string, unknown>)['token'];
    if (typeof token === 'string' && equalsInConstantTime(token, parts.token)) {
      next();
      return;
    }
    const refuse = () => next(new Error('Authentication failed'));
    parts.throttle.failed(socket.conn, typeof token === 'string' ? token : null).then(refuse, refuse);
  });
  namespace.on('connection', (socket) => serve(socket, parts.router));
  return {
    namespace,
    answer: (request, response) => io.engine.handleRequest(request, response),
    close: async () => {
      io.disconnectSockets(true);
      // Closing the engine leaves the HTTP server to its owner.
      io.engine.close();
      await Promise.resolve();
    },
  };
}
