import type { LoggedEvent } from '#contract/events';
import { TERMINAL_EVENTS } from '#contract/events';
import type { Message } from '#contract/message';
import { isTerminalStatus } from '#contract/records';
import { AppFailure } from '../../platform/app-failure.ts';
import { describeThrown, type Logger } from '../../platform/logger.ts';
import type { RunLog } from '../../runs/run-log.ts';
import type { ListedRun } from '../../store/run-pages.ts';
import type { Store } from '../../store/store.ts';
import { bareFrames, type Frame, frameId, PLACES_PER_EVENT, RunFrames, type StreamMode } from './run-frames.ts';
import type { SseConnection } from './sse-connection.ts';
import { encodeBare, encodeFrame, readEventId, type StreamBytes } from './sse-frame.ts';
import { type EncodedFrame, StreamLane } from './stream-lane.ts';

/** What is written at once; a reader that does not read has no more than this waiting beside its socket's buffer. */
const GROUP_BYTES = 64 * 1024;
/** Events that a reader from further back takes at once; between two slices everybody else has a turn. */
const SLICE_EVENTS = 200;

/** A stream that is being written, in one choice of modes. */
interface LiveLane {
  lane: StreamLane;
  frames: RunFrames;
}

/** A run that somebody listens to or waits for. */
interface Watched {
  threadId: string;
  lanes: Map<string, LiveLane>;
  /** Called once, when the run has ended or is gone. */
  ends: Set<() => void>;
  /** Its conversation was deleted before it could end: nothing more comes. */
  isGone: boolean;
}

/** What became of a reader. `gap`: it was told to take what is stored. */
export type FollowEnd = 'ended' | 'left' | 'sent-away' | 'gap';

/** What a reader wants to see. */
export interface Wanted {
  modes: ReadonlySet<StreamMode>;
  /** The shown rows before the run's own; null has them read when they are needed, on the main thread. */
  before: readonly Message[] | null;
}

/** Where a reader begins. */
type Start = { place: number } | 'gap';

/**
 * The event streams of runs. What is live is made once for all readers of the same modes and held for a moment
 * (`StreamLane`); everything older is read from the log (decision 3). So a reader that is slow costs nothing but its time, and
 * a stream outlives its readers and this process.
 */
export class RunStreams {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #watched = new Map<string, Watched>();
  readonly #unsubscribe: () => void;
  #readers = 0;

  constructor(parts: { store: Store; log: RunLog; logger: Logger }) {
    this.#store = parts.store;
    this.#logger = parts.logger;
    this.#unsubscribe = parts.log.subscribe((event) => this.#heard(event));
  }

  /** Open event streams. */
  get readers(): number {
    return this.#readers;
  }

  /** Readers of one run. */
  readersOf(runId: string): number {
    let count = 0;
    for (const { lane } of this.#watched.get(runId)?.lanes.values() ?? []) count += lane.readers.size;
    return count;
  }

  #heard(event: LoggedEvent): void {
    const watched = event.run_id === undefined ? undefined : this.#watched.get(event.run_id);
    if (watched !== undefined) {
      for (const { lane, frames } of watched.lanes.values()) {
        if (!lane.isEnded) lane.publish(frames.next(event));
      }
      if ((TERMINAL_EVENTS as readonly string[]).includes(event.event)) this.#tellEnd(watched);
    }
    // A message that was taken out of the queue ends without ever having begun.
    if (event.event === 'run.queued') this.#endUnbegun((one) => one.threadId === event.session_id);
  }

