import type { IncomingMessage } from 'node:http';
import { failureOf } from '../platform/app-failure.ts';

/** A refused body is read on to here and thrown away, so that its sender gets to the answer; beyond it the line is cut. */
const DRAIN_BYTES = 128 * 1024 * 1024;

/**
 * Reads a request's JSON body. An empty one is an empty object.
 *
 * @throws AppFailure `payload_too_large` beyond `maxBytes`, `invalid_payload` for anything but JSON and for a body that
 *   was cut short.
 */
export function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    let refused = false;
    const refuse = () => {
      refused = true;
      parts.length = 0;
      const limit = Math.floor(maxBytes / 1024 / 1024);
      reject(failureOf('payload_too_large', { word: 'request_too_large', with: { limit } }));
    };
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) refuse();
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (refused) {
        if (size > DRAIN_BYTES) request.destroy();
        return;
      }
      if (size > maxBytes) refuse();
      else parts.push(part);
    });
    request.once('end', () => {
      if (refused) return;
      try {
        const text = Buffer.concat(parts).toString('utf8');
        resolve(text.trim() === '' ? {} : (JSON.parse(text) as unknown));
      } catch (thrown) {
        reject(failureOf('invalid_payload', { word: 'request_no_json' }, { cause: thrown }));
      }
    });
    request.once('error', (thrown) => {
      reject(failureOf('invalid_payload', { word: 'request_cut_short' }, { cause: thrown }));
    });
  });
}
