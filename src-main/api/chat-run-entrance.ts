import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Router } from '../ipc/router.ts';
import { AbortReason } from '../platform/app-failure.ts';
import { loadOnce } from '../platform/load-once.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { AuthThrottle } from './auth-throttle.ts';

/** Where Socket.IO is spoken. */
const SOCKET_PATH = '/socket.io/';

/** Whether a request is one for the socket. */
export function isForSocket({ url }: Pick<IncomingMessage, 'url'>): boolean {
  return url?.startsWith(SOCKET_PATH) === true;
}

/** Socket.IO is the largest of the core's packages; a start without a connection does not need it. */
export const loadChatRunSocket = () => import('./chat-run-socket.ts');

export interface ChatRunEntrance {
  /**
   * Answers a request if it is one for the socket, once its code is there.
   *
   * @returns null for a request that is none. @throws (the promise rejects with it) whatever kept the code from being loaded.
   */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void> | null;
  /** Ends the socket's connections; nobody is let in afterwards. */
  close(): Promise<void>;
}

/**
 * Stands where the chat-run socket will: Socket.IO is brought in with the first connection for it, which waits for it, and
 * takes over the server's upgrades then. Owned by the loopback server.
 */
export function openChatRunEntrance(
  server: HttpServer,
  parts: { router: Router; token: string; throttle: AuthThrottle; port: () => number; logger: Logger },
): ChatRunEntrance {
  let isWanted = false;
  let isClosed = false;
  const load = loadOnce(async () => {
    const { attachChatRunSocket } = await loadChatRunSocket();
    if (isClosed) throw new AbortReason('shutdown');
    server.off('upgrade', hold);
    return attachChatRunSocket(server, parts);
  });
  const attached = () => {
    isWanted = true;
    return load();
  };

  /** Keeps a connection until there is somebody to take it. What it sends meanwhile stays in its buffer. */
  function hold(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const drop = () => void socket.destroy();
    // Nobody else listens yet, and a connection that breaks now must not end the host.
    socket.on('error', drop);
    attached().then(
      () => {
        // One that broke tells so only now: it keeps its listener.
        if (isClosed || socket.destroyed) return drop();
        socket.off('error', drop);
        // As if it came only now.
        server.emit('upgrade', request, socket, head);
      },
      (thrown: unknown) => {
        if (!isClosed) parts.logger.error(describeThrown(thrown), 'the chat-run socket could not be loaded');
        drop();
      },
    );
  }

  const give = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      (await attached()).answer(request, response);
    } catch (thrown) {
      if (!isClosed) throw thrown;
      response.destroy();
    }
  };

  server.on('upgrade', hold);
  return {
    answer: (request, response) => (isForSocket(request) ? give(request, response) : null),
    async close() {
      isClosed = true;
      server.off('upgrade', hold);
      // What is just being loaded finds the entrance closed, and whoever waited for it is told there.
      if (!isWanted) return;
      const socket = await load().catch(() => null);
      await socket?.close();
    },
  };
}
