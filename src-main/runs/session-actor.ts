import { assertNever } from '#contract/assert-never';
import type { ApprovalChoice, ConversationVersion, EventDraft, QueueState } from '#contract/events';
import type { Message, RunInput } from '#contract/message';
import { isTerminalStatus } from '#contract/records';
import type { AbortAck, RunAck } from '#contract/routes';
import type { Settings } from '#contract/settings';
import type { Usage } from '#contract/usage';
import { failureOf } from '../platform/app-failure.ts';
import { type Deferred, deferred } from '../platform/deferred.ts';
import { describeThrown } from '../platform/logger.ts';
import { Mailbox } from '../platform/mailbox.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { Store } from '../store/store.ts';
import type { SessionTokens } from '../store/usage-repository.ts';
import { deleteTurnRows } from './delete-rows.ts';
import { enqueueRows, findTaken, pauseQueueRows, queueChangedRows, steeredRows } from './queue-rows.ts';
import { readTranscript } from './read-transcript.ts';
import type { RequestBuilder } from './request-builder.ts';
import { type EndingRun, writeRunEnd } from './run-end.ts';
import { type ExecutorParts, RunExecutor, type RunSink, STOP_GRACE_MS } from './run-executor.ts';
import type { RunLog } from './run-log.ts';
import { type ActorEvent, type ActorState, type Strategy, strategyWhileBusy, transition } from './run-machine.ts';
import type { RunOutcome } from './run-outcome.ts';
import { acceptedRows, type NewRun, queueStateOf, rollBackRows, startRunRows, writtenAnswer } from './run-rows.ts';
import type { RunTask } from './run-task.ts';
import { withReport } from './session-tokens.ts';
import { takeNextRows } from './settle-rows.ts';
import { assertReplaceable, switchVersionRows } from './version-rows.ts';

export interface SubmitRequest {
  queueId: string;
  idempotencyKey: string | null;
  input: RunInput;
  options: RunOptions;
  /** `steer` reaches an actor only when the running answer took nothing: then the message waits like any other. */
  strategy: Strategy;
}

export interface ActorParts extends ExecutorParts {
  store: Store;
  log: RunLog;
  limits: () => Pick<Settings, 'maxQueuePerSession' | 'stopPausesQueue' | 'pauseQueueOnFailure'>;
  requests: RequestBuilder;
  /** Hears what the upstream reported of an answer, once that is stored. */
  onReport: (run: { runId: string; options: RunOptions }, usage: Usage) => void;
  /** Hears that a run was let go of before its upstream had said how it ended. */
  onFollowUp: () => void;
  /** Hears that the actor has nothing to do. */
  onQuiet: () => void;
}

/** The run that the actor owns now. One object per run, so nothing of an older run can be mistaken for it (BUG-A28). */
interface ActiveRun extends EndingRun {
  executor: RunExecutor;
  /** Set by the first stop; later ones join it. */
  stop: Stop | null;
  /** Resolves once its end is stored, or cannot be. */
  ended: Deferred<void>;
  /** As opposed to a message that takes its place. */
  stoppedByPerson: boolean;
  rollBack: boolean;
  /** The stop that this run followed by itself, as the next of the queue; null for one that a person sent. */
  followed: Stop | null;
}

interface Stop {
  askedAtMs: number;
  answer: Deferred<AbortAck>;
}

/** A stop that names no run, so soon after another one, is that one again: it must not hit the run that followed (E4-05). */
const SAME_STOP_MS = 1000;

/**
 * One conversation's single owner. Commands and the run's news pass through one serial mailbox; the pure machine decides,
 * this file acts. Every change of state follows its commit, so memory never claims what the store does not hold.
 */
