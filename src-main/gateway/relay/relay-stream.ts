import type { Usage } from '#contract/events';
import { AppFailure } from '../../platform/app-failure.ts';
import type { Clock } from '../../platform/clock.ts';
import { callFailureOf } from '../call-failure.ts';
import type { CallRecord } from '../call-record.ts';
import { parseJson } from '../json.ts';
import type { Attempt, KeyedCall } from '../keyed-call.ts';
import { toFailure } from '../read-answer.ts';
import { SseParser } from '../sse-parser.ts';
import type { FrameDecoder } from '../stream-events.ts';
import type { StreamTranslator } from '../translate/translation.ts';
import { isUpstreamTerminal, type UpstreamEvent, type UpstreamTerminal } from '../upstream-event.ts';
import { FrameCutter, MAX_FRAME_BYTES } from './frame-cutter.ts';
import { quickText } from './quick-delta.ts';
import type { Answerer, RelayTrack } from './relay-port.ts';
import type { TakenStream } from './send-request.ts';
import { wireDecoder } from './wire-decoder.ts';

/** Lifecycle frames are held this far while another key could still take over unseen. */
const MAX_HELD_BYTES = 256 * 1024;
const MAX_HELD_FRAMES = 64;
/** After its last word an upstream gets this long to end its stream; what it says in that time goes through as well. */
const DRAIN_MS = 250;

export interface RelayStreamParts {
  clock: Clock;
  signal: AbortSignal;
  track: RelayTrack;
  model: string | null;
  first: Attempt<TakenStream>;
  end: KeyedCall<unknown>['end'];
  /** Books the failure and asks again. @throws what was the last word. */
  again: (attempt: Attempt<TakenStream>, failure: AppFailure) => Promise<Attempt<TakenStream>>;
  /** Its first part goes out: nobody is asked again from here on. */
  shown: () => void;
  /** What a request says that goes on from an answer that begins so; null where none can. */
  nameOf: (bytes: Buffer) => string | null;
  /** The request is over, whatever became of it. */
  over: () => void;
}

/** How one upstream's stream ended. */
type Ending =
  /** Before anything was shown: another key may mend it. */
  | { kind: 'again'; failure: AppFailure }
  /** In order, or with an error that has been passed on in the upstream's own words. */
  | { kind: 'over' }
  /** It broke, and nothing was said of it yet. */
  | { kind: 'broke'; thrown: unknown };

/**
 * A streamed answer on its way from an upstream to a program: whole frames, read for the books as they pass, with the key
 * given back and the call booked when it is over (BUG-D2). Until its first part nothing is handed out, and a failure may
 * move the request to another key; after it never (E10-15). Its end is the upstream's own (BUG-D8).
 */
export class RelayStream {
  readonly #parts: RelayStreamParts;
  #attempt: Attempt<TakenStream>;
  #firstPartMs: number | null = null;
  #usage: Usage | null = null;
  #goesOnAs: string | null = null;
  #told: AppFailure | null = null;
  #isBooked = false;
  #isSettled = false;
  #isComplete = false;

  constructor(parts: RelayStreamParts) {
    this.#parts = parts;
    this.#attempt = parts.first;
  }

