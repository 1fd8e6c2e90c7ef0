import type { EventDraft, Usage } from '#contract/events';
import type { RunParameters } from '#contract/model-parameters';
import type { UsageCall } from '#contract/usage-report';
import type { RetryNotice } from '../gateway/gateway.ts';
import { missingText } from '../gateway/missing-text.ts';
import type { UpstreamRequest, UpstreamRun } from '../gateway/upstream-adapter.ts';
import { isUpstreamTerminal, type UpstreamTerminal } from '../gateway/upstream-event.ts';
import { abortable } from '../platform/abortable.ts';
import { AbortReason, failureOf, inEnglish, toAppFailure, told } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { waitAtMost } from '../platform/wait-at-most.ts';
import type { CallLedger } from '../usage/call-ledger.ts';
import type { CallSubject, CallTrack } from '../usage/call-track.ts';
import { DeltaCoalescer } from './delta-coalescer.ts';
import { UpstreamFolder } from './fold-upstream.ts';
import { isNothingLeftRunning, outcomeOfEnd } from './read-outcome.ts';
import type { RunOutcome } from './run-outcome.ts';
import { RunQuestions } from './run-questions.ts';
import type { RunSlots } from './run-slots.ts';
import { RunSteers, type UnsentSteer } from './run-steers.ts';
import type { AcceptedRun, RunTask } from './run-task.ts';
import type { StartedRun, UpstreamPort } from './upstream-port.ts';

/** How long an upstream may take to confirm that it stopped. */
export const STOP_GRACE_MS = 5000;
/** Storing the partial answer comes before the stop request, but never delays it longer than this. */
const FLUSH_BEFORE_STOP_MS = 50;
const FLUSH_BEFORE_EXIT_MS = 1000;

/** Where the executor's news go. Each promise settles once the news is stored. */
export interface RunSink {
  write(drafts: EventDraft[]): Promise<void>;
  prepared(): void;
  /** A run of an earlier process was found alive at its upstream. */
  attached(): void;
  accepted(fields: AcceptedRun): Promise<void>;
  /** What is to be told when the upstream reports figures in mid-answer. */
  reported(usage: Usage): EventDraft[];
  /** Another key has taken over before the first part of the answer. Absent where nobody keeps that. */
  moved?(credentialId: string | null): Promise<void>;
  /** What the upstream is asked. Rejects with the signal's reason. */
  request(signal: AbortSignal): Promise<UpstreamRequest>;
}

export interface ExecutorParts {
  upstream: UpstreamPort;
  slots: RunSlots;
  calls: CallLedger;
  clock: Clock;
  logger: Logger;
  newId: () => string;
}

/**
 * Makes one run: request, stream, outcome. Owns the run's sockets and its place among the concurrent runs, and gives both
 * back whatever happens. Decides nothing about queue or transcript.
 */
export class RunExecutor {
  readonly #parts: ExecutorParts;
  readonly #task: RunTask;
  readonly #sink: RunSink;
  readonly #controller = new AbortController();
  readonly #coalescer: DeltaCoalescer;
  readonly #folder: UpstreamFolder;
  readonly #steers: RunSteers;
  /** What the agent asks in mid-answer. */
  readonly questions: RunQuestions;
  /** The books of this run's calls; null until one is about to be made. */
  #track: CallTrack | null = null;
  #calls: readonly UsageCall[] = [];
  #upstreamRun: UpstreamRun | null = null;
  /** Null until an upstream is called: before that there is nobody to tell. */
  #style: 'stop-request' | 'close-socket' | null = null;
  /** The upstream may have the request without having answered it. */
  #isUnderWay: boolean;
  #toldUsage: Usage | null = null;
  /** Parts of the answer that were no valid data. */
  #unreadable = 0;
  #stopping = false;
  #detached = false;
  #graceOver = false;
  #decided = false;
  /** Nothing that comes from outside may reach into a run that is over. */
  #ended = false;
  #cancelGrace: (() => void) | null = null;