export class SessionActor {
  readonly sessionId: string;
  readonly #parts: ActorParts;
  #state: ActorState = 'idle';
  #run: ActiveRun | null = null;
  readonly #mailbox = new Mailbox(() => {
    if (this.isQuiet) this.#parts.onQuiet();
  });
  /** `deleting` ends with the session or, when that fails, by opening again. `leaving` ends with the process. */
  #phase: 'open' | 'deleting' | 'leaving' = 'open';

  constructor(sessionId: string, parts: ActorParts) {
    this.sessionId = sessionId;
    this.#parts = parts;
  }

  get state(): ActorState {
    return this.#state;
  }

  get runId(): string | null {
    return this.#run?.runId ?? null;
  }

  /** Nothing runs and nothing waits: the actor may be forgotten, the store knows everything. */
  get isQuiet(): boolean {
    return this.#state === 'idle' && this.#mailbox.isEmpty && this.#phase === 'open';
  }

  /** It is being deleted: nothing may begin that has to be stored. */
  get isClosing(): boolean {
    return this.#phase === 'deleting';
  }

  #step(event: ActorEvent): ReturnType<typeof transition> & { ok: true } {
    const decided = transition(this.#state, event);
    if (!decided.ok) throw new Error(`Session ${this.sessionId}: ${decided.refusal}`);
    this.#state = decided.state;
    return decided;
  }

  // ── Messages ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Takes a message: starts it, or queues it while anything runs.
   *
   * @throws AppFailure `queue_full`, `conflict_active_run` (strategy `reject`), `storage_*`; nothing was taken then.
   */
  submit(request: SubmitRequest): Promise<RunAck> {
    return this.#mailbox.post(async () => {
      this.#assertOpen();
      const decided = transition(this.#state, 'submit');
      if (!decided.ok || decided.action !== 'start') return this.#submitWhileBusy(request);
      const { store, log, newId } = this.#parts;
      const run: NewRun = { ...request, runId: newId(), messageId: newId(), versionId: newId() };
      const known = await log.write<RunAck | null>(
        this.sessionId,
        (_live, nowMs) => {
          const taken = findTaken(store, this.sessionId, request);
          if (taken !== null) return { drafts: [], result: taken };
          this.#assertReplaceable(request);
          return { drafts: startRunRows(store, this.sessionId, run, nowMs), result: null };
        },
        {
          committed: (taken) => {
            if (taken === null) this.#begin(run);
          },
        },
      );
      return known ?? this.#ack('started', run.runId, run.queueId, 0);
    });
  }

  /** @throws AppFailure while the session is being deleted or the process ends: what is taken now would be lost. */
  #assertOpen(): void {
    if (this.#phase === 'deleting') throw failureOf('not_found', { word: 'conversation_being_deleted' });
    if (this.#phase === 'leaving') throw failureOf('shutting_down', { word: 'closing_not_taken' });
  }

  async #submitWhileBusy(request: SubmitRequest): Promise<RunAck> {
    const strategy = strategyWhileBusy(request.strategy, request.options.replaces !== undefined);
    switch (strategy) {
      case 'reject': {
        const taken = findTaken(this.#parts.store, this.sessionId, request);
        if (taken !== null) return taken;
        throw failureOf(
          'conflict_active_run',
          { word: 'still_answering' },
          {
            retry: { kind: 'user-action', action: 'retry' },
          },
        );
      }
      case 'enqueue':
        return this.#addToQueue(request, 'end');
      case 'interrupt':
      case 'rollback': {
        const ack = await this.#addToQueue(request, 'front');
        if (ack.status === 'duplicate') return ack;
        if (strategy === 'rollback' && this.#run !== null) this.#run.rollBack = true;
        void this.#stopCurrent(false);
        return ack;
      }
      default:
        return assertNever(strategy);
    }
  }

  /** Checked in the transaction that takes the message: what it replaces must still be there. */
  #assertReplaceable({ options }: SubmitRequest): void {
    if (options.replaces !== undefined)
      assertReplaceable(this.#parts.store, this.sessionId, options.replaces.messageId);
  }

  /** The whole conversation, read while nothing changes it. */
  transcript(): Promise<Message[]> {
    const { messages } = this.#parts.store;
    return this.#mailbox.post(() => readTranscript(messages, this.sessionId, new AbortController().signal));
  }

  #ack(status: RunAck['status'], runId: string, queueId: string, position: number): RunAck {
    return { status, session_id: this.sessionId, run_id: runId, queue_id: queueId, position };
  }

  #addToQueue(request: SubmitRequest, where: 'end' | 'front'): Promise<RunAck> {
    const { store, log, clock, limits, newId } = this.#parts;
    const item = {
      ...request,
      sessionId: this.sessionId,
      runId: newId(),
      sendNow: where === 'front',
      createdAtMs: clock.now(),
    };
    return log.write<RunAck>(this.sessionId, () => {
      const taken = findTaken(store, this.sessionId, request);
      if (taken !== null) return { drafts: [], result: taken };
      this.#assertReplaceable(request);
      const { drafts, position } = enqueueRows(store, item, where, limits().maxQueuePerSession);
      return { drafts, result: this.#ack('queued', item.runId, item.queueId, position) };
    });
  }

  // ── Running ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The rows of a run are committed: from here on this session has an owner for it. */
  #begin(run: NewRun): void {
    const isNextOfQueue = this.#state === 'settling';
    this.#step(isNextOfQueue ? 'settled-next' : 'submit');
    // The process ends: the rows are there, and the next start finds them.
    if (this.#phase === 'leaving') return;
    const ended = isNextOfQueue ? this.#run : null;
    const followed = ended?.stoppedByPerson === true ? ended.stop : null;
    this.#launch(
      {
        runId: run.runId,
        sessionId: this.sessionId,
        input: run.input,
        options: run.options,
        upstreamRunId: null,
      },
      followed,
    );
  }

  #launch(task: RunTask, followed: Stop | null): void {
    const executor = new RunExecutor(this.#parts, task, this.#sinkFor(task));
    const { sessionId } = this;
    const { runId, options } = task;
    const fresh = { stop: null, ended: deferred<void>(), stoppedByPerson: false, rollBack: false };
    this.#run = { sessionId, runId, options, executor, ...fresh, followed };
    executor.execute().then(
      (outcome) => {
        if (outcome !== null)
          void this.#mailbox
            .post(() => this.#settle(task.runId, outcome))
            .catch((thrown: unknown) => this.#report(thrown));
      },
      (thrown: unknown) => this.#report(thrown),
    );
  }

  #report(thrown: unknown): void {
    this.#parts.logger.error(
      { session: this.sessionId, ...describeThrown(thrown) },
      'a session could not go on as planned',
    );
  }

  #sinkFor(task: RunTask): RunSink {
    const { store, log } = this.#parts;
    return {
      // Text of a live answer waits for room on the disk instead of failing the run.
      write: (drafts) =>
        log.write(
          this.sessionId,
          () => {
            steeredRows(store, this.sessionId, drafts);
            return { drafts, result: undefined };
          },
          { patient: true },
        ),
      prepared: () => void this.#step('prepared'),
      request: (signal) => {
        // A stop waits for nobody who shortens the history: by now the next run may be the one that steps.
        const step = (event: ActorEvent) => {
          if (!signal.aborted) this.#step(event);
        };
        const news = { compressing: () => step('compress'), compressed: () => step('compressed') };
        return this.#parts.requests.build(this.sessionId, task, news, signal);
      },
      reported: (usage) => [{ event: 'usage.updated', run_id: task.runId, ...withReport(this.#spentBefore(), usage) }],
      attached: () => void this.#step('accepted'),
      moved: (credentialId) =>
        store.committer.commit(() => store.runs.moved(task.runId, credentialId), { patient: true }),
      accepted: async (fields) => {
        const stopping = this.#run?.stop !== null;
        this.#step('accepted');
        await log.write(
          this.sessionId,
          (_live, nowMs) => {
            const started = acceptedRows(store, this.sessionId, task, fields, nowMs);
            return { drafts: stopping ? [] : [started], result: null };
          },
          { patient: true },
        );
      },
    };
  }

  #spentBefore(): SessionTokens {
    return this.#parts.store.usage.sessionTokens(this.sessionId);
  }

  /** Takes up a run that an earlier process left unfinished; its rows and events are in the store. */
  adopt(task: RunTask): void {
    const view = this.#parts.log.restore(this.sessionId, task.runId);
    this.#step('submit');
    this.#launch({ ...task, written: writtenAnswer(view) }, null);
  }

  // ── Ending ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The run has its outcome: its end is stored, and whoever stopped it hears of it. */
  async #settle(runId: string, outcome: RunOutcome): Promise<void> {
    const run = this.#run;
    if (run === null || run.runId !== runId)
      throw new Error(`Run ${runId} ended, but ${run?.runId ?? 'none'} is current`);
    this.#step('ended');
    let stored: 'whole' | 'bare' = 'bare';
    try {
      stored = await writeRunEnd(this.#parts, run, outcome, {
        takesNext: this.#phase === 'open',
        isLeaving: () => this.#phase === 'leaving',
        committed: (next) => {
          if (next === null) this.#rest();
          else this.#begin(next);
        },
        report: (thrown) => this.#report(thrown),
      });
    } finally {
      this.#answerStop(run, stored === 'whole' && (outcome.kind !== 'stopped' || outcome.synced));
      run.ended.resolve();
    }
    if (stored === 'bare') return;
    if (outcome.kind === 'completed' && outcome.usage !== null) this.#parts.onReport(run, outcome.usage);
    if (outcome.kind === 'stopped' && !outcome.synced) this.#parts.onFollowUp();
  }

  #rest(): void {
    this.#step('settled-idle');
    this.#run = null;
  }

  #answerStop(run: ActiveRun, synced: boolean): void {
    run.stop?.answer.resolve({ status: 'aborted', session_id: this.sessionId, run_id: run.runId, synced });
  }

  // ── Stopping ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Stops the current run; with a `runId` only that one (E4-08). Answers once its end is stored. A second stop joins the
   * first; with nothing to stop it changes nothing.
   *
   * @param options.rollBack takes the run back in the transaction that ends it.
   */
  async abort(runId: string | undefined, options: { rollBack?: boolean } = {}): Promise<AbortAck> {
    const stopping = await this.#mailbox.post(async () => {
      const { followed = null } = this.#run ?? {};
      const isSamePress = followed !== null && this.#parts.clock.now() - followed.askedAtMs < SAME_STOP_MS;
      if (runId === undefined && isSamePress) return { end: followed.answer.promise };
      const other = runId !== undefined && this.#run?.runId !== runId;
      if (!other && options.rollBack === true && this.#run !== null) this.#run.rollBack = true;
      return { end: other ? null : this.#stopCurrent(true) };
    });
    return (
      (await stopping.end) ?? { status: 'ignored', session_id: this.sessionId, run_id: runId ?? null, synced: false }
    );
  }

  /**
   * Runs inside the mailbox. The returned promise is the run's end and is not awaited there. A run that ends by itself is not
   * announced as stopped: it has one end, and that one is decided (E4-03).
   */
  #stopCurrent(byPerson: boolean): Promise<AbortAck | null> | null {
    const run = this.#run;
    if (run !== null && run.stop === null && run.executor.isDecided) return run.ended.promise.then(() => null);
    const decided = this.#step('abort');
    if (run === null || decided.action === 'ignore-stop') return null;
    if (decided.action === 'join-stop' && run.stop !== null) {
      run.stoppedByPerson ||= byPerson;
      return run.stop.answer.promise;
    }
    run.stop = { askedAtMs: this.#parts.clock.now(), answer: deferred<AbortAck>() };
    run.stoppedByPerson = byPerson;
    void this.#carryOutStop(run);
    return run.stop.answer.promise;
  }

  async #carryOutStop(run: ActiveRun): Promise<void> {
    const { store, log } = this.#parts;
    try {
      await run.executor.prepareStop();
      const told = log.write(
        this.sessionId,
        () => {
          const record = store.runs.get(run.runId);
          // The run may have ended while its text was being stored; then there is nothing left to announce.
          if (record === null || isTerminalStatus(record.status)) return { drafts: [], result: null };
          store.runs.cancelling(run.runId);
          return { drafts: [{ event: 'abort.started', run_id: run.runId, graceMs: STOP_GRACE_MS }], result: null };
        },
        { patient: true },
      );
      run.executor.stop();
      await told;
    } catch (thrown) {
      this.#report(thrown);
      run.executor.stop();
    }
  }

  /**
   * Puts a message into the running answer. Passes the mailbox by: the upstream's answer takes its time, and a stop must
   * not wait for it.
   *
   * @returns null when there is no answer that takes it: the message is to be queued.
   * @throws AppFailure when it is unknown whether it was taken.
   */
  async steer(ids: { queueId: string; idempotencyKey: string | null }, text: string): Promise<RunAck | null> {
    this.#assertOpen();
    const taken = findTaken(this.#parts.store, this.sessionId, ids);
    if (taken !== null) return taken;
    const run = this.#run;
    if (run === null || !run.executor.canSteer) return null;
    const isTaken = await run.executor.steer(text, ids);
    return isTaken ? this.#ack('steered', run.runId, ids.queueId, 0) : null;
  }

  /** Answers a question of the current run. @throws AppFailure `conflict` when it no longer waits. */
  async clarify(clarifyId: string, response: string): Promise<{ runId: string }> {
    const run = this.#run;
    if (run === null) throw failureOf('conflict', { word: 'waits_no_reply' });
    await run.executor.questions.clarify(clarifyId, response);
    return { runId: run.runId };
  }

  /** Answers an approval of the current run. @throws AppFailure `conflict` when it no longer waits. */
  async approve(
    approvalId: string,
    choice: ApprovalChoice,
    all: boolean,
  ): Promise<{ runId: string; resolved: number }> {
    const run = this.#run;
    if (run === null) throw failureOf('conflict', { word: 'waits_no_decision' });
    return { runId: run.runId, resolved: await run.executor.questions.approve(approvalId, choice, all) };
  }

  // ── Queue ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Changes the waiting messages. `change` runs in the transaction and says whether anything changed. */
  changeQueue<T>(change: (store: Store) => { changed: boolean; result: T }): Promise<{ result: T; queue: QueueState }> {
    const { store, log } = this.#parts;
    return this.#mailbox.post(() =>
      log.write(this.sessionId, () => {
        const { changed, result } = change(store);
        const { drafts, queue } = queueChangedRows(store, this.sessionId, changed);
        return { drafts, result: { result, queue } };
      }),
    );
  }

  /** Lets nothing more go out by itself, until `resumeQueue` or a message sent by name. */
  pauseQueue(): Promise<QueueState> {
    const { store, log } = this.#parts;
    return this.#mailbox.post(() =>
      log.write(this.sessionId, () => {
        const { drafts, queue } = pauseQueueRows(store, this.sessionId);
        return { drafts, result: queue };
      }),
    );
  }

  /** Sends a waiting message next: now when idle, otherwise in place of the current answer. */
  sendNow(queueId: string): Promise<RunAck> {
    return this.#mailbox.post(async () => {
      this.#assertOpen();
      const { store } = this.#parts;
      const item = store.queue.get(this.sessionId, queueId);
      if (item === null) throw failureOf('not_found', { word: 'not_waiting' });
      const idle = this.#state === 'idle';
      await this.#releaseQueue(idle, () => {
        store.queue.sendNow(this.sessionId, queueId);
        return { event: 'run.queued', ...queueStateOf(store, this.sessionId) };
      });
      if (idle) return this.#ack('started', item.runId, queueId, 0);
      void this.#stopCurrent(false);
      return this.#ack('queued', item.runId, queueId, 1);
    });
  }

  /** Ends a pause; the head starts when nothing runs. */
  resumeQueue(): Promise<QueueState> {
    return this.#mailbox.post(async () => {
      this.#assertOpen();
      const { store } = this.#parts;
      await this.#releaseQueue(this.#state === 'idle', () => {
        store.sessions.setQueuePaused(this.sessionId, null);
        return { event: 'queue.resumed', ...queueStateOf(store, this.sessionId) };
      });
      return queueStateOf(store, this.sessionId);
    });
  }

  /** Changes what may go out and, when nothing runs, starts it: in one transaction, so the queue never hangs between. */
  async #releaseQueue(starts: boolean, change: () => EventDraft): Promise<void> {
    const { store, log, newId } = this.#parts;
    const ids = { messageId: newId(), versionId: newId() };
    await log.write<NewRun | null>(
      this.sessionId,
      (_live, nowMs) => {
        const changed = change();
        if (!starts) return { drafts: [changed], result: null };
        const { drafts, next } = takeNextRows(store, this.sessionId, ids, nowMs);
        return { drafts: [changed, ...drafts], result: next };
      },
      {
        committed: (run) => {
          if (run !== null) this.#begin(run);
        },
      },
    );
  }

  // ── Rollback, deletion, shutdown ──────────────────────────────────────────────────────────────────────────────────

  /** Takes the newest run back. @throws AppFailure `conflict` when it is not the newest or still runs. */
  rollBack(runId: string): Promise<void> {
    return this.#mailbox.post(() =>
      this.#parts.log.write(this.sessionId, (_live, nowMs) => {
        const { store } = this.#parts;
        const newest = store.runs.get(runId);
        const isNewest = store.messages.newestRunId(this.sessionId) === runId;
        if (newest === null || !isNewest || !isTerminalStatus(newest.status)) {
          throw failureOf('conflict', { word: 'only_newest_taken_back' });
        }
        return { drafts: rollBackRows(store, this.sessionId, runId, nowMs), result: undefined };
      }),
    );
  }

  /**
   * Puts an earlier version of a turn back.
   *
   * @throws AppFailure `conflict` while an answer is being made, `not_found` for an unknown version.
   */
  switchVersion(versionId: string): Promise<ConversationVersion[]> {
    return this.#mailbox.post(() => {
      this.#assertOpen();
      if (this.#state !== 'idle') {
        throw failureOf('conflict_active_run', { word: 'answering_no_version' });
      }
      const { store, log, newId } = this.#parts;
      const newVersionId = newId();
      return log.write(this.sessionId, (_live, nowMs) => {
        const drafts = switchVersionRows(store, this.sessionId, versionId, newVersionId, nowMs);
        return { drafts, result: store.versions.list(this.sessionId) };
      });
    });
  }

  /**
   * Deletes a turn for good.
   *
   * @throws AppFailure `conflict_active_run` while an answer is being made, `not_found` for a message that is not shown.
   */
  deleteTurn(messageId: string): Promise<void> {
    return this.#mailbox.post(() => {
      this.#assertOpen();
      if (this.#state !== 'idle') {
        throw failureOf('conflict_active_run', { word: 'answering_no_delete' });
      }
      const { store, log } = this.#parts;
      return log.write(this.sessionId, () => ({
        drafts: deleteTurnRows(store, this.sessionId, messageId),
        result: undefined,
      }));
    });
  }

  /**
   * Stops what runs, takes nothing more, and removes the session as the mailbox's last command (BUG-A41). When that fails
   * the session is there as before.
   *
   * @param others ends what else is being done for the session. Nothing new begins by then.
   * @throws what `remove` throws.
   */
  async close(others: () => Promise<void>, remove: () => Promise<void>): Promise<void> {
    this.#phase = 'deleting';
    try {
      // Whatever runs by now: unlike a press of Stop, this also means a message that went out since the last one.
      const stopping = await this.#mailbox.post(async () => ({ end: this.#stopCurrent(true) }));
      await stopping.end;
      await others();
      await this.#mailbox.post(remove);
    } catch (thrown) {
      this.#phase = 'open';
      throw thrown;
    }
  }

  /** Lets go without ending anything; the next start takes it up. */
  async detach(): Promise<void> {
    this.#phase = 'leaving';
    await this.#run?.executor.detach();
  }
}
