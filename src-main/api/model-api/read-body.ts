import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { AppFailure } from '../../platform/app-failure.ts';
import { HttpFailure } from '../http-failure.ts';

/** D.8 of the specification. */
const MAX_BODY_BYTES = 50 * 1024 * 1024;
/** A refused body is read on to here and thrown away, so that its sender gets to the answer. */
const DRAIN_BYTES = 128 * 1024 * 1024;

const UNPACK = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
  zstd: promisify(zstdDecompress),
} as const;

/**
 * A request's body in its own bytes, unpacked where it came packed.
 *
 * @throws AppFailure `payload_too_large` beyond 50 MB, packed or not; `invalid_payload` where it is cut short or packed in a
 *   way that is not known.
 */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  return encoding === 'identity' || encoding === '' ? collect(request) : unpacked(request, encoding);
}

async function unpacked(request: IncomingMessage, encoding: string): Promise<Buffer> {
  const bytes = await collect(request);
  if (!Object.hasOwn(UNPACK, encoding)) {
    throw new HttpFailure(415, 'invalid_payload', 'The body is packed in a way that is not known here. Send it plain.');
  }
  try {
    return await UNPACK[encoding as keyof typeof UNPACK](bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (thrown) {
    if (thrown instanceof RangeError) throw tooLarge();
    throw new AppFailure(
      'invalid_payload',
      `The body is not what its “Content-Encoding: ${encoding}” says. Send it plain, or packed so.`,
      {
        cause: thrown,
      },
    );
  }
}

function collect(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    let isRefused = false;
    const refuse = () => {
      isRefused = true;
      parts.length = 0;
      reject(tooLarge());
    };
    const onData = (part: Buffer) => {
      size += part.length;
      if (isRefused) {
        if (size > DRAIN_BYTES) request.destroy();
      } else if (size > MAX_BODY_BYTES) refuse();
      else parts.push(part);
    };
    const onEnd = () => {
      // The request lives until its answer has ended, and would hold the body that long.
      request.off('data', onData).off('end', onEnd).off('error', onError);
      if (isRefused) return;
      const [only] = parts;
      resolve(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts));
    };
    const onError = (thrown: Error) => {
      reject(new AppFailure('invalid_payload', 'The request ended before its body was complete.', { cause: thrown }));
    };
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) refuse();
    request.on('data', onData).on('end', onEnd).on('error', onError);
  });
}

function tooLarge(): AppFailure {
  return new AppFailure('payload_too_large', 'The request is larger than 50 MB. Send less at once.');
}
