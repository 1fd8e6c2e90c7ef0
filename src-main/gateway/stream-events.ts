import type { Usage } from '#contract/events';
import type { AppFailure } from '../platform/app-failure.ts';
import { failureOf, toAppFailure } from '../platform/app-failure.ts';
import type { HttpAnswer } from './http-answer.ts';
import { type SseFrame, SseParser } from './sse-parser.ts';
import { isUpstreamTerminal, type UpstreamEvent, type UpstreamTerminal } from './upstream-event.ts';

/** Turns the frames of one answer into events. Stateful: one object an answer. */
export interface FrameDecoder {
  /** Figures so far, for an answer that ends before its time. */
  readonly usage: Usage | null;
  decode(frame: SseFrame): UpstreamEvent[];
  /** What it means that the stream ended in order here, without a terminal event before. */
  end(): UpstreamEvent[];
}

/**
 * An event stream from bytes to its one terminal event; one batch a network chunk. Owns the answer: it is over or closed
 * when the iterable ends, also when the reader leaves early. Never throws: what goes wrong is a `failed` event, an
 * aborted signal a `cancelled` one.
 */
export async function* streamEvents(
  answer: HttpAnswer,
  decoder: FrameDecoder,
  signal: AbortSignal,
  upstream: string,
): AsyncGenerator<readonly UpstreamEvent[], void, undefined> {
  const parser = new SseParser();
  let isComplete = false;
  try {
    for (;;) {
      const chunk = await answer.read();
      if (chunk === null) {
        isComplete = true;
        yield upToTerminal(decoder.end());
        return;
      }
      const { frames, overflow } = parser.push(chunk);
      const events = upToTerminal(frames.flatMap((frame) => decoder.decode(frame)));
      if (events.some(isUpstreamTerminal)) {
        isComplete = true;
        // Before the reader gets the news: it may never come back for more.
        answer.finish();
        yield events;
        return;
      }
      if (events.length > 0) yield events;
      if (overflow) throw oversizedFrame(upstream);
    }
  } catch (thrown) {
    isComplete = true;
    answer.close();
    yield [terminalOfThrow(thrown, signal, decoder.usage)];
  } finally {
    if (!isComplete) answer.close();
  }
}

/** The terminal event for something thrown while an answer was read. */
export function terminalOfThrow(thrown: unknown, signal: AbortSignal, usage: Usage | null): UpstreamTerminal {
  if (signal.aborted) return { type: 'cancelled', usage };
  return { type: 'failed', error: toAppFailure(thrown).toAppError(), usage };
}

/** Nothing comes after a terminal event, whatever an upstream sends. */
export function upToTerminal(events: UpstreamEvent[]): UpstreamEvent[] {
  const at = events.findIndex(isUpstreamTerminal);
  return at < 0 ? events : events.slice(0, at + 1);
}

function oversizedFrame(upstream: string): AppFailure {
  return failureOf('upstream_bad_response', { word: 'piece_of_answer_too_large', with: { upstream } });
}
