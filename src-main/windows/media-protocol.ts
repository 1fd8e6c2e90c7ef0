import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { MEDIA_PREFIX } from '#contract/media-url';
import type { MediaServer } from '../attachments/media-server.ts';
import { APP_HOST, APP_SCHEME } from './app-page.ts';

/** True for the address of a file that the page may show: `app://sluice/media/…`. */
export function isMediaAddress(address: string): boolean {
  const url = URL.parse(address);
  return (
    url !== null &&
    url.protocol === `${APP_SCHEME}:` &&
    url.host === APP_HOST &&
    url.username === '' &&
    url.password === '' &&
    url.pathname.startsWith(MEDIA_PREFIX)
  );
}

/** Answers a page's request for a file, in parts where a player asks for parts. */
export async function serveMedia(request: Request, media: MediaServer): Promise<Response> {
  const url = new URL(request.url);
  const answer = await media({
    method: request.method,
    target: url.pathname + url.search,
    range: request.headers.get('range'),
    ifNoneMatch: request.headers.get('if-none-match'),
  });
  // Node's and the page's stream types are the same thing under two names.
  const body = answer.body === null ? null : (Readable.toWeb(answer.body) as ReadableStream<Uint8Array>);
  return new Response(body as BodyInit | null, { status: answer.status, headers: answer.headers });
}
