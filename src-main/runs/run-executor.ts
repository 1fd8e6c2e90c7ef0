import type { ApprovalChoice, EventDraft, Usage } from '#contract/events';
import type { RunInput } from '#contract/message';
import type { RunParameters } from '#contract/model-parameters';
import type { UsageCall } from '#contract/usage-report';
import type { RetryNotice, StartNotices } from '../gateway/gateway.ts';
import { missingText } from '../gateway/missing-text.ts';
import type { UpstreamRequest, UpstreamRun } from '../gateway/upstream-adapter.ts';
import { isUpstreamTerminal, type UpstreamTerminal } from '../gateway/upstream-event.ts';
import { abortable } from '../platform/abortable.ts';
import { AbortReason, AppFailure, failureOf, inEnglish, toAppFailure, told } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { waitAtMost } from '../platform/wait-at-most.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { CallLedger, CallSubject } from '../usage/call-ledger.ts';
import type { CallTrack } from '../usage/call-track.ts';
import { DeltaCoalescer } from './delta-coalescer.ts';
import { UpstreamFolder } from './fold-upstream.ts';
import type { RunOutcome } from './run-outcome.ts';
import type { RunSlots } from './run-slots.ts';
import type { ToolRow } from './tool-rows.ts';

/** How long an upstream may take to confirm that it stopped. */
const STOP_GRACE_MS = 5000;
/** Storing the partial answer comes before the stop request, but never delays it longer than this. */
const FLUSH_BEFORE_STOP_MS = 50;
const FLUSH_BEFORE_EXIT_MS = 1000;
/** The end of a run waits this long for messages that are on their way into it. */
const STEER_AT_END_MS = 1000;

/** One upstream call, without the particulars of pools and providers. */
export interface StartedRun {
  run: UpstreamRun;
  credentialId: string | null;
}

/** What the executor needs of the gateway. */
export interface UpstreamPort {
  stopStyle(profile: string): 'stop-request' | 'close-socket';
  /** Resolves once an upstream accepted; what it takes to get there is told to `notices`. */
  start(profile: string, request: UpstreamRequest, signal: AbortSignal, notices?: StartNotices): Promise<StartedRun>;
  attach(profile: string, upstreamRunId: string, signal: AbortSignal, baseUrl?: string): Promise<StartedRun | null>;
}

/** The part of an answer that is stored already. */
export interface WrittenAnswer {
  /** All text of the run. */
  whole: string;
  /** The text after the last tool call. */
  segment: string;
  /** The row that more text goes into; null where a tool call came last. */
  openMessageId: string | null;
  hasTools: boolean;
  /** Approvals that still wait, oldest first. */
  approvalIds: string[];
  /** Questions that still wait, oldest first. */
  clarifyIds: string[];
  /** The tool rows, for what is still told of their calls. */
  tools: ToolRow[];
}

export interface RunTask {
  runId: string;
  sessionId: string | null;
  input: RunInput;
  options: RunOptions;
  /** Set for a run that an earlier process started: it is taken up instead of begun. */
  upstreamRunId: string | null;
  /** What an earlier process had of the answer; it goes on from there. */
  written?: WrittenAnswer;
}

