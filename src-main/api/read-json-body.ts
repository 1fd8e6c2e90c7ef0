import type { IncomingMessage } from 'node:http';
import { AppFailure } from '../platform/app-failure.ts';

/**
 * Reads a request's JSON body.
 *
 * @throws AppFailure `payload_too_large` beyond `maxBytes` (the rest is not read), `invalid_payload` for anything but JSON.
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const tooLarge = () =>
    new AppFailure(
      'payload_too_large',
      `The request is larger than ${Math.floor(maxBytes / 1024 / 1024)} MB. Send less at once.`,
    );
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) throw tooLarge();
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new AppFailure('invalid_payload', 'The request body is not JSON.', { cause: thrown });
  }
}
