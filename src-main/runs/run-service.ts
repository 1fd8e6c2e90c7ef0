import { assertNever } from '#contract/assert-never';
import type {
  ApprovalChoice,
  ChatEvent,
  ConversationVersion,
  LoggedEvent,
  QueueState,
  ResumedPayload,
} from '#contract/events';
import { isEmptyInput, type RunInput } from '#contract/message';
import type { AbortAck, RunAck } from '#contract/routes';
import type { Settings } from '#contract/settings';
import type { Usage } from '#contract/usage';
import { AbortReason, AppFailure, failureOf } from '../platform/app-failure.ts';
import { describeThrown } from '../platform/logger.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { Store } from '../store/store.ts';
import { useAttachments } from './attachment-uses.ts';
import { bookSessionRows } from './call-rows.ts';
import { CompactionDesk } from './compaction-desk.ts';
import { ContextKeeper } from './context-keeper.ts';
import { ContextMeter, type ContextPorts } from './context-meter.ts';
import { FollowUps } from './follow-ups.ts';
import { forkSession } from './fork-session.ts';
import { LockedMessages } from './locked-messages.ts';
import { LogCompaction } from './log-compaction.ts';
import { OneShotRun } from './one-shot-run.ts';
import type { LoadParts } from './prepare-request.ts';
import { dequeueRows, findTaken } from './queue-rows.ts';
import { recoverRuns } from './recover-runs.ts';
import { replayEvents } from './replay-events.ts';
import { RequestBuilder } from './request-builder.ts';
import type { ExecutorParts } from './run-executor.ts';
import type { RunLog } from './run-log.ts';
import { choicesOf, chooseOptions, type RunRequest } from './run-options.ts';
import { SessionActor } from './session-actor.ts';
import { takeSnapshot } from './snapshot.ts';
import { type LeftoverUpstream, UpstreamLeftovers } from './upstream-leftovers.ts';
import type { UpstreamPort } from './upstream-port.ts';

export type RunServiceParts = Omit<ExecutorParts, 'upstream'> & {
  store: Store;
  log: RunLog;
  settings: () => Settings;
  upstream: UpstreamPort & LeftoverUpstream;
  loadParts: LoadParts;
  context: ContextPorts;
};

/**
 * The only door to runs: whoever wants one started, stopped, watched or queued asks here. Keeps one actor per session
 * that is busy and forgets it when it is quiet.
 */
export class RunService {
  readonly #parts: RunServiceParts;
  readonly #actors = new Map<string, SessionActor>();
  readonly #requests: RequestBuilder;
  readonly #meter: ContextMeter;
  /** Ends what nobody waits for. */
  readonly #background = new AbortController();
  readonly #followUps: FollowUps;
  readonly #leftovers: UpstreamLeftovers;
  readonly #logCompaction: LogCompaction;
  /** Messages that failed because the keys were locked. */
  readonly #locked: LockedMessages;
  /** Summaries, in a person's hands. */
  readonly compactions: CompactionDesk;
  #closing = false;

