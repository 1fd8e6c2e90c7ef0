import { assertNever } from '#contract/assert-never';
import type { ApprovalChoice, ChatEvent, LoggedEvent, QueueState, ResumedPayload } from '#contract/events';
import { isEmptyInput, type RunInput } from '#contract/message';
import type { AbortAck, RunAck } from '#contract/routes';
import type { Settings } from '#contract/settings';
import { AppFailure } from '../platform/app-failure.ts';
import { describeThrown } from '../platform/logger.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { Store } from '../store/store.ts';
import { OneShotRun } from './one-shot-run.ts';
import { dequeueRows } from './queue-rows.ts';
import { recoverRuns } from './recover-runs.ts';
import type { ExecutorParts } from './run-executor.ts';
import type { RunLog } from './run-log.ts';
import { SessionActor } from './session-actor.ts';
import { takeSnapshot } from './snapshot.ts';

export interface RunRequest {
  input: RunInput;
  sessionId?: string;
  model?: string;
  instructions?: string;
  profile?: string;
  queueId?: string;
  idempotencyKey?: string;
  reasoningEffort?: 'low' | 'medium' | 'high';
  strategy?: 'enqueue' | 'interrupt' | 'reject' | 'rollback';
}

/** Replays are read in slices, so that a long log is never one query. */
const REPLAY_ROWS = 5000;
/** A viewer that is further behind draws the session anew: that costs less than so many events. */
const REPLAY_MOST = 10_000;
/** Quiet actors are small; this many may linger. */
const SWEEP_AT_LEAST = 64;

/**
 * The only door to runs: whoever wants one started, stopped, watched or queued asks here. Keeps one actor per session
 * that is busy and forgets it when it is quiet.
 */
export class RunService {
  readonly #parts: ExecutorParts & { store: Store; log: RunLog; settings: () => Settings };
  readonly #actors = new Map<string, SessionActor>();
  #closing = false;
  #sweepAt = SWEEP_AT_LEAST;

  constructor(parts: ExecutorParts & { store: Store; log: RunLog; settings: () => Settings }) {
    this.#parts = parts;
  }

  #actor(sessionId: string): SessionActor {
    if (this.#closing) throw new AppFailure('shutting_down', 'Sluice is closing. The message was not taken.');
    this.#forgetQuiet();
    let actor = this.#actors.get(sessionId);
    if (actor === undefined) {
      actor = new SessionActor(sessionId, { ...this.#parts, limits: this.#parts.settings });
      this.#actors.set(sessionId, actor);
    }
    return actor;
  }

  /** Drops actors that have nothing to do. Swept when their number doubled, so that a call costs no scan. */
  #forgetQuiet(): void {
    if (this.#actors.size < this.#sweepAt) return;
    for (const [id, known] of this.#actors) if (known.isQuiet) this.#actors.delete(id);
    this.#sweepAt = Math.max(SWEEP_AT_LEAST, this.#actors.size * 2);
  }

  /** Sessions that have an actor now; for tests and metrics. */
  get actorCount(): number {
    return this.#actors.size;
  }

  /** What a message is to be answered with, captured now (E2-19, decision 18). @throws AppFailure `not_found`. */
  #options(request: RunRequest, connectionProfile: string | null): RunOptions {
    const { store, settings } = this.#parts;
    const session = request.sessionId === undefined ? null : store.sessions.get(request.sessionId);
    const name = request.profile ?? connectionProfile ?? session?.profile ?? settings().defaultProfile;
    const profile = store.profiles.byName(name);
    if (profile === null) {
      throw new AppFailure(
        'not_found',
        `There is no profile called “${name}”. Choose one of: ${store.profiles
          .list()
          .map((known) => known.name)
          .join(', ')}.`,
        {
          retry: { kind: 'user-action', action: 'choose-model' },
        },
      );
    }
    // A session's model belongs to its profile; another profile would not know it.
    const sessionModel = session !== null && (session.profile ?? profile.name) === profile.name ? session.model : null;
    return {
      profile: profile.name,
      model: request.model ?? sessionModel ?? profile.default_model,
      instructions: request.instructions ?? null,
      reasoningEffort: request.reasoningEffort ?? null,
    };
  }

  /**
   * Takes a message for a session.
   *
   * @param connectionProfile the profile that the caller's connection named, if any.
   * @throws AppFailure `invalid_payload` for an empty message, `not_found` for an unknown profile, `queue_full`,
   *   `conflict_active_run`, `storage_*`. Nothing was taken then.
   */
  async submit(request: RunRequest & { sessionId: string }, connectionProfile: string | null): Promise<RunAck> {
    this.#assertInput(request.input);
    const options = this.#options(request, connectionProfile);
    const { storage } = this.#parts.store.committer;
    if (storage.state === 'read-only' && this.#actors.get(request.sessionId)?.state === 'settling') {
      throw new AppFailure('storage_full', storage.message ?? 'Nothing can be stored now.', {
        retry: { kind: 'user-action', action: 'free-disk-space' },
      });
    }
    return this.#actor(request.sessionId).submit({
      queueId: request.queueId ?? this.#parts.newId(),
      idempotencyKey: request.idempotencyKey ?? null,
      input: request.input,
      options,
      strategy: request.strategy ?? 'enqueue',
    });
  }

