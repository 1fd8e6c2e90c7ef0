import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { AppFailure } from '../../platform/app-failure.ts';
import { withoutMark } from '../../platform/byte-order-mark.ts';
import type { HttpAnswer } from '../http-answer.ts';
import { MAX_STREAM_BYTES } from '../http-client.ts';
import { lostConnection } from '../map-network-error.ts';
import { refusalWords } from '../refusal-words.ts';
import type { UpstreamContext } from '../upstream-adapter.ts';

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
  const unpackerFor = UNPACKERS.get(encoding);
  if (unpackerFor === undefined) {
    answer.close();
    throw bad(upstream, `sent its answer packed in a way that is not known here (${encoding.slice(0, 40)})`);
  }
  const packed: { failure: Error | null } = { failure: null };
  const source = chunksOf(answer, packed);
  let unpacker: Transform | null = null;
  let whole: Readable | null = null;
  let chunks: AsyncIterator<Buffer> | null = null;
  let bytes = 0;
  const close = () => {
    answer.close();
    whole?.destroy();
    unpacker?.destroy();
  };
  const begin = async () => {
    const first = await source.next();
    if (first.done === true) return EMPTY;
    const made = unpackerFor(first.value[0] ?? 0);
    unpacker = made;
    whole = Readable.from(goOn(first.value, source));
    whole.on('error', (thrown) => made.destroy(thrown));
    return whole.pipe(made)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  };
  return {
    async read() {
      try {
        chunks ??= await begin();
        const next = await chunks.next();
        if (next.done === true) return null;
        bytes += next.value.length;
        if (bytes > MAX_STREAM_BYTES) throw bad(upstream, 'sent an answer that is too large once it is unpacked');
        return next.value;
      } catch (thrown) {
        close();
        if (packed.failure !== null) throw packed.failure;
        if (thrown instanceof AppFailure) throw thrown;
        if (answer.endsByClose && isCutShort(thrown)) throw lostConnection(null, upstream);
        throw bad(upstream, `sent an answer that cannot be unpacked (${encoding})`);
      }
    },
    close,
    finish: close,
  };
}

/** What a refusal says, unpacked, as `refusalWords`; nothing where it is packed in a way that is not known here. */
export async function unpackedWords(answer: HttpAnswer, { target, clock }: UpstreamContext): Promise<string> {
  let body: AnswerBytes;
  try {
    body = readUnpacked(answer, target.profileName);
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown;
    return '';
  }
  return withoutMark(await refusalWords(body, clock)).toString('utf8');
}

/** The beginning of a body; a longer one is closed. @throws as `AnswerBytes.read`. */
export async function readAtMost(body: AnswerBytes, maxBytes: number): Promise<Buffer> {
  const arrived = body.arrived?.() ?? null;
  if (arrived !== null) return arrived;
  const chunks: Buffer[] = [];
  let size = 0;
  while (size < maxBytes) {
    const chunk = await body.read();
    if (chunk === null) break;
    chunks.push(chunk);
    size += chunk.length;
  }
  if (size >= maxBytes) body.close();
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
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

async function* goOn(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  yield* rest;
}

const EMPTY: AsyncIterator<Buffer> = { next: () => Promise.resolve({ done: true, value: undefined }) };

/** By the name of the packing, from the first byte on. */
const UNPACKERS: ReadonlyMap<string, (first: number) => Transform> = new Map<string, (first: number) => Transform>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  // Some servers send deflate without the head that its standard wants; every browser reads both.
  ['deflate', (first) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw())],
  ['br', () => createBrotliDecompress()],
  ['zstd', () => createZstdDecompress()],
]);

/** All ways of packing say so in the same way. */
function isCutShort(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'Z_BUF_ERROR';
}

function bad(upstream: string, what: string): AppFailure {
  return new AppFailure('upstream_bad_response', `“${upstream}” ${what}. Switch compression off there.`);
}