  constructor(parts: RunServiceParts) {
    this.#parts = parts;
    this.#meter = new ContextMeter(parts);
    const keeper = new ContextKeeper({ ...parts, meter: this.#meter });
    this.#requests = new RequestBuilder({ ...parts, keeper });
    this.compactions = new CompactionDesk({
      ...parts,
      keeper,
      meter: this.#meter,
      requests: this.#requests,
      optionsOf: (sessionId, choice = {}) => this.#options({ ...choice, input: '', sessionId }, null),
      transcript: (sessionId) => this.#actor(sessionId).transcript(),
      isBusy: (sessionId) => {
        const actor = this.#actors.get(sessionId);
        return actor !== undefined && (actor.state !== 'idle' || actor.isClosing);
      },
    });
    this.#followUps = new FollowUps(parts);
    this.#leftovers = new UpstreamLeftovers(parts);
    this.#logCompaction = new LogCompaction(parts);
    this.#locked = new LockedMessages(parts.store);
    parts.log.subscribe((event) => this.#locked.heard(event));
  }

  #actor(sessionId: string): SessionActor {
    if (this.#closing) throw failureOf('shutting_down', { word: 'closing_not_taken' });
    let actor = this.#actors.get(sessionId);
    if (actor === undefined) {
      const made: SessionActor = new SessionActor(sessionId, {
        ...this.#parts,
        limits: this.#parts.settings,
        requests: this.#requests,
        onReport: (run, usage) => void this.#learn(sessionId, run, usage),
        onFollowUp: () => this.#followUps.look(),
        // The store knows everything: a conversation at rest costs no memory (E5-09).
        onQuiet: () => {
          if (this.#actors.get(sessionId) === made) this.#actors.delete(sessionId);
        },
      });
      actor = made;
      this.#actors.set(sessionId, actor);
    }
    return actor;
  }

  /** What an upstream reported makes the next count of its model better. Nobody waits for it, and nothing hangs on it. */
  async #learn(
    sessionId: string,
    { runId, options }: { runId: string; options: RunOptions },
    usage: Usage,
  ): Promise<void> {
    const { upstream, logger } = this.#parts;
    try {
      // An agent adds words of its own and asks its model more than once: its figures say nothing about ours.
      if (this.#closing || upstream.stopStyle(options.profile) === 'stop-request') return;
      if (!this.#meter.wantsToLearn(options)) return;
      const all = await this.#actor(sessionId).transcript();
      const rows = all.slice(0, all.findLastIndex((row) => row.run_id === runId) + 1);
      if (rows.length === 0 || rows.some((row) => row.run_id === runId && row.role === 'tool')) return;
      const instructions = await this.#requests.instructions(sessionId, options);
      await this.#meter.learn(sessionId, rows, instructions, options, usage, this.#background.signal);
    } catch (thrown) {
      if (this.#closing) return;
      logger.warn(describeThrown(thrown), 'a report of tokens could not be taken in');
    }
  }

  /** Sessions that have an actor now; for tests and metrics. */
  get actorCount(): number {
    return this.#actors.size;
  }

  #options(request: RunRequest, connectionProfile: string | null): RunOptions {
    const { store, settings } = this.#parts;
    return chooseOptions(store, request, { connectionProfile, defaultProfile: settings().defaultProfile });
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
    return this.#take(request, this.#options(request, connectionProfile));
  }

  async #take(request: RunRequest & { sessionId: string }, options: RunOptions): Promise<RunAck> {
    const { storage } = this.#parts.store.committer;
    if (storage.state === 'read-only' && this.#actors.get(request.sessionId)?.state === 'settling') {
      throw failureOf('storage_full', storage.said ?? { word: 'nothing_stored_now' }, {
        retry: { kind: 'user-action', action: 'free-disk-space' },
      });
    }
    const queueId = request.queueId ?? this.#parts.newId();
    const ids = { queueId, idempotencyKey: request.idempotencyKey ?? null };
    if (request.strategy === 'steer' && typeof request.input === 'string' && options.replaces === undefined) {
      const steered = await this.#actors.get(request.sessionId)?.steer(ids, request.input);
      if (steered !== null && steered !== undefined) return steered;
    }
    // While the upstream was asked, the answer may have ended and its actor gone.
    return this.#actor(request.sessionId).submit({
      queueId,
      idempotencyKey: request.idempotencyKey ?? null,
      input: request.input,
      options,
      strategy: request.strategy ?? 'enqueue',
    });
  }

  /**
   * Asks for another answer to a message that was answered, failed or interrupted before. The turn it replaces is kept as
   * a version.
   *
   * @param runId the turn; the newest when absent.
   * @throws AppFailure `not_found` when there is no such turn, and what `submit` throws.
   */
  async regenerate(
    sessionId: string,
    change: { runId?: string; model?: string; profile?: string; queueId?: string },
  ): Promise<RunAck> {
    const { store } = this.#parts;
    const taken =
      change.queueId === undefined
        ? null
        : findTaken(store, sessionId, { queueId: change.queueId, idempotencyKey: null });
    if (taken !== null) return taken;
    const runId = change.runId ?? store.messages.newestRunId(sessionId);
    const asked = runId === null ? undefined : store.messages.ofRun(runId)[0];
    const options = runId === null ? null : store.runs.options(runId);
    if (asked?.role !== 'user' || options === null || store.messages.shown(sessionId, asked.id) === null) {
      throw failureOf('not_found', { word: 'nothing_to_answer_again' });
    }
    const input = asked.content_blocks ?? asked.content;
    const { model, replaceFrom: _, ...known } = choicesOf(options);
    const chosen = this.#options(
      {
        ...known,
        input,
        sessionId,
        ...(change.profile === undefined ? {} : { profile: change.profile }),
        // A model belongs to its profile; another profile answers with its own.
        ...(change.profile === undefined && model !== undefined ? { model } : {}),
        ...(change.model === undefined ? {} : { model: change.model }),
      },
      null,
    );
    return this.#take(
      { input, sessionId, ...(change.queueId === undefined ? {} : { queueId: change.queueId }) },
      { ...chosen, replaces: { messageId: asked.id, reason: 'regenerated' } },
    );
  }

