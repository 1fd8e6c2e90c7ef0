import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { AppFailure } from '../../platform/app-failure.ts';
import type { HttpAnswer } from '../http-answer.ts';
import { MAX_STREAM_BYTES } from '../http-client.ts';

/** An answer's bytes, unpacked. As `HttpAnswer`, whoever has it reads to the end or closes it. */
export interface AnswerBytes {
  /** @throws as `HttpAnswer.read`; AppFailure `upstream_bad_response` for packed bytes that cannot be unpacked. */
  read(): Promise<Buffer | null>;
  /** All of it where it has arrived, without a wait; null, or absent, where it has to be read. @throws as `read`. */
  arrived?(): Buffer | null;
  close(): void;
  finish(): void;
}

/**
 * The bytes of an answer as if it had come unpacked, which is what was asked for: some servers pack unasked. What can be
 * unpacked so far is given out so far, so that a packed stream still streams.
 *
 * @throws AppFailure `upstream_bad_response` for a way of packing that is not known here.
 */
export function readUnpacked(answer: HttpAnswer, upstream: string): AnswerBytes {
  const encoding = (answer.header('content-encoding') ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return answer;
  const unpacker = unpackerOf(encoding);
  if (unpacker === null) {
    answer.close();
    throw bad(upstream, `sent its answer packed in a way that is not known here (${encoding.slice(0, 40)})`);
  }
  const packed: { failure: Error | null } = { failure: null };
  const source = Readable.from(chunksOf(answer, packed));
  source.on('error', (thrown) => unpacker.destroy(thrown));
  const chunks = source.pipe(unpacker)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let bytes = 0;
  const close = () => {
    answer.close();
    source.destroy();
    unpacker.destroy();
  };
  return {
    async read() {
      try {
        const next = await chunks.next();
        if (next.done === true) return null;
        bytes += next.value.length;
        if (bytes > MAX_STREAM_BYTES) throw bad(upstream, 'sent an answer that is too large once it is unpacked');
        return next.value;
      } catch (thrown) {
        close();
        if (packed.failure !== null) throw packed.failure;
        if (thrown instanceof AppFailure) throw thrown;
        throw bad(upstream, `sent an answer that cannot be unpacked (${encoding})`);
      }
    },
    close,
    finish: close,
  };
}

/** What the upstream's own reading threw says more than what the unpacker makes of it. */
async function* chunksOf(
  answer: HttpAnswer,
  packed: { failure: Error | null },
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (let chunk = await answer.read(); chunk !== null; chunk = await answer.read()) yield chunk;
  } catch (thrown) {
    packed.failure = thrown instanceof Error ? thrown : null;
    throw thrown;
  }
}

function unpackerOf(encoding: string): Transform | null {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    default:
      return null;
  }
}

function bad(upstream: string, what: string): AppFailure {
  return new AppFailure('upstream_bad_response', `“${upstream}” ${what}. Switch compression off there.`);
}
