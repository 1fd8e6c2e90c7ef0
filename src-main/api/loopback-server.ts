import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { failed } from '#contract/errors';
import { MEDIA_PREFIX } from '#contract/media-url';
import type { AttachmentUploads } from '../attachments/attachment-uploads.ts';
import type { MediaServer } from '../attachments/media-server.ts';
import type { Router } from '../ipc/router.ts';
import { failureOf } from '../platform/app-failure.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { createServer } from '../platform/node-http.ts';
import type { ApiDoor } from './api-door.ts';
import { APP_PREFIX, answerAppRoute, sendResult } from './app-routes.ts';
import type { AuthThrottle } from './auth-throttle.ts';
import { MAX_HEAD_BYTES, refuseBrokenRequest } from './broken-request.ts';
import { isForSocket, openChatRunEntrance } from './chat-run-entrance.ts';
import { GuardedResponse } from './guarded-response.ts';
import { IdleLines } from './idle-lines.ts';
import { mediaCookie } from './media-cookie.ts';
import { answerMedia, answerMediaCookie, MEDIA_COOKIE_PATH } from './media-route.ts';
import { fullTarget, isForeignFetch, isFrameAssetFetch, isOwnHost, isOwnOrigin, namedHost } from './request-guard.ts';
import { serveStatic } from './static-files.ts';
import { answerUpload, UPLOAD_PATH } from './upload-route.ts';

const HOST = '127.0.0.1';
/** Everything below it is for programs, but for the page's own routes. */
const API_PREFIX = '/api/';
/** A client that has not sent its headers by then is not going to. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 120_000;
/** How often it is looked for those that are over their time. */
const CHECK_EVERY_MS = 5000;

export interface LoopbackServer {
  readonly port: number;
  readonly url: string;
  /** Ends open connections and stops listening. */
  close(): Promise<void>;
}

export interface LoopbackOptions {
  router: Router;
  logger: Logger;
  /** The owner's token. */
  token: string;
  /** 0 takes any free port. */
  port: number;
  /** The built page, served at `/`; null serves none. */
  rendererDir: string | null;
  /** Takes files in and shows them. */
  attachments: { uploads: Pick<AttachmentUploads, 'receive'>; media: MediaServer };
  /** The operations for other programs. */
  door: Pick<ApiDoor, 'has' | 'answer' | 'refuse'>;
  /** Slows down who shows wrong tokens. */
  throttle: AuthThrottle;
}

/** Where official clients look for a provider: they read errors of their protocol only. */
function isModelAddress(path: string): boolean {
  return path.startsWith('/v1/') || path.startsWith('/cc/');
}

/**
 * Starts the server on the loopback address and nowhere else. Every request must be addressed to it by its own name and
 * come from its own page or from no page; what is not public needs the owner's token.
 *
 * @throws AppFailure `conflict` when the port is taken.
 */
export async function startLoopbackServer(options: LoopbackOptions): Promise<LoopbackServer> {
  const { router, logger, token, door, throttle } = options;
  const { uploads, media } = options.attachments;
  let port = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const full = fullTarget(request.url ?? '/');
    if (full !== null) request.url = full.path;
    const taken = socket.answer(request, response);
    if (taken !== null) {
      await taken;
      return;
    }
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const { origin } = request.headers;
    const mayAsk = isOwnOrigin(origin, port) || isFrameAssetFetch(request.method, path, origin);
    const isOurs = isOwnHost(namedHost(request), port) && (full === null || isOwnHost(full.host, port));
    if (!isOurs || !mayAsk || isForeignFetch(request, path)) {
      const refusal = failureOf('forbidden_sender', { word: 'only_this_computer' });
      response.shouldKeepAlive = false;
      if (isModelAddress(path)) await door.refuse(request, response, path, refusal);
      else sendResult(response, failed(refusal.toAppError()), { connection: 'close' });
      return;
    }
    if (path === UPLOAD_PATH && request.method === 'PUT') {
      await answerUpload(request, response, { uploads, token });
      return;
    }
    if (path === MEDIA_COOKIE_PATH) {
      answerMediaCookie(request, response, { token, cookie: mediaCookie(token, port) });
      return;
    }
    if (path.startsWith(MEDIA_PREFIX)) {
      await answerMedia(request, response, { media, token, cookie: mediaCookie(token, port) });
      return;
    }
    if (path.startsWith(APP_PREFIX)) {
      await answerAppRoute(request, response, path, { router, token, throttle });
      return;
    }
    if (path.startsWith(API_PREFIX)) {
      await door.answer(request, response, path);
      return;
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (
      isRead &&
      options.rendererDir !== null &&
      (await serveStatic(response, options.rendererDir, path, { port, head: request.method === 'HEAD' }))
    )
      return;
    // After the page, which is not to wait for what only programs need.
    const isTheirs = door.has(path);
    if (isTheirs === true || (await isTheirs)) {
      await door.answer(request, response, path);
      return;
    }
    sendResult(response, failed(failureOf('unknown_route', { word: 'nothing_at_address' }).toAppError()));
  };

  const idle = new IdleLines();
  const server = createServer(
    {
      connectionsCheckingInterval: CHECK_EVERY_MS,
      maxHeaderSize: MAX_HEAD_BYTES,
      ServerResponse: GuardedResponse,
      // Who offers another protocol, as Java's client does with HTTP/2, is answered in this one.
      shouldUpgradeCallback: isForSocket,
    },
    (request, response) => {
      idle.leaves(request.socket);
      response.on('close', () => idle.rests(request.socket));
      answer(request, response).catch((thrown: unknown) => {
        logger.error(
          { path: request.url?.split('?')[0], ...describeThrown(thrown) },
          'a request to the loopback server failed',
        );
        if (!response.headersSent)
          sendResult(response, failed(failureOf('internal', { word: 'internal_short' }).toAppError()));
        else response.destroy();
      });
    },
  );
  server.on('connection', (socket) => {
    idle.rests(socket);
    socket.once('close', () => idle.leaves(socket));
  });
  server.on('upgrade', (request) => idle.leaves(request.socket));
  server.on('clientError', (error, line) => refuseBrokenRequest(error, line as Socket));
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;

  const socket = openChatRunEntrance(server, { router, token, throttle, port: () => port, logger });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? failureOf('conflict', { word: 'port_taken', with: { port: String(options.port) } }, { cause: error })
          : error,
      );
    });
    server.listen(options.port, HOST, resolve);
  });
  port = (server.address() as AddressInfo).port;
  return {
    port,
    url: `http://${HOST}:${port}`,
    close: async () => {
      await socket.close();
      server.closeAllConnections();
      await new Promise<void>((resolve, reject) =>
        server.close((error) => (error === undefined ? resolve() : reject(error))),
      );
    },
  };
}