  /** Who answers now. */
  get answerer(): Answerer {
    return { credentialId: this.#attempt.lease?.credentialId ?? null, model: this.#parts.model };
  }

  /** The head of the answer that is read now: until the first part it may be another one than at the beginning. */
  get head(): Pick<TakenStream, 'status' | 'headers'> {
    return this.#attempt.value;
  }

  /** What went wrong and was passed on in the upstream's own words; null while, and where, nothing did. */
  get told(): AppFailure | null {
    return this.#told;
  }

  /** Whether the upstream's last word was a good one, and is among the frames that were handed out. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** @throws what broke the answer; the signal's reason when it aborted. */
  async *frames(): AsyncGenerator<Buffer, void, undefined> {
    try {
      for (;;) {
        const ending = yield* this.#read(this.#attempt.value);
        if (ending.kind === 'over') return;
        if (ending.kind === 'broke') throw ending.thrown;
        await this.#moveOn(ending.failure);
      }
    } finally {
      // Harmless where all of it was done; else the program has left in the middle.
      this.#attempt.value.body.close();
      this.#book({ outcome: 'aborted', failure: null });
      this.#settle(true);
      this.#parts.over();
    }
  }

  async #moveOn(failure: AppFailure): Promise<void> {
    const { again, track, signal } = this.#parts;
    this.#isBooked = true;
    try {
      this.#attempt = await again(this.#attempt, failure);
    } catch (thrown) {
      if (!signal.aborted) track.hear({ type: 'failed', error: failure.toAppError(), usage: this.#usage });
      this.#settle(signal.aborted);
      throw thrown;
    }
    this.#isBooked = false;
    this.#goesOnAs = null;
    this.#usage = null;
    this.#told = null;
  }

  async *#read(taken: TakenStream): AsyncGenerator<Buffer, Ending, undefined> {
    const { signal, clock } = this.#parts;
    const reader = new FrameReader(taken);
    let held: Buffer[] | null = [];
    let heldBytes = 0;
    let terminal: UpstreamTerminal | null = null;
    let isErrorTold = false;
    let cancelDrain: () => void = NOTHING;
    try {
      for (;;) {
        const chunk = await taken.body.read();
        const read = chunk === null ? reader.end(terminal !== null) : reader.push(chunk);
        if (read === null) continue;
        if (held !== null) this.#goesOnAs ??= this.#parts.nameOf(read.bytes);
        if (terminal === null) {
          terminal = this.#hear(read.events, held !== null);
          isErrorTold = chunk !== null && read.isErrorTold;
          if (terminal?.type === 'failed' && isErrorTold) this.#told = toFailure(terminal.error);
        }
        const isShown = held === null || this.#firstPartMs !== null;
        if (terminal?.type === 'failed' && !isShown) return { kind: 'again', failure: toFailure(terminal.error) };
        const isFailed = terminal?.type === 'failed';
        const isLast = chunk === null || (isFailed && !(isErrorTold && saysErrorsTwice(taken)));
        if (held !== null) {
          held.push(read.bytes);
          heldBytes += read.bytes.length;
          const isFull = heldBytes > MAX_HELD_BYTES || reader.frames > MAX_HELD_FRAMES;
          if (this.#firstPartMs !== null || terminal !== null || isFull || isLast) {
            const [only] = held;
            const all = held.length === 1 && only !== undefined ? only : Buffer.concat(held);
            held = null;
            this.#parts.shown();
            if (all.length > 0) yield all;
          }
        } else if (read.bytes.length > 0) yield read.bytes;
        if (terminal?.type === 'failed' && !isErrorTold) return { kind: 'broke', thrown: toFailure(terminal.error) };
        if (isLast) return { kind: 'over' };
        if (terminal !== null && cancelDrain === NOTHING) cancelDrain = clock.after(DRAIN_MS, () => taken.body.close());
      }
    } catch (thrown) {
      // The answer was complete before; how its connection ends changes nothing.
      if (terminal !== null) return { kind: 'over' };
      if (!(thrown instanceof AppFailure) || signal.aborted) return { kind: 'broke', thrown };
      if (held !== null && this.#firstPartMs === null) return { kind: 'again', failure: thrown };
      this.#hear([{ type: 'failed', error: thrown.toAppError(), usage: this.#usage }], false);
      return { kind: 'broke', thrown };
    } finally {
      cancelDrain();
    }
  }

  /**
   * @param isHeld nothing was handed out so far.
   * @returns the last word, where it is among the events.
   */
  #hear(events: readonly UpstreamEvent[], isHeld: boolean): UpstreamTerminal | null {
    const { track, clock } = this.#parts;
    for (const event of events) {
      if (event.type === 'usage') this.#usage = event.usage;
      else if (isUpstreamTerminal(event)) {
        // A failure before anything was shown is booked by whoever decides whether it is the last.
        if (event.type === 'failed' && isHeld && this.#firstPartMs === null) return event;
        track.hear(event);
        this.#bookTerminal(event);
        return event;
      } else if (this.#firstPartMs === null) {
        this.#firstPartMs = clock.now() - this.#attempt.startedAtMs;
        this.#attempt.lease?.answering();
      }
      track.hear(event);
    }
    return null;
  }

  #bookTerminal(terminal: UpstreamTerminal): void {
    if (terminal.usage !== null) this.#usage = terminal.usage;
    switch (terminal.type) {
      case 'completed':
        this.#isComplete = true;
        this.#book({ outcome: 'success', failure: null });
        break;
      case 'failed':
        this.#book({ outcome: 'failure', failure: callFailureOf(terminal.error) });
        break;
      case 'cancelled':
        this.#book({ outcome: 'aborted', failure: null });
        break;
    }
    this.#settle(false);
  }

  #book(how: Pick<CallRecord, 'outcome'> & { failure: ReturnType<typeof callFailureOf> }): void {
    if (this.#isBooked) return;
    this.#isBooked = true;
    this.#parts.end(this.#attempt, {
      ...how,
      usage: this.#usage,
      firstPartMs: this.#firstPartMs,
      goesOnAs: this.#goesOnAs,
    });
  }

  #settle(wasStopped: boolean): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#parts.track.settle(wasStopped);
  }
}