  /** Starts a run that belongs to no session. The caller owns it and stops it when nobody listens any more. */
  startOneShot(request: RunRequest, connectionProfile: string | null, tell: (event: ChatEvent) => void): OneShotRun {
    if (this.#closing) throw failureOf('shutting_down', { word: 'closing_not_taken' });
    this.#assertInput(request.input);
    const options = this.#options(request, connectionProfile);
    return new OneShotRun(
      { ...this.#parts, basePrompt: () => this.#parts.settings().systemPrompt },
      { runId: this.#parts.newId(), sessionId: null, input: request.input, options, upstreamRunId: null },
      tell,
    );
  }

  #assertInput(input: RunInput): void {
    if (isEmptyInput(input)) throw failureOf('invalid_payload', { word: 'empty_message' });
  }

  /** @param options.rollBack takes the run back in the transaction that ends it; nothing can come between. */
  abort(sessionId: string, runId?: string, options: { rollBack?: boolean } = {}): Promise<AbortAck> {
    if (runId === undefined) this.compactions.abort(sessionId);
    const actor = this.#actors.get(sessionId);
    if (actor === undefined) {
      return Promise.resolve({ status: 'ignored', session_id: sessionId, run_id: runId ?? null, synced: false });
    }
    return actor.abort(runId, options);
  }

  /** The session as of the last committed event, with so many of its newest rows. Synchronous: subscribe in the same turn. */
  snapshot(sessionId: string, limit?: number): ResumedPayload {
    const { store, log } = this.#parts;
    return takeSnapshot(store, log, sessionId, {
      isCompacting: this.compactions.isUnderWay(sessionId),
      ...(limit === undefined ? {} : { limit }),
    });
  }

  /** Every event after `afterSeq`; null where there is a gap. As `replayEvents`. */
  eventsAfter(sessionId: string, afterSeq: number): LoggedEvent[] | null {
    return replayEvents(this.#parts.store, sessionId, afterSeq);
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
    return this.#changeItem(sessionId, queueId, (store) => {
      useAttachments(store, sessionId, input);
      return store.queue.edit(sessionId, queueId, input);
    });
  }

  /** Moves a waiting message to a place counted from 0. @throws AppFailure as `editQueued`. */
  async moveQueued(sessionId: string, queueId: string, position: number): Promise<QueueState> {
    return this.#changeItem(sessionId, queueId, (store) => store.queue.move(sessionId, queueId, position));
  }

  async #changeItem(sessionId: string, queueId: string, change: (store: Store) => boolean): Promise<QueueState> {
    const { queue } = await this.#actor(sessionId).changeQueue((store) => {
      if (change(store)) return { changed: true, result: null };
      if (store.runs.byQueueId(sessionId, queueId) !== null) {
        throw failureOf('conflict', { word: 'sent_already' });
      }
      throw failureOf('not_found', { word: 'not_waiting' });
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

  /** Lets nothing more go out by itself. An empty queue is not paused. */
  async pauseQueue(sessionId: string): Promise<QueueState> {
    this.#assertSession(sessionId);
    return this.#actor(sessionId).pauseQueue();
  }

  /** Puts an earlier version of a turn back. @throws AppFailure `not_found`, `conflict_active_run`, `conflict`. */
  async switchVersion(sessionId: string, versionId: string): Promise<ConversationVersion[]> {
    this.#assertSession(sessionId);
    return this.#actor(sessionId).switchVersion(versionId);
  }

  /** Deletes a turn for good. @throws AppFailure as the actor's. */
  async deleteTurn(sessionId: string, messageId: string): Promise<void> {
    this.#assertSession(sessionId);
    await this.#actor(sessionId).deleteTurn(messageId);
  }

  /** @throws AppFailure `conflict` when nothing runs in the session. */
  #liveActor(sessionId: string): SessionActor {
    const actor = this.#actors.get(sessionId);
    if (actor === undefined) throw failureOf('conflict', { word: 'waits_no_more' });
    return actor;
  }