  constructor(parts: ExecutorParts, task: RunTask, sink: RunSink) {
    this.#parts = parts;
    this.#task = task;
    this.#sink = sink;
    // A run of an earlier process is at its upstream already, and is stopped there.
    if (task.upstreamRunId !== null) this.#style = 'stop-request';
    this.#isUnderWay = task.upstreamRunId !== null;
    this.#coalescer = new DeltaCoalescer(parts.clock, (drafts) => sink.write(drafts));
    this.#folder = new UpstreamFolder(task.runId, {
      newId: parts.newId,
      now: () => parts.clock.now(),
      ...(task.written === undefined ? {} : { written: task.written }),
    });
    this.#steers = new RunSteers(parts.clock);
    this.questions = new RunQuestions({
      run: () => this.#upstreamRun,
      folder: this.#folder,
      isEnded: () => this.#ended,
      push: (draft) => this.#coalescer.push(draft),
    });
  }

  /** Runs to the end. Never rejects: whatever goes wrong is an outcome. Null after `detach`. */
  async execute(): Promise<RunOutcome | null> {
    const { upstreamRunId } = this.#task;
    let release: (() => void) | null = null;
    let outcome: RunOutcome;
    try {
      // A run that is being taken up runs already; it waits for nobody's turn.
      if (upstreamRunId === null) release = await this.#parts.slots.acquire(this.#controller.signal);
      const started = await (upstreamRunId === null ? this.#start() : this.#takeUp(upstreamRunId));
      outcome = await this.#consume(started);
    } catch (thrown) {
      this.#track?.threw(thrown);
      outcome = this.#outcomeOfThrow(thrown);
    } finally {
      await this.#steers.end();
      this.#ended = true;
      this.#cancelGrace?.();
      release?.();
    }
    if (this.#unreadable > 0)
      this.#parts.logger.warn(
        { run: this.#task.runId, parts: this.#unreadable },
        'parts of an answer could not be read',
      );
    try {
      await this.#coalescer.flush();
    } catch (thrown) {
      this.#parts.logger.error(describeThrown(thrown), 'the last part of an answer could not be stored');
      if (outcome.kind !== 'stopped')
        outcome = { kind: 'failed', error: toAppFailure(thrown).toAppError(), usage: outcome.usage };
    }
    if (this.#detached) return null;
    this.#calls = this.#track?.end(outcome.kind === 'stopped') ?? [];
    return outcome;
  }

  /** How it ends is known, and a stop changes nothing of it any more: its last part is being stored. */
  get isDecided(): boolean {
    return this.#decided;
  }

  /** The calls that are to be booked with the run's end; known once `execute` resolved with one. */
  get calls(): readonly UsageCall[] {
    return this.#calls;
  }

  get #subject(): CallSubject {
    const { runId, sessionId, options } = this.#task;
    const { profile, model, program } = options;
    const clientId = program?.clientId ?? null;
    return { id: runId, runId, sessionId, profile, model, caller: 'lead_agent', purpose: 'chat', clientId };
  }

  /** Takes up a run that an earlier process started. */
  async #takeUp(upstreamRunId: string): Promise<StartedRun> {
    const { runId, options } = this.#task;
    this.#sink.prepared();
    const { signal } = this.#controller;
    const attached = await this.#parts.upstream.attach(options.profile, upstreamRunId, signal, options.baseUrl);
    if (attached === null) {
      const error = inEnglish({ word: 'answer_unknown' });
      await this.#sink.write([{ event: 'run.reattach_failed', run_id: runId, error }]);
      throw failureOf('interrupted', { word: 'lost_at_close' }, { retry: { kind: 'user-action', action: 'retry' } });
    }
    this.#upstreamRun = attached.run;
    this.#track = this.#parts.calls.resume(this.#subject);
    this.#track.accepted({ model: attached.run.model, credentialId: attached.credentialId });
    this.#sink.attached();
    // The stop comes first: storing the news may have to wait for the disk.
    if (this.#stopping) this.#sendStop();
    await this.#sink.write([{ event: 'run.reattached', run_id: runId, upstream_run_id: upstreamRunId }]);
    return attached;
  }

  async #start(): Promise<StartedRun> {
    const { options } = this.#task;
    const { signal } = this.#controller;
    // A file on a disk that does not answer must not hold up a stop.
    const request = await abortable(this.#sink.request(signal), signal);
    this.#sink.prepared();
    this.#style = this.#parts.upstream.stopStyle(options.profile);
    const track = await abortable(this.#parts.calls.begin(this.#subject, request), signal);
    this.#track = track;
    let fitted: RunParameters | null = null;
    const started = await this.#parts.upstream.start(options.profile, request, signal, {
      ...track.notices,
      retrying: (notice) => this.#tellRetry(notice),
      moved: (credentialId) => this.#noteMove(credentialId),
      fitted: (parameters) => {
        fitted = parameters;
      },
      underWay: (isUnderWay, style) => {
        this.#isUnderWay = isUnderWay;
        this.#style = style ?? this.#style;
        if (!isUnderWay && this.#stopping) this.#controller.abort(new AbortReason('user'));
      },
    });
    this.#upstreamRun = started.run;
    track.accepted({ model: started.run.model, credentialId: started.credentialId });
    this.#style = started.run.stopStyle ?? this.#style;
    // The upstream accepted after the stop was asked for: it is told at once (E4-01).
    if (this.#stopping) this.#sendStop();
    await this.#sink.accepted({
      upstreamRunId: started.run.upstreamRunId,
      status: started.run.status,
      model: started.run.model,
      credentialId: started.credentialId,
      upstreamSessionId: started.run.upstreamSessionId ?? null,
      parameters: fitted,
    });
    return started;
  }

  /** What was meant for the running answer and did not get there; goes before everything else that waits. */
  get unsent(): readonly UnsentSteer[] {
    return this.#steers.unsent;
  }

  #tellRetry(notice: RetryNotice): void {
    if (this.#stopping || this.#ended) return;
    this.#sink.write([{ event: 'run.retrying', run_id: this.#task.runId, ...notice }]).catch((thrown: unknown) => {
      this.#parts.logger.warn(describeThrown(thrown), 'a wait for the upstream could not be stored');
    });
  }

  #noteMove(credentialId: string | null): void {
    this.#sink.moved?.(credentialId).catch((thrown: unknown) => {
      this.#parts.logger.warn(describeThrown(thrown), 'which key took over could not be stored');
    });
  }

  async #consume(started: StartedRun): Promise<RunOutcome> {
    let usage: Usage | null = null;
    for await (const batch of started.run.events) {
      for (const event of batch) {
        this.#track?.hear(event);
        if (event.type === 'usage') usage = event.usage;
        if (event.type === 'unreadable') this.#unreadable++;
        if (event.type === 'steered' && !event.accepted && event.text !== '') this.#steers.missed(event.text);
        if (isUpstreamTerminal(event)) return this.#outcomeOf(this.#withRest(event), usage);
        for (const draft of this.#folder.fold(event)) this.#coalescer.push(draft);
        // Behind the part: figures must not make the first word wait.
        if (event.type !== 'usage') this.#tellReport(usage);
      }
    }
    // The adapter's contract forbids this end; saying so beats a run that hangs.
    throw failureOf('upstream_lost', { word: 'ended_without_word' });
  }

  /** Figures are told once more of the answer follows: those that come last stand in its end. */
  #tellReport(usage: Usage | null): void {
    if (usage === null || usage === this.#toldUsage) return;
    this.#toldUsage = usage;
    for (const draft of this.#sink.reported(usage)) this.#coalescer.push(draft);
  }

  /** A taken-up run's closing text holds what the earlier process already had: only the rest is new. */
  #withRest(event: UpstreamTerminal): UpstreamTerminal {
    const written = this.#task.written;
    if (written === undefined || event.type !== 'completed' || event.output === null) return event;
    const rest = missingText(written, event.output);
    if (rest !== '') {
      for (const draft of this.#folder.fold({ type: 'text', text: rest })) this.#coalescer.push(draft);
    }
    return { ...event, output: null };
  }

  #outcomeOf(event: UpstreamTerminal, usage: Usage | null): RunOutcome {
    this.#decided = true;
    const { hasText, hasTools, answer } = this.#folder;
    const closedByUs = this.#controller.signal.aborted;
    const stop = this.#stopping ? { isSynced: !(closedByUs && this.#graceOver) } : null;
    return outcomeOfEnd(event, { hasText, hasTools, answer, usage, unreadable: this.#unreadable }, stop);
  }

  #outcomeOfThrow(thrown: unknown): RunOutcome {
    this.#decided = true;
    // Nothing may stay open or run on behind a failure, whatever its cause.
    if (!this.#stopping && !this.#detached && this.#upstreamRun !== null) this.#sendStop();
    if (!this.#controller.signal.aborted) this.#controller.abort(new AbortReason('superseded'));
    if (this.#stopping) {
      if (!(thrown instanceof AbortReason))
        this.#parts.logger.warn(describeThrown(thrown), 'a stopped run also failed');
      return { kind: 'stopped', synced: isNothingLeftRunning(this.#style, thrown), usage: null, output: null };
    }
    const failure = toAppFailure(thrown);
    if (failure.code === 'internal') this.#parts.logger.error(describeThrown(thrown), 'a run failed inside Sluice');
    return { kind: 'failed', error: failure.toAppError(), usage: null };
  }

  /**
   * First half of a stop: from here on every end counts as stopped. Stores what has arrived, for at most 50 ms, so that
   * the partial answer is safe before the upstream is told.
   */
  async prepareStop(): Promise<void> {
    this.#stopping = true;
    const stored = this.#coalescer.flush().catch((thrown: unknown) => {
      this.#parts.logger.warn(describeThrown(thrown), 'the partial answer could not be stored before the stop');
    });
    await waitAtMost(stored, this.#parts.clock, FLUSH_BEFORE_STOP_MS);
  }

  /** Second half: tells the upstream, by its own way of stopping, and bounds the wait for it. */
  stop(): void {
    this.#stopping = true;
    if (this.#ended) return;
    // Where the upstream has nothing yet (its turn, a key or a retry is waited for) there is nobody to tell.
    if (this.#style !== 'stop-request' || (this.#upstreamRun === null && !this.#isUnderWay)) {
      this.#controller.abort(new AbortReason('user'));
      return;
    }
    this.#cancelGrace ??= this.#parts.clock.after(STOP_GRACE_MS, () => {
      this.#graceOver = true;
      void this.#tellTimeout();
      this.#controller.abort(new AbortReason('grace-over'));
    });
    if (this.#upstreamRun !== null) this.#sendStop();
  }

  #sendStop(): void {
    const run = this.#upstreamRun;
    if (run === null) return;
    run.stop().then(
      (answer) => {
        // Nothing runs there any more, so no terminal event has to be waited for.
        if (answer === 'gone') this.#controller.abort(new AbortReason('user'));
      },
      (thrown: unknown) =>
        this.#parts.logger.warn(describeThrown(thrown), 'the upstream did not take the stop request'),
    );
  }

  async #tellTimeout(): Promise<void> {
    try {
      await this.#sink.write([
        {
          event: 'abort.timeout',
          run_id: this.#task.runId,
          synced: false,
          ...told({ word: 'stop_unconfirmed', with: { seconds: STOP_GRACE_MS / 1000 } }),
        },
      ]);
    } catch (thrown) {
      this.#parts.logger.warn(describeThrown(thrown), 'the stop timeout could not be stored');
    }
  }

  /** Lets go of the run without ending it: text so far is stored, sockets close, a later process takes it up. */
  async detach(): Promise<void> {
    this.#detached = true;
    try {
      // What cannot be written by then waits for a disk or a lock; the process has to end all the same.
      await waitAtMost(this.#coalescer.flush(), this.#parts.clock, FLUSH_BEFORE_EXIT_MS);
    } finally {
      this.#controller.abort(new AbortReason('shutdown'));
    }
  }

  /** Whether a message can be put into the answer now. */
  get canSteer(): boolean {
    return this.#upstreamRun?.steer !== undefined && !this.#stopping && !this.#ended;
  }

  /**
   * Puts a message into the running answer.
   *
   * @returns false when the upstream takes none now: the message is to be queued.
   * @throws AppFailure when it is unknown whether it was taken.
   */
  async steer(text: string, ids: { queueId: string; idempotencyKey: string | null }): Promise<boolean> {
    const run = this.#upstreamRun;
    if (run?.steer === undefined || this.#stopping || this.#ended) return false;
    const send = run.steer.bind(run);
    const fate = await this.#steers.put(text, ids.queueId, send, () => {
      for (const draft of this.#folder.steered(text, ids)) this.#coalescer.push(draft);
    });
    if (fate === 'taken') await this.#coalescer.flush();
    return fate !== 'refused';
  }
}