const NOTHING = () => undefined;
const NO_BYTES = Buffer.alloc(0);

interface FramesRead {
  /** In the client's protocol; may be empty. */
  bytes: Buffer;
  events: UpstreamEvent[];
  /** An error among them is told to the program by the bytes. */
  isErrorTold: boolean;
}

/** The bytes of one stream as whole frames in the client's protocol, with what they say. */
class FrameReader {
  readonly #cutter = new FrameCutter();
  readonly #parser = new SseParser(MAX_FRAME_BYTES);
  readonly #decoder: FrameDecoder;
  readonly #translator: StreamTranslator | null;
  readonly #taken: TakenStream;
  readonly #scrubber;
  #isQuick = false;
  frames = 0;

  constructor(taken: TakenStream) {
    this.#taken = taken;
    this.#decoder = wireDecoder(taken.protocol, taken.failures);
    this.#translator = taken.translation?.stream() ?? null;
    this.#scrubber = taken.scrub.bytes();
  }

  /** @returns null while no frame is complete. @throws AppFailure for a frame that is too large; TranslationFailure. */
  push(chunk: Buffer): FramesRead | null {
    const cut = this.#cutter.push(chunk);
    if (this.#cutter.waitingBytes > MAX_FRAME_BYTES) throw tooLarge(this.#taken.failures.upstream);
    if (cut === null) return null;
    const bytes = this.#scrubber?.scrub(cut) ?? cut;
    const { frames } = this.#parser.push(bytes);
    this.frames += frames.length;
    const events: UpstreamEvent[] = [];
    for (const frame of frames) {
      // Quick once the answer has begun: what the decoder knows of it by then does not change by text.
      const text = this.#isQuick ? quickText(this.#taken.protocol, frame.data) : null;
      if (text !== null) events.push({ type: 'text', text });
      else for (const event of this.#decoder.decode(frame)) events.push(event);
    }
    this.#isQuick ||= events.some((event) => event.type === 'text');
    const translator = this.#translator;
    const said = translator === null ? bytes : Buffer.from(frames.map((frame) => translator.push(frame)).join(''));
    return { bytes: said, events, isErrorTold: isTold(events) };
  }

  /**
   * The answer's end, where an upstream closed in order and left the blank line behind it out. Passed on as it came, as
   * nothing follows it. Half a frame is none: its data are no JSON.
   */
  #lastWord(isComplete: boolean): FramesRead | null {
    const { rest } = this.#cutter;
    if (rest.length === 0) return null;
    const bytes = this.#scrubber?.scrub(rest) ?? rest;
    const [frame] = new SseParser(MAX_FRAME_BYTES).push(Buffer.concat([bytes, BLANK_LINES])).frames;
    if (frame === undefined || (frame.data.trim() !== '[DONE]' && parseJson(frame.data) === null)) return null;
    const events = isComplete ? [] : this.#decoder.decode(frame);
    if (!isComplete && !events.some(isUpstreamTerminal)) events.push(...this.#decoder.end());
    if (!isComplete && !events.some((event) => event.type === 'completed')) return null;
    const translator = this.#translator;
    const said = translator === null ? bytes : Buffer.from(translator.push(frame) + translator.end().text);
    return { bytes: said, events, isErrorTold: false };
  }

  end(isComplete: boolean): FramesRead {
    const last = this.#lastWord(isComplete);
    if (last !== null) return last;
    const events = isComplete ? [] : this.#decoder.end();
    const isCut = events.some((event) => event.type === 'failed');
    const text = isCut ? '' : (this.#translator?.end().text ?? '');
    return { bytes: text === '' ? NO_BYTES : Buffer.from(text), events, isErrorTold: false };
  }
}

/** Behind an end that an upstream wrote without a blank line. */
const BLANK_LINES = Buffer.from('\n\n');

/** OpenAI lets a `response.failed` follow an `error`, and some programs read only one of them. */
function saysErrorsTwice({ protocol, translation }: TakenStream): boolean {
  return protocol === 'openai-responses' && translation === null;
}

/** What could not be read is no error of the upstream's own, and its bytes tell nobody. */
function isTold(events: readonly UpstreamEvent[]): boolean {
  return events.every((event) => event.type !== 'failed' || event.error.code !== 'upstream_bad_response');
}

function tooLarge(upstream: string): AppFailure {
  return new AppFailure(
    'upstream_bad_response',
    `“${upstream}” sent a single piece that is too large to be part of an answer, so it was cut off.`,
  );
}
