import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { STATUS_CODES } from '../platform/node-http.ts';
import { COMMON_HEADERS } from './guarded-response.ts';

/** The address and the headers of a request; what programs send has one or two. */
export const MAX_HEAD_BYTES = 16 * 1024;

interface BrokenRequest extends Error {
  code?: string;
  /** The parser's own words, which quote nothing of the request. */
  reason?: string;
}

function statusOf({ code }: BrokenRequest): number {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    default:
      return 400;
  }
}

function sentenceOf(status: number, { code, reason }: BrokenRequest): string {
  if (code === 'HPE_INVALID_EOF_STATE') return 'The request ended before its body was complete.';
  switch (status) {
    case 431:
      return `The address and the headers of a request may have ${MAX_HEAD_BYTES / 1024} kB together, and these have more. Send less of them.`;
    case 413:
      return 'The pieces of the body say more of themselves than they may. Send it without.';
    case 408:
      return 'The request did not come to its end in time. Send it again, at once.';
    default:
      return `This is not a request in HTTP/1.1${reason === undefined ? '' : ` (${reason})`}. Check what sends it, and that the address begins with “http://”.`;
  }
}

/**
 * Tells what is wrong with what came over a line and is no request that can be read, then closes the line. Whose protocol it
 * was is not known: the body is one that clients of all of them read. A line on which nothing was said is closed without a word,
 * as is one whose answer has begun.
 */
export function refuseBrokenRequest(
  error: BrokenRequest,
  line: Socket & { _httpMessage?: ServerResponse | null },
): void {
  const isSaid = line.bytesRead > 0;
  // Node's own mark of the answer that a line is at; it looks at it in the same way.
  const hasBegun = line._httpMessage?.headersSent === true;
  if (!line.writable || !isSaid || hasBegun || error.code === 'ECONNRESET') {
    line.destroy();
    return;
  }
  const status = statusOf(error);
  const type = status === 413 || status === 431 ? 'request_too_large' : 'invalid_request_error';
  const message = sentenceOf(status, error);
  const body = JSON.stringify({ type: 'error', error: { type, message, param: null, code: 'invalid_payload' } });
  const headers = [
    ...COMMON_HEADERS,
    ['content-type', 'application/json; charset=utf-8'],
    ['content-length', String(Buffer.byteLength(body))],
    ['cache-control', 'no-store'],
    ['x-should-retry', String(status === 408)],
    ['connection', 'close'],
  ];
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  line.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`, () => line.destroy());
}