  /** Starts a run that belongs to no session. The caller owns it and stops it when nobody listens any more. */
  startOneShot(request: RunRequest, connectionProfile: string | null, tell: (event: ChatEvent) => void): OneShotRun {
    if (this.#closing) throw new AppFailure('shutting_down', 'Sluice is closing. The message was not taken.');
    this.#assertInput(request.input);
    const options = this.#options(request, connectionProfile);
    return new OneShotRun(
      this.#parts,
      { runId: this.#parts.newId(), sessionId: null, input: request.input, options, upstreamRunId: null },
      tell,
    );
  }

  #assertInput(input: RunInput): void {
    if (isEmptyInput(input)) throw new AppFailure('invalid_payload', 'The message is empty. Write something first.');
  }

  abort(sessionId: string, runId?: string): Promise<AbortAck> {
    const actor = this.#actors.get(sessionId);
    if (actor === undefined) {
      return Promise.resolve({ status: 'ignored', session_id: sessionId, run_id: runId ?? null, synced: false });
    }
    return actor.abort(runId);
  }

  /** The session as of the last committed event. Synchronous: subscribe in the same turn. */
  snapshot(sessionId: string): ResumedPayload {
    return takeSnapshot(this.#parts.store, this.#parts.log, sessionId);
  }

  /**
   * Every event after `afterSeq`. Null when the log cannot give them all: pruned, too many, or a position that never was.
   * The caller then says so (`gap`) and takes a whole snapshot.
   */
  eventsAfter(sessionId: string, afterSeq: number): LoggedEvent[] | null {
    const { store } = this.#parts;
    const lastSeq = store.sessions.lastSeq(sessionId);
    if (afterSeq > lastSeq || lastSeq - afterSeq > REPLAY_MOST) return null;
    const events: LoggedEvent[] = [];
    for (let seq = afterSeq; seq < lastSeq; ) {
      const slice = store.events.after(sessionId, seq, REPLAY_ROWS);
      const last = slice.at(-1);
      if (last === undefined || slice[0]?.seq !== seq + 1 || last.seq !== seq + slice.length) return null;
      events.push(...slice);
      seq = last.seq;
    }
    return events;
  }

  /** The oldest event of a session that can still be replayed; null when there is none. */
  earliestSeq(sessionId: string): number | null {
    return this.#parts.store.events.earliestSeq(sessionId);
  }

  /** Takes a message out of the queue. Says why when there was nothing to take. */
  async cancelQueued(
    sessionId: string,
    queueId: string,
  ): Promise<{ removed: number; reason?: 'already_started' | 'not_found' } & QueueState> {
    const { clock } = this.#parts;
    type Removal = { removed: number; reason?: 'already_started' | 'not_found' };
    const { result, queue } = await this.#actor(sessionId).changeQueue<Removal>((store) => {
      const item = store.queue.get(sessionId, queueId);
      if (item === null) {
        const reason = store.runs.byQueueId(sessionId, queueId) === null ? 'not_found' : 'already_started';
        return { changed: false, result: { removed: 0, reason } };
      }
      dequeueRows(store, item, clock.now());
      return { changed: true, result: { removed: 1 } };
    });
    return { ...result, ...queue };
  }

