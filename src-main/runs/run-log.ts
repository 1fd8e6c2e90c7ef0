import type { EventDraft, LoggedEvent } from '#contract/events';
import { applyRunEvent, emptyRunView, type RunView } from '#contract/run-view';
import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { Committer } from '../store/committer.ts';
import type { EventRepository } from '../store/event-repository.ts';
import type { SessionRepository } from '../store/session-repository.ts';

export interface LogWrite<T> {
  drafts: EventDraft[];
  result: T;
}

export type LogListener = (event: LoggedEvent) => void;

/**
 * The only truth about what happened in a session. Gives each event its place (`seq`), stores it in a transaction, and
 * only then tells anyone. Holds the fold of every live run, so a snapshot is a look and not a replay.
 */
export class RunLog {
  readonly #committer: Committer;
  readonly #events: EventRepository;
  readonly #sessions: SessionRepository;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #views = new Map<string, RunView>();
  readonly #listeners = new Set<LogListener>();

  constructor(parts: {
    committer: Committer;
    events: EventRepository;
    sessions: SessionRepository;
    clock: Clock;
    logger: Logger;
  }) {
    this.#committer = parts.committer;
    this.#events = parts.events;
    this.#sessions = parts.sessions;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Hears every committed event of every session, in order, in the turn of its commit. Returns the unsubscribe. */
  subscribe(listener: LogListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The fold of a session's live run, or null when it has none. */
  liveView(sessionId: string): RunView | null {
    return this.#views.get(sessionId) ?? null;
  }

  /** Takes up an unfinished run of an earlier process by folding what it had logged. */
  restore(sessionId: string, runId: string): RunView {
    let view: RunView = emptyRunView(sessionId);
    for (const event of this.#events.ofRun(runId)) view = applyRunEvent(view, event);
    const restored = { ...view, lastSeq: this.#sessions.lastSeq(sessionId) };
    this.#views.set(sessionId, restored);
    return restored;
  }

  /** Forgets a session that was deleted. */
  drop(sessionId: string): void {
    this.#views.delete(sessionId);
  }

  /**
   * Appends events together with whatever rows belong to them, in one transaction.
   *
   * `work` reads and writes the database and says which events go out; it may run more than once and must not touch
   * memory. It is given the live fold as of the last commit, so callers await each write before the next one of the same
   * session, and the time that its events will carry, so that rows and events tell the same. `committed` runs once, after the commit and before any listener.
   *
   * @param options.patient waits while the disk is full or the database is locked instead of failing.
   * @throws AppFailure as `Committer.commit` does, and whatever `work` throws.
   */
  async write<T>(
    sessionId: string,
    work: (view: RunView | null, nowMs: number) => LogWrite<T>,
    options: { patient?: boolean; committed?: (result: T) => void } = {},
  ): Promise<T> {
    const { result } = await this.#committer.commit(
      () => {
        const nowMs = this.#clock.now();
        const { drafts, result } = work(this.#views.get(sessionId) ?? null, nowMs);
        if (drafts.length === 0) return { events: [], result };
        const firstSeq = this.#sessions.takeSeqs(sessionId, drafts.length);
        return { events: this.#events.append(sessionId, firstSeq, drafts, nowMs), result };
      },
      {
        patient: options.patient ?? false,
        committed: ({ events, result }) => {
          this.#fold(sessionId, events);
          options.committed?.(result);
          for (const event of events) this.#notify(event);
        },
      },
    );
    return result;
  }

  /** Appends events that bring no rows of their own. */
  append(sessionId: string, drafts: EventDraft[], options: { patient?: boolean } = {}): Promise<void> {
    return this.write(sessionId, () => ({ drafts, result: undefined }), options);
  }

  #fold(sessionId: string, events: readonly LoggedEvent[]): void {
    for (const event of events) {
      const known = this.#views.get(sessionId);
      if (known === undefined && event.event !== 'run.peer_user_message') continue;
      const base = known ?? { ...emptyRunView(sessionId), lastSeq: event.seq - 1 };
      const view = applyRunEvent(base, event);
      // Rows of an ended run are in the store; only a live run is held here.
      if (view.run === null) this.#views.delete(sessionId);
      else this.#views.set(sessionId, view);
    }
  }

  #notify(event: LoggedEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        // One listener's fault must neither undo a commit nor keep the others from hearing of it.
        this.#logger.error(describeThrown(thrown), 'a listener of the run log threw');
      }
    }
  }
}