  #tellEnd(watched: Watched): void {
    const ends = [...watched.ends];
    watched.ends.clear();
    for (const end of ends) end();
  }

  #endUnbegun(concerns: (watched: Watched) => boolean): void {
    for (const [runId, watched] of this.#watched) {
      if (!concerns(watched)) continue;
      const run = this.#store.runPages.run(runId);
      if (run !== null && !isTerminalStatus(run.status)) continue;
      watched.isGone ||= run === null;
      for (const { lane, frames } of watched.lanes.values()) {
        if (lane.isEnded || (run !== null && frames.lastSeq > 0)) continue;
        if (run !== null) lane.publish(this.#bareFramesOf(run));
      }
      for (const { lane } of watched.lanes.values()) for (const wake of lane.readers) wake();
      this.#tellEnd(watched);
    }
  }

  /** A conversation is gone: whoever listens to its runs is sent away. */
  threadDeleted(threadId: string): void {
    this.#endUnbegun((one) => one.threadId === threadId);
  }

  /** Resolves when a run has ended, or is gone. Never rejects; the caller leaves by its signal. */
  async ended(run: { id: string; sessionId: string }, signal: AbortSignal): Promise<void> {
    const known = this.#store.runPages.run(run.id);
    if (known === null || isTerminalStatus(known.status) || signal.aborted) return;
    const watched = this.#watch(run);
    await new Promise<void>((resolve) => {
      const done = () => {
        watched.ends.delete(done);
        signal.removeEventListener('abort', done);
        this.#forget(run.id, watched);
        resolve();
      };
      watched.ends.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #watch(run: { id: string; sessionId: string }): Watched {
    const known = this.#watched.get(run.id);
    if (known !== undefined) return known;
    const watched: Watched = { threadId: run.sessionId, lanes: new Map(), ends: new Set(), isGone: false };
    this.#watched.set(run.id, watched);
    return watched;
  }

  #forget(runId: string, watched: Watched): void {
    for (const [key, { lane }] of watched.lanes) if (lane.readers.size === 0) watched.lanes.delete(key);
    if (watched.lanes.size === 0 && watched.ends.size === 0 && this.#watched.get(runId) === watched) {
      this.#watched.delete(runId);
    }
  }

  #framesFor(run: ListedRun, { modes, before }: Wanted): RunFrames {
    return new RunFrames({
      threadId: run.sessionId,
      runId: run.id,
      assistantId: run.options.profile,
      modes,
      before: () => before ?? this.#store.runPages.messagesBeforeRun(run.sessionId, run.id),
      isRolledBack: () => isRolledBack(this.#store.runPages.run(run.id)),
    });
  }

  #bareFramesOf(run: ListedRun): Frame[] {
    const { rows } = this.#store.runPages.events(run.id, { limit: 1 });
    const ends = this.#store.runPages.events(run.id, { limit: 1 }, TERMINAL_EVENTS);
    const endedAtMs = run.endedAtMs ?? run.createdAtMs;
    const first = rows[0];
    const last = ends.rows[0];
    return bareFrames({
      threadId: run.sessionId,
      runId: run.id,
      assistantId: run.options.profile,
      isRolledBack: isRolledBack(run),
      first: first === undefined ? { seq: 0, ms: endedAtMs } : { seq: first.seq, ms: first.ts },
      last: last === undefined ? { seq: 0, ms: endedAtMs } : { seq: last.seq, ms: last.ts },
    });
  }

  /** A run of which only that it ended is to be told. */
  #isBare(run: ListedRun): boolean {
    return (
      isTerminalStatus(run.status) && (isRolledBack(run) || this.#store.runPages.edges(run.sessionId, run.id) === null)
    );
  }

  /** Checks a position against the log: it must be an event of this run that still says what was heard. */
  #start(run: ListedRun, lastEventId: string | undefined): Start {
    const at = readEventId(lastEventId);
    const isCopy = isTerminalStatus(run.status) && run.startedAtMs !== null && !isRolledBack(run);
    if (isCopy && this.#store.runPages.edges(run.sessionId, run.id) === null) return 'gap';
    if (at === 'start') return { place: -1 };
    if (at === 'unreadable') return 'gap';
    if (this.#isBare(run)) {
      return this.#bareFramesOf(run).some((frame) => frame.place === at.place && frame.ms === at.ms) ? at : 'gap';
    }
    const event = this.#store.runPages.eventAt(run.sessionId, Math.floor(at.place / PLACES_PER_EVENT));
    if (event === null || event.runId !== run.id || event.atMs !== at.ms) return 'gap';
    // Its neighbours may have been joined to it since: what came after it would be missing without a word.
    const isText = event.event === 'message.delta' || event.event === 'reasoning.delta';
    return isText && this.#store.runPages.isCompacted(run.id) ? 'gap' : at;
  }

  /** The frame that says that a position cannot be served. It has no id. */
  #gap(run: ListedRun, requested: string): StreamBytes {
    const edges = this.#store.runPages.edges(run.sessionId, run.id);
    const id = (edge: [number, number], kind: number) =>
      frameId({ place: edge[0] * PLACES_PER_EVENT + kind, ms: edge[1] });
    return encodeBare('gap', {
      code: 'stream_replay_gap',
      run_id: run.id,
      requested_event_id: requested,
      earliest_available_event_id: edges === null ? null : id(edges.first, 0),
      latest_available_event_id: edges === null ? null : id(edges.last, 0),
      recovery: 'reload_durable_state',
    });
  }

  /**
   * Writes a run's stream to a reader from its position to the end, and closes it. Returns when that is done or the reader has
   * gone. One more reader of the same run and modes costs no more than its own bytes.
   *
   * @throws AppFailure `not_found` for a run that is neither live nor stored; nothing was written then.
   */
  async follow(
    runId: string,
    wanted: Wanted,
    lastEventId: string | undefined,
    connect: () => SseConnection,
  ): Promise<FollowEnd> {
    const run = this.#store.runPages.run(runId);
    if (run === null) throw new AppFailure('not_found', 'There is no such run.');
    const start = this.#start(run, lastEventId);
    const connection = connect();
    this.#readers++;
    try {
      if (start === 'gap') {
        connection.end(this.#gap(run, lastEventId ?? ''));
        return 'gap';
      }
      const end = this.#isBare(run)
        ? await this.#writeAll(
            connection,
            this.#bareFramesOf(run).filter((frame) => frame.place > start.place),
          )
        : await this.#followLane(run, wanted, start.place, connection, lastEventId ?? '');
      if (end === 'ended') connection.end();
      return end;
    } catch (thrown) {
      this.#logger.error({ run: runId, ...describeThrown(thrown) }, 'a stream of a run broke');
      connection.end();
      return 'sent-away';
    } finally {
      this.#readers--;
    }
  }

  async #writeAll(connection: SseConnection, frames: readonly Frame[]): Promise<FollowEnd> {
    for (const frame of frames) {
      if (!(await writable(connection))) return connection.isLeft ? 'left' : 'sent-away';
      connection.write(encodeFrame(frame));
    }
    return 'ended';
  }

  /** The lane of a run in these modes, caught up with the log. Synchronous, so that no event falls between. */
  #lane(run: ListedRun, wanted: Wanted, watched: Watched): StreamLane {
    const key = [...wanted.modes].sort().join();
    const known = watched.lanes.get(key);
    if (known !== undefined) return known.lane;
    const frames = this.#framesFor(run, wanted);
    let lastPlace = -1;
    for (const event of this.#store.events.ofRun(run.id)) lastPlace = frames.next(event).at(-1)?.place ?? lastPlace;
    const lane = new StreamLane(lastPlace);
    watched.lanes.set(key, { lane, frames });
    return lane;
  }

  async #followLane(
    run: ListedRun,
    wanted: Wanted,
    from: number,
    connection: SseConnection,
    requested: string,
  ): Promise<FollowEnd> {
    const isSettled = isTerminalStatus(run.status);
    const watched = isSettled ? null : this.#watch(run);
    const lane = watched === null ? null : this.#lane(run, wanted, watched);
    let wake: () => void = () => undefined;
    const woken = () => wake();
    connection.wake = woken;
    lane?.readers.add(woken);
    const older = this.#older(run, wanted);
    let place = from;
    if (isEndPlace(from)) return 'ended';
    try {
      for (;;) {
        if (connection.isClosed) return connection.isLeft ? 'left' : 'sent-away';
        const held: EncodedFrame[] | null = lane === null ? null : lane.after(place);
        const batch = held ?? older(place);
        if (batch === 'over') {
          // Read to the end without an end: the log of this run is gone, with its conversation.
          connection.end(this.#gap(run, requested));
          return 'gap';
        }
        for (let from = 0; from < batch.length; ) {
          if (!connection.isWritable && !(await writable(connection, (next) => (wake = next)))) break;
          const group = groupFrom(batch, from);
          connection.write(...group.map((frame) => frame.bytes));
          from += group.length;
          place = group.at(-1)?.place ?? place;
          if (isEndPlace(place)) return 'ended';
        }
        if (held === null || batch.length > 0) {
          // A slice of the log was read, or written: the others have their turn.
          if (held === null) await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
        if (lane?.isEnded === true) return 'ended';
        if (watched?.isGone === true) {
          connection.end(this.#gap(run, requested));
          return 'gap';
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      lane?.readers.delete(woken);
      if (watched !== null) this.#forget(run.id, watched);
    }
  }

  /** Reads frames from the log, slice by slice. `over` when there is no further event. */
  #older(run: ListedRun, wanted: Wanted): (place: number) => EncodedFrame[] | 'over' {
    let frames: RunFrames | null = null;
    let seq = 0;
    return (place) => {
      frames ??= this.#framesFor(run, wanted);
      const { rows } = this.#store.runPages.events(run.id, { after: seq, limit: SLICE_EVENTS });
      if (rows.length === 0) return 'over';
      const encoded: EncodedFrame[] = [];
      for (const event of rows) {
        for (const frame of frames.next(event)) {
          if (frame.place > place) encoded.push({ place: frame.place, bytes: encodeFrame(frame) });
        }
      }
      seq = rows.at(-1)?.seq ?? seq;
      return encoded;
    };
  }

  stop(): void {
    this.#unsubscribe();
    for (const watched of this.#watched.values()) this.#tellEnd(watched);
  }
}

/** Frames that go out as one write: as many as fit, and one where it alone is larger. */
function groupFrom(batch: readonly EncodedFrame[], from: number): readonly EncodedFrame[] {
  let to = from;
  let bytes = 0;
  while (to < batch.length) {
    bytes += batch[to]?.bytes.chunk.length ?? 0;
    if (to > from && bytes > GROUP_BYTES) break;
    to++;
  }
  return batch.slice(from, to);
}

function isRolledBack(run: ListedRun | null): boolean {
  return run?.status === 'error' && run.error === 'Rolled back by user';
}

function isEndPlace(place: number): boolean {
  return place % PLACES_PER_EVENT === PLACES_PER_EVENT - 1;
}

/** Waits until a reader takes more. @returns false when it has gone. */
async function writable(
  connection: SseConnection,
  sleep: (wake: () => void) => void = (wake) => {
    connection.wake = wake;
  },
): Promise<boolean> {
  while (!connection.isWritable) {
    if (connection.isClosed) return false;
    await new Promise<void>((resolve) => sleep(resolve));
  }
  return true;
}