  /** @throws AppFailure `conflict` when the message has been sent already, `not_found` when it never waited. */
  async editQueued(sessionId: string, queueId: string, input: RunInput): Promise<QueueState> {
    this.#assertInput(input);
    return this.#changeItem(sessionId, queueId, (store) => store.queue.edit(sessionId, queueId, input));
  }

  /** Moves a waiting message to a place counted from 0. @throws AppFailure as `editQueued`. */
  async moveQueued(sessionId: string, queueId: string, position: number): Promise<QueueState> {
    return this.#changeItem(sessionId, queueId, (store) => store.queue.move(sessionId, queueId, position));
  }

  async #changeItem(sessionId: string, queueId: string, change: (store: Store) => boolean): Promise<QueueState> {
    const { queue } = await this.#actor(sessionId).changeQueue((store) => {
      if (change(store)) return { changed: true, result: null };
      if (store.runs.byQueueId(sessionId, queueId) !== null) {
        throw new AppFailure('conflict', 'This message has been sent already, so it can no longer be changed.');
      }
      throw new AppFailure('not_found', 'This message is not waiting any more.');
    });
    return queue;
  }

  async clearQueue(sessionId: string): Promise<{ removed: number } & QueueState> {
    const { result, queue } = await this.#actor(sessionId).changeQueue((store) => {
      const items = store.queue.list(sessionId);
      for (const item of items) dequeueRows(store, item, this.#parts.clock.now());
      return { changed: items.length > 0, result: items.length };
    });
    return { removed: result, ...queue };
  }

  sendNow(sessionId: string, queueId: string): Promise<RunAck> {
    return this.#actor(sessionId).sendNow(queueId);
  }

  resumeQueue(sessionId: string): Promise<QueueState> {
    if (this.#parts.store.sessions.get(sessionId) === null)
      throw new AppFailure('not_found', 'There is no such conversation.');
    return this.#actor(sessionId).resumeQueue();
  }

  /** @throws AppFailure `conflict` when nothing waits for this approval. */
  approve(
    sessionId: string,
    approvalId: string,
    choice: ApprovalChoice,
    all: boolean,
  ): Promise<{ runId: string; resolved: number }> {
    return this.#actor(sessionId).approve(approvalId, choice, all);
  }

  /** Takes the newest answer back, with its question. @throws AppFailure `conflict`. */
  rollBack(sessionId: string, runId: string): Promise<void> {
    return this.#actor(sessionId).rollBack(runId);
  }

  /** Stops what runs and deletes the session with everything that hangs on it. @throws AppFailure `not_found`. */
  async deleteSession(sessionId: string): Promise<void> {
    const { store, log } = this.#parts;
    if (store.sessions.get(sessionId) === null) throw new AppFailure('not_found', 'There is no such conversation.');
    const actor = this.#actor(sessionId);
    await actor.close(() =>
      store.committer.commit(() => {
        store.messages.unindexSession(sessionId);
        store.sessions.remove(sessionId);
      }),
    );
    log.drop(sessionId);
    if (this.#actors.get(sessionId) === actor) this.#actors.delete(sessionId);
  }

  /** Ends or takes up what an earlier process left, and pauses its queues. Called once, before anybody is let in. */
  async recover(): Promise<void> {
    const { store, log, clock, upstream, logger, newId } = this.#parts;
    const adopted = await recoverRuns({ store, log, clock, upstream, logger, newId });
    for (const task of adopted) {
      if (task.sessionId !== null) this.#actor(task.sessionId).adopt(task);
    }
  }

  /** Takes nothing more and lets go of what runs; its text so far is stored and the next start takes it up. */
  async stop(): Promise<void> {
    this.#closing = true;
    const results = await Promise.allSettled([...this.#actors.values()].map((actor) => actor.detach()));
    for (const result of results) {
      switch (result.status) {
        case 'fulfilled':
          break;
        case 'rejected':
          this.#parts.logger.error(describeThrown(result.reason), 'a run could not be let go of cleanly');
          break;
        default:
          assertNever(result);
      }
    }
  }
}
