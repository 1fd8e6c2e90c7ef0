import type { ServerResponse } from 'node:http';
import { errorHeaders, pingFrame, toldError } from '../../gateway/relay/told-error.ts';
import { UpstreamRefusal } from '../../gateway/relay/upstream-refusal.ts';
import { errorBody, errorFrames, type WireProtocol } from '../../gateway/translate/translation.ts';
import type { Clock } from '../../platform/clock.ts';
import type { FailureAnswer } from '../api-route.ts';
import { ResponseSoFar } from './response-so-far.ts';

/** Silence after which a sign of life is sent, while the upstream's own deadline runs. */
export const PING_EVERY_MS = 15_000;
/** A program that takes nothing for so long has gone without saying so. */
const STALLED_MS = 120_000;

/** A failure before anything was answered, in the protocol's shape; the upstream's own words where they are the program's to read. */
export function failureAnswer(protocol: WireProtocol, thrown: unknown): FailureAnswer {
  if (thrown instanceof UpstreamRefusal && thrown.isOfRequest) {
    const { status, headers, body } = thrown.raw;
    return { status, headers, text: body };
  }
  const error = toldError(thrown);
  const text = JSON.stringify(errorBody(protocol, error));
  return { status: error.status, headers: errorHeaders(error), text };
}

/**
 * Writes the head that was given, then frames as fast as the program takes them, with signs of life while the upstream is
 * silent. What breaks an answer that has begun is told as the protocol's own error, and nothing is made up after it (BUG-D8).
 *
 * Resolves when all is written or the program has left; the frames are given back then.
 */
export async function writeFrames(
  response: ServerResponse,
  frames: AsyncGenerator<Buffer, void, undefined>,
  parts: { protocol: WireProtocol; clock: Clock; scrub: (text: string) => string; pingEveryMs?: number },
): Promise<'written' | 'left' | { thrown: unknown }> {
  const { protocol, clock, scrub, pingEveryMs = PING_EVERY_MS } = parts;
  const ping = Buffer.from(pingFrame(protocol));
  const soFar = protocol === 'openai-responses' ? new ResponseSoFar() : null;
  let cancelPing: () => void = () => undefined;
  // The head goes out with the first bytes where those are there already, else by itself.
  const head = setImmediate(() => response.flushHeaders());
  let lastAtMs = clock.now();
  // One timer for all frames: it looks at the time of the last one when it fires. One for each would be made for nothing.
  const rest = (forMs: number) => {
    cancelPing = clock.after(forMs, () => {
      const silentMs = clock.now() - lastAtMs;
      // A clock that was set back is not waited for.
      if (silentMs >= 0 && silentMs < pingEveryMs) return rest(pingEveryMs - silentMs);
      if (!response.writableNeedDrain && !response.destroyed) response.write(ping);
      lastAtMs = clock.now();
      rest(pingEveryMs);
    });
  };
  try {
    rest(pingEveryMs);
    for await (const bytes of frames) {
      if (response.destroyed) return 'left';
      clearImmediate(head);
      soFar?.passed(bytes);
      if (!response.write(bytes) && !(await drained(response, clock))) return 'left';
      lastAtMs = clock.now();
    }
    response.end();
    return 'written';
  } catch (thrown) {
    if (response.destroyed) return 'left';
    const place = soFar === null ? undefined : { nextSequence: soFar.nextSequence(), response: soFar.response() };
    response.end(scrub(errorFrames(protocol, toldError(thrown), place)));
    return { thrown };
  } finally {
    cancelPing();
    clearImmediate(head);
  }
}

/** @returns false when the program has left, or takes nothing any more. */
function drained(response: ServerResponse, clock: Clock): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  if (!response.writableNeedDrain) return Promise.resolve(true);
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      response.off('drain', done);
      response.off('close', done);
      resolve(!response.destroyed);
    };
    const cancel = clock.after(STALLED_MS, () => response.destroy());
    response.on('drain', done);
    response.on('close', done);
  });
}
