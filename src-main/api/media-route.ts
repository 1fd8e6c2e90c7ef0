import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { failed, ok } from '#contract/errors';
import type { MediaServer } from '../attachments/media-server.ts';
import { failureOf, toAppFailure } from '../platform/app-failure.ts';
import { sendResult } from './app-routes.ts';
import type { MediaCookie } from './media-cookie.ts';
import { isOwner, isOwnPageFetch } from './request-guard.ts';

/** `POST /api/app/media-cookie`: lets the page that holds the token show files. */
export const MEDIA_COOKIE_PATH = '/api/app/media-cookie';

export function answerMediaCookie(
  request: IncomingMessage,
  response: ServerResponse,
  parts: { token: string; cookie: MediaCookie },
): void {
  if (request.method !== 'POST') {
    sendResult(response, failed(failureOf('invalid_payload', { word: 'only_post' }).toAppError()));
  } else if (!isOwner(request.headers, parts.token)) {
    const failure = failureOf('unauthorized', { word: 'token_wrong' });
    sendResult(response, failed(failure.toAppError()));
  } else {
    sendResult(response, ok({ set: true }), { 'set-cookie': parts.cookie.header });
  }
}

function assertMayRead(headers: IncomingMessage['headers'], token: string, cookie: MediaCookie): void {
  if (!isOwnPageFetch(headers['sec-fetch-site'])) {
    throw failureOf('forbidden_sender', { word: 'media_other_page' });
  }
  if (!cookie.isPresent(headers) && !isOwner(headers, token)) {
    throw failureOf('unauthorized', { word: 'media_not_open' });
  }
}

/** Answers `GET /media/…` for our own page, which has the cookie, and for a script with the owner's token. */
export async function answerMedia(
  request: IncomingMessage,
  response: ServerResponse,
  parts: { media: MediaServer; token: string; cookie: MediaCookie },
): Promise<void> {
  const { headers } = request;
  try {
    assertMayRead(headers, parts.token, parts.cookie);
  } catch (thrown) {
    sendResult(response, failed(toAppFailure(thrown).toAppError()));
    return;
  }
  const answer = await parts.media({
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    range: headers.range ?? null,
    ifNoneMatch: headers['if-none-match'] ?? null,
  });
  response.writeHead(answer.status, answer.headers);
  if (answer.body === null) {
    response.end();
    return;
  }
  try {
    await pipeline(answer.body, response);
  } catch (thrown) {
    // A player that leaves, or a file that fails in mid-read: the line is cut, which tells the page all there is to tell.
    response.destroy(thrown instanceof Error ? thrown : undefined);
  }
}