/** Where the executor's news go. Each promise settles once the news is stored. */
export interface RunSink {
  write(drafts: EventDraft[]): Promise<void>;
  prepared(): void;
  /** A run of an earlier process was found alive at its upstream. */
  attached(): void;
  accepted(fields: {
    upstreamRunId: string | null;
    status: string;
    model: string | null;
    credentialId: string | null;
    upstreamSessionId: string | null;
    /** What became of the parameters; null where none were chosen. */
    parameters: RunParameters | null;
  }): Promise<void>;
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
  /** Approvals whose answer is on its way. */
  readonly #approving = new Set<string>();
  /** What was to go into the answer and never reached the model: it still has to be sent. */
  readonly #unsent: { text: string; queueId: string | null }[] = [];
  /** Messages that are on their way into the answer. */
  readonly #steering = new Set<{ text: string; queueId: string; answered: Promise<boolean> }>();
  readonly #steered: { text: string; queueId: string }[] = [];
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
  }

  /** Runs to the end. Never rejects: whatever goes wrong is an outcome. Null after `detach`. */
  async execute(): Promise<RunOutcome | null> {
    let release: (() => void) | null = null;
    let outcome: RunOutcome;
    try {
      // A run that is being taken up runs already; it waits for nobody's turn.
      if (this.#task.upstreamRunId === null) release = await this.#parts.slots.acquire(this.#controller.signal);
      const started = await this.#start();
      outcome = await this.#consume(started);
    } catch (thrown) {
      this.#track?.threw(thrown);
      outcome = this.#outcomeOfThrow(thrown);
    } finally {
      await this.#awaitSteers();
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

  async #start(): Promise<StartedRun> {
    const { options, upstreamRunId } = this.#task;
    const signal = this.#controller.signal;
    if (upstreamRunId !== null) {
      this.#sink.prepared();
      const attached = await this.#parts.upstream.attach(options.profile, upstreamRunId, signal, options.baseUrl);
      if (attached === null) {
        await this.#sink.write([
          {
            event: 'run.reattach_failed',
            run_id: this.#task.runId,
            error: inEnglish({ word: 'answer_unknown' }),
          },
        ]);
        throw failureOf(
          'interrupted',
          { word: 'lost_at_close' },
          {
            retry: { kind: 'user-action', action: 'retry' },
          },
        );
      }
      this.#upstreamRun = attached.run;
      this.#track = this.#parts.calls.resume(this.#subject);
      this.#track.accepted({ model: attached.run.model, credentialId: attached.credentialId });
      this.#sink.attached();
      // The stop comes first: storing the news may have to wait for the disk.
      if (this.#stopping) this.#sendStop();
      await this.#sink.write([{ event: 'run.reattached', run_id: this.#task.runId, upstream_run_id: upstreamRunId }]);
      return attached;
    }
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
  get unsent(): readonly { text: string; queueId: string | null }[] {
    return this.#unsent;
  }

  #unsentText(text: string): void {
    const own = this.#steered.findLast((steer) => steer.text === text);
    this.#unsent.push({ text, queueId: own?.queueId ?? null });
  }

  /** Messages that the upstream has not answered for yet get a moment; what is unknown after it is sent as a message. */
  async #awaitSteers(): Promise<void> {
    if (this.#steering.size === 0) return;
    const answered = Promise.allSettled([...this.#steering].map((steer) => steer.answered));
    await waitAtMost(answered, this.#parts.clock, STEER_AT_END_MS);
    for (const { text, queueId } of this.#steering) this.#unsent.push({ text, queueId });
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
        if (event.type === 'steered' && !event.accepted && event.text !== '') this.#unsentText(event.text);
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

  #outcomeOf(event: UpstreamTerminal, seen: Usage | null): RunOutcome {
    const usage = event.usage ?? seen;
    const output = event.type === 'completed' && !this.#folder.hasText ? event.output : null;
    if (this.#stopping) {
      const closedByUs = this.#controller.signal.aborted;
      return { kind: 'stopped', synced: !(closedByUs && this.#graceOver), usage, output };
    }
    switch (event.type) {
      case 'completed':
        if (!this.#folder.hasText && !this.#folder.hasTools && (event.output ?? '').trim() === '') {
          return {
            kind: 'failed',
            usage,
            error: failureOf(
              'upstream_empty_answer',
              { word: 'empty_answer' },
              { retry: { kind: 'user-action', action: 'retry' } },
            ).toAppError(),
          };
        }
        return {
          kind: 'completed',
          output: event.output ?? this.#folder.answer,
          finishReason: event.finishReason,
          usage,
          hasText: this.#folder.hasText,
          ...(this.#unreadable === 0 ? {} : { unreadable: this.#unreadable }),
        };
      case 'failed':
        return { kind: 'failed', error: event.error, usage };
      case 'cancelled':
        return { kind: 'cancelled', usage };
    }
  }

  #outcomeOfThrow(thrown: unknown): RunOutcome {
    // Nothing may stay open or run on behind a failure, whatever its cause.
    if (!this.#stopping && !this.#detached && this.#upstreamRun !== null) this.#sendStop();
    if (!this.#controller.signal.aborted) this.#controller.abort(new AbortReason('superseded'));
    if (this.#stopping) {
      if (!(thrown instanceof AbortReason))
        this.#parts.logger.warn(describeThrown(thrown), 'a stopped run also failed');
      return { kind: 'stopped', synced: this.#nothingRuns(thrown), usage: null, output: null };
    }
    const failure = toAppFailure(thrown);
    if (failure.code === 'internal') this.#parts.logger.error(describeThrown(thrown), 'a run failed inside Sluice');
    return { kind: 'failed', error: failure.toAppError(), usage: null };
  }

  /** Whether it is certain, after a stopped run threw, that the upstream works on nothing. */
  #nothingRuns(thrown: unknown): boolean {
    if (this.#style !== 'stop-request') return true;
    // The upstream said that the run is gone; after the grace it said nothing.
    if (thrown instanceof AbortReason) return thrown.kind === 'user';
    const status = thrown instanceof AppFailure ? thrown.details?.['status'] : undefined;
    return typeof status === 'number' && status >= 400 && status < 500;
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
          ...told({ word: 'stop_unconfirmed', with: { seconds: 5 } }),
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
    const entry = { text, queueId: ids.queueId, answered: Promise.resolve(false) };
    entry.answered = run.steer(text).then((accepted) => {
      this.#steering.delete(entry);
      if (!accepted || this.#ended) return accepted;
      this.#steered.push({ text, queueId: ids.queueId });
      for (const draft of this.#folder.steered(text, ids)) this.#coalescer.push(draft);
      return accepted;
    });
    this.#steering.add(entry);
    try {
      // Ended before the upstream answered: it goes out as a message, whatever is answered now.
      const accepted = await entry.answered;
      if (!accepted) return this.#unsent.some((unsent) => unsent.queueId === ids.queueId);
      await this.#coalescer.flush();
      return true;
    } finally {
      this.#steering.delete(entry);
    }
  }

  /** Answers a question of the agent. @throws AppFailure `conflict` when nothing waits for it. */
  async clarify(clarifyId: string, response: string): Promise<void> {
    const run = this.#upstreamRun;
    if (run?.clarify === undefined || this.#ended) {
      throw failureOf('conflict', { word: 'waits_no_reply' });
    }
    await run.clarify(clarifyId, response);
    this.#tell(() => this.#folder.fold({ type: 'clarify-resolved', clarifyId, response }));
  }

  /** Adds to the log of a run that is still open: after its end nothing may speak in it. */
  #tell(drafts: () => EventDraft[]): void {
    if (this.#ended) return;
    for (const draft of drafts()) this.#coalescer.push(draft);
  }

  /** Answers a pending approval. @throws AppFailure `conflict` when nothing waits for it. */
  async approve(approvalId: string, choice: ApprovalChoice, all: boolean): Promise<number> {
    const run = this.#upstreamRun;
    // An upstream that does not name its questions would take a second answer for the next one, which nobody has read.
    const isOpen = this.#folder.awaitsApproval(approvalId) && !this.#approving.has(approvalId);
    if (run?.approve === undefined || !isOpen) {
      throw failureOf('conflict', { word: 'waits_no_decision' });
    }
    this.#approving.add(approvalId);
    try {
      const { resolved } = await run.approve(approvalId, choice, all);
      this.#approved(approvalId, choice, all, resolved);
      return resolved;
    } catch (thrown) {
      // The upstream waits no longer: neither does anybody here.
      if (thrown instanceof AppFailure && thrown.code === 'conflict') {
        this.#tell(() => this.#folder.fold({ type: 'approval-resolved', approvalId, choice, resolved: 0 }));
      }
      throw thrown;
    } finally {
      this.#approving.delete(approvalId);
    }
  }

  #approved(approvalId: string, choice: ApprovalChoice, all: boolean, resolved: number): void {
    // The run may have ended while the upstream answered; its log is closed then.
    if (this.#ended) return;
    const told = this.#folder.fold({ type: 'approval-resolved', approvalId, choice, resolved });
    for (const draft of told) this.#coalescer.push(draft);
    // The one answer was for every question that waits: each of them is told to be answered.
    for (let more = all; more; ) {
      const other = this.#folder.fold({ type: 'approval-resolved', approvalId: null, choice, resolved });
      for (const draft of other) this.#coalescer.push(draft);
      more = other.length > 0;
    }
  }
}
