import type { IncomingMessage, ServerResponse } from 'node:http';
import { failed, type Result } from '#contract/errors';
import type { Router } from '../ipc/router.ts';
import { failureOf, toAppFailure } from '../platform/app-failure.ts';
import type { AuthThrottle } from './auth-throttle.ts';
import { httpStatusOf } from './http-status.ts';
import { readJsonBody } from './read-json-body.ts';
import { isOwner, presentedToken } from './request-guard.ts';

/** Every route of the contract is `POST /api/app/<route>`: JSON in, a Result out. */
export const APP_PREFIX = '/api/app/';

/** Above the contract's longest message in UTF-8 (6 MB). */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export function sendResult(
  response: ServerResponse,
  result: Result<unknown>,
  headers: Record<string, string> = {},
): void {
  const body = JSON.stringify(result);
  response.writeHead(result.ok ? 200 : httpStatusOf(result.error.code), {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body);
}

/** Answers one request to the owner's routes. Never throws: whatever goes wrong is a Result. */
export async function answerAppRoute(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  parts: { router: Router; token: string; throttle: AuthThrottle },
): Promise<void> {
  try {
    if (!isOwner(request.headers, parts.token)) {
      await parts.throttle.failed(request.socket, presentedToken(request.headers));
      throw failureOf('unauthorized', { word: 'token_wrong' });
    }
    if (request.method !== 'POST') throw failureOf('invalid_payload', { word: 'only_post' });
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') {
      throw failureOf('invalid_payload', { word: 'only_json' });
    }
    const payload = await readJsonBody(request, MAX_BODY_BYTES);
    sendResult(response, await parts.router.dispatch(path.slice(APP_PREFIX.length), payload, null));
  } catch (thrown) {
    sendResult(response, failed(toAppFailure(thrown).toAppError()));
  }
}