  #assertSession(sessionId: string): void {
    if (this.#parts.store.sessions.get(sessionId) === null) throw failureOf('not_found', { word: 'no_conversation' });
  }

  sendNow(sessionId: string, queueId: string): Promise<RunAck> {
    return this.#actor(sessionId).sendNow(queueId);
  }

  async resumeQueue(sessionId: string): Promise<QueueState> {
    this.#assertSession(sessionId);
    return this.#actor(sessionId).resumeQueue();
  }

  /**
   * The keys are open: messages that failed because they were locked go out again, and queues go on that stood still for it.
   * A queue that a person paused, that stood still since a restart, or whose next message still has no key stays as it is.
   *
   * @param isOpen whether a profile has a key that can be used.
   */
  async resumeUnlocked(isOpen: (profile: string) => boolean): Promise<void> {
    const { store, logger } = this.#parts;
    if (this.#closing) return;
    const paused = store.sessions.withQueuePaused('failure').filter((sessionId) => {
      const [newest] = store.runs.list(sessionId, 1);
      const next = store.queue.list(sessionId)[0];
      return newest?.errorInfo?.code === 'secrets_locked' && next !== undefined && isOpen(next.options.profile);
    });
    for (const { sessionId, runId } of this.#locked.take(isOpen)) {
      try {
        // Named after what it mends, so that it goes out once, whoever unlocks how often.
        await this.regenerate(sessionId, { runId, queueId: `unlocked-${runId}` });
      } catch (thrown) {
        // It may have been deleted or edited meanwhile; the others go out all the same.
        if (!(thrown instanceof AppFailure)) throw thrown;
        logger.info(describeThrown(thrown), 'a message was not sent again after unlocking');
      }
    }
    for (const sessionId of paused) await this.#actor(sessionId).resumeQueue();
  }

  /** @throws AppFailure `conflict` when nothing waits for this approval. */
  async approve(
    sessionId: string,
    approvalId: string,
    choice: ApprovalChoice,
    all: boolean,
  ): Promise<{ runId: string; resolved: number }> {
    return this.#liveActor(sessionId).approve(approvalId, choice, all);
  }

  /** Answers a question of the agent. @throws AppFailure `conflict` when nothing waits for it. */
  async clarify(sessionId: string, clarifyId: string, response: string): Promise<{ runId: string }> {
    return this.#liveActor(sessionId).clarify(clarifyId, response);
  }

  /** Takes the newest answer back, with its question. @throws AppFailure `conflict`. */
  rollBack(sessionId: string, runId: string): Promise<void> {
    return this.#actor(sessionId).rollBack(runId);
  }

  /**
   * Splits a new conversation off at a message. @returns its id.
   * @throws AppFailure `not_found` for an unknown conversation or message.
   */
  async fork(sessionId: string, messageId: string): Promise<string> {
    const { store, clock, newId } = this.#parts;
    this.#assertSession(sessionId);
    const forkId = newId();
    // Read by the one who changes it, so that nothing is missing in the middle; copied by whoever comes.
    const rows = await this.#actor(sessionId).transcript();
    await forkSession(store, sessionId, rows, messageId, { sessionId: forkId, newId, nowMs: clock.now() });
    return forkId;
  }

  /** Stops what runs and deletes the session with everything that hangs on it. @throws AppFailure `not_found`. */
  async deleteSession(sessionId: string): Promise<void> {
    const { store, log, clock } = this.#parts;
    this.#assertSession(sessionId);
    const actor = this.#actor(sessionId);
    await actor.close(
      () => this.compactions.end(sessionId),
      () =>
        store.committer.commit(() => {
          bookSessionRows(store, sessionId, clock.now());
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
    this.#parts.calls.closeLeftovers();
    const adopted = await recoverRuns({ store, log, clock, upstream, logger, newId });
    for (const task of adopted) {
      if (task.sessionId !== null) this.#actor(task.sessionId).adopt(task);
    }
    this.#followUps.look();
    this.#leftovers.begin();
    this.#logCompaction.begin();
  }

  /** Takes nothing more and lets go of what runs; its text so far is stored and the next start takes it up. */
  async stop(): Promise<void> {
    this.#closing = true;
    this.#background.abort(new AbortReason('shutdown'));
    this.compactions.stop();
    this.#followUps.stop();
    this.#leftovers.stop();
    this.#logCompaction.stop();
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
