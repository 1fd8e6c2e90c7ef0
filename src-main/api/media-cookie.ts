import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { MEDIA_PREFIX } from '#contract/media-url';
import { equalsInConstantTime } from './constant-time.ts';

/**
 * An `<img>` cannot send the owner's token, and an address must not carry it; so the page has a cookie set that opens
 * `/media/` and nothing else (decision 22). Its value is derived from the token and says nothing about it.
 */
export interface MediaCookie {
  /** For `Set-Cookie`. Gone when the browser closes. */
  header: string;
  isPresent(headers: IncomingHttpHeaders): boolean;
}

/** @param port cookies do not tell ports apart, so that two hosts on one computer need two names. */
export function mediaCookie(token: string, port: number): MediaCookie {
  const name = `sluice-media-${port}`;
  const value = createHmac('sha256', token).update(`sluice media ${port}`).digest('hex');
  return {
    header: `${name}=${value}; HttpOnly; SameSite=Strict; Path=${MEDIA_PREFIX.slice(0, -1)}`,
    isPresent: (headers) =>
      (headers.cookie ?? '').split(';').some((pair) => {
        const at = pair.indexOf('=');
        return pair.slice(0, at).trim() === name && equalsInConstantTime(pair.slice(at + 1).trim(), value);
      }),
  };
}
