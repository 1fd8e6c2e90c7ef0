import type { ServerResponse } from 'node:http';
import type { ScriptOutput } from './play-script.ts';
import { destroySocket, write } from './read-request.ts';
import type { FakeUsage, Script, Step } from './script.ts';
import { Transcript } from './transcript.ts';

type RunStatus =
  | 'running'
  | 'waiting_for_approval'
  | 'waiting_for_clarify'
  | 'stopping'
  | 'completed'
  | 'failed'
  | 'cancelled';

interface PendingQuestion {
  id: string | null;
  fields: Record<string, unknown>;
  answer: (response: string) => void;
}

interface PendingApproval {
  id: string;
  hasWireId: boolean;
  fields: Record<string, unknown>;
  answer: (choice: string) => void;
}

/** One run of the fake agent: lives by its script, whoever listens. Its stream has one consumer and cannot be reopened. */
export class HermesRun implements ScriptOutput {
  readonly id: string;
  readonly survivesCut = true;
  readonly script: Script;
  readonly sessionId: string | null;
  readonly model: string;
  readonly signal: AbortSignal;
  readonly createdAtMs = performance.now();
  readonly #controller = new AbortController();
  readonly #ended: () => void;
  #status: RunStatus = 'running';
  #output = '';
  #usage: FakeUsage | null = null;
  #error: string | null = null;
  /** Frames that nobody has read yet; null once the queue was destroyed. */
  #backlog: (string | Uint8Array)[] | null = [];
  #consumer: ServerResponse | null = null;
  #onConsumer: (() => void)[] = [];
  readonly #approvals: PendingApproval[] = [];
  readonly #questions: PendingQuestion[] = [];
  readonly #steers: string[] = [];
  readonly #onSteer: (() => void)[] = [];
  readonly #transcript: Transcript;

  constructor(
    fields: { id: string; script: Script; sessionId: string | null; model: string; input: string },
    ended: () => void,
  ) {
    this.id = fields.id;
    this.script = fields.script;
    this.sessionId = fields.sessionId;
    this.model = fields.model;
    this.signal = this.#controller.signal;
    this.#ended = ended;
    this.#transcript = new Transcript(fields.input);
  }

  /** The session's rows, as the agent stores them. */
  get transcript(): Record<string, unknown>[] {
    return this.#transcript.rows;
  }

  get isOver(): boolean {
    return this.#status === 'completed' || this.#status === 'failed' || this.#status === 'cancelled';
  }

  get canBeConsumed(): boolean {
    return this.#backlog !== null && this.#consumer === null;
  }

  /** The answer to a status request. */
  toStatus(): Record<string, unknown> {
    const pending = this.#approvals[0];
    const question = this.#questions[0];
    return {
      object: 'hermes.run',
      run_id: this.id,
      status: this.isOver ? (this.script.finalStatus ?? this.#status) : this.#status,
      session_id: this.sessionId,
      model: this.model,
      ...(this.#status === 'completed' ? { output: this.#output } : {}),
      ...(this.#usage === null || !this.isOver ? {} : { usage: wireUsage(this.#usage) }),
      ...(this.#error === null ? {} : { error: this.#error }),
      ...(pending === undefined ? {} : { approval: pending.fields }),
      ...(question === undefined ? {} : { clarify: question.fields }),
    };
  }

  /** Takes the one consumer; everything said so far follows, then the rest. */
  consume(response: ServerResponse, contentType: string): void {
    response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-cache' });
    response.flushHeaders();
    this.#consumer = response;
    response.on('close', () => {
      if (this.#consumer !== response) return;
      this.#consumer = null;
      this.#backlog = null;
    });
    for (const frame of this.#backlog ?? []) response.write(frame);
    this.#backlog = [];
    for (const tell of this.#onConsumer.splice(0)) tell();
    if (this.isOver) this.#close();
  }

  async text(text: string): Promise<void> {
    this.#output += text;
    this.#transcript.text(text);
    await this.#emit('message.delta', { delta: text });
  }

  reasoning(text: string): Promise<void> {
    return this.#emit('reasoning.delta', { text });
  }

  reasoningAvailable(text: string): Promise<void> {
    return this.#emit('reasoning.available', { text });
  }

  toolStart(step: Extract<Step, { do: 'toolStart' }>): Promise<void> {
    this.#transcript.toolStart(step);
    const isHidden = this.script.hidesToolDetails === true;
    return this.#emit('tool.started', {
      tool: step.name,
      preview: step.preview ?? null,
      ...(step.id === undefined || isHidden ? {} : { tool_call_id: step.id }),
      ...(step.arguments === undefined || isHidden ? {} : { arguments: step.arguments }),
    });
  }

  toolEnd(step: Extract<Step, { do: 'toolEnd' }>): Promise<void> {
    this.#transcript.toolEnd(step);
    const isHidden = this.script.hidesToolDetails === true;
    return this.#emit('tool.completed', {
      tool: step.name,
      duration: step.durationSeconds ?? 0.1,
      error: step.isError ?? false,
      ...(step.id === undefined || isHidden ? {} : { tool_call_id: step.id }),
      ...(step.output === undefined || isHidden ? {} : { output: step.output }),
    });
  }

  async approval(step: Extract<Step, { do: 'approval' }>): Promise<void> {
    const fields = {
      command: step.command,
      description: step.description ?? step.command,
      choices: step.choices ?? ['once', 'session', 'always', 'deny'],
      ...(step.id === undefined ? {} : { request_id: step.id }),
    };
    const answered = new Promise<string>((resolve) => {
      this.#approvals.push({ id: step.id ?? '', hasWireId: step.id !== undefined, fields, answer: resolve });
      this.signal.addEventListener('abort', () => resolve('deny'), { once: true });
    });
    this.#status = 'waiting_for_approval';
    await this.#emit('approval.request', fields);
    const choice = await answered;
    if (this.isOver) return;
    if (this.#status === 'waiting_for_approval') this.#status = 'running';
    await this.#emit('approval.responded', {
      choice,
      resolved: 1,
      ...(step.id === undefined ? {} : { request_id: step.id }),
    });
  }

  async clarify(step: Extract<Step, { do: 'clarify' }>): Promise<void> {
    const id = step.id ?? null;
    const fields = {
      question: step.question,
      ...(step.choices === undefined ? {} : { choices: step.choices }),
      ...(id === null ? {} : { clarify_id: id }),
    };
    const answered = new Promise<string>((resolve) => {
      this.#questions.push({ id, fields, answer: resolve });
      this.signal.addEventListener('abort', () => resolve(''), { once: true });
    });
    this.#status = 'waiting_for_clarify';
    await this.#emit('clarify.request', fields);
    const response = await answered;
    if (this.isOver) return;
    if (this.#status === 'waiting_for_clarify') this.#status = 'running';
    await this.#emit('clarify.responded', { response, ...(id === null ? {} : { clarify_id: id }) });
  }

  /** @returns whether a question waited for the answer. */
  resolveQuestion(id: string | null, response: string): boolean {
    const at = this.#questions.findIndex((question) => id === null || question.id === id);
    const [question] = at < 0 ? [] : this.#questions.splice(at, 1);
    question?.answer(response);
    return question !== undefined;
  }

  /** Takes a message into the run. @returns whether it was taken. */
  async steer(text: string): Promise<boolean> {
    if (this.isOver || this.#status === 'stopping' || this.script.onSteer === 'refuse') return false;
    this.#steers.push(text);
    await this.#emit('run.steered', { accepted: true });
    for (const tell of this.#onSteer.splice(0)) tell();
    return true;
  }

  async awaitSteer(): Promise<void> {
    if (this.#steers.length === 0) {
      await new Promise<void>((resolve) => {
        this.#onSteer.push(resolve);
        this.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    const said = this.#steers.shift();
    if (said !== undefined) await this.text(`(steered: ${said})`);
  }

  /** @returns how many pending approvals the answer settled. */
  resolveApproval(choice: string, requestId: string | null, all: boolean): number {
    const matching = this.#approvals.filter(
      (pending) => all || requestId === null || (pending.hasWireId && pending.id === requestId),
    );
    const settled = all ? matching : matching.slice(0, 1);
    for (const pending of settled) {
      this.#approvals.splice(this.#approvals.indexOf(pending), 1);
      pending.answer(choice);
    }
    return settled.length;
  }

  frame(data: unknown, event: string | null): Promise<void> {
    return this.raw(`${event === null ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`);
  }

  async raw(bytes: string | Uint8Array): Promise<void> {
    if (this.#consumer !== null) await write(this.#consumer, bytes);
    else this.#backlog?.push(bytes);
  }

  usage(usage: FakeUsage): void {
    this.#usage = usage;
  }

  async cut(): Promise<void> {
    await this.#consumerConnected();
    const consumer = this.#consumer;
    this.#consumer = null;
    this.#backlog = null;
    if (consumer !== null) await destroySocket(consumer);
  }

  async endStream(): Promise<void> {
    await this.#consumerConnected();
    this.#close();
  }

  async fail(step: Extract<Step, { do: 'fail' }>): Promise<void> {
    this.#error = step.message;
    await this.#settle('failed', 'run.failed', { error: step.message });
  }

  async cancel(): Promise<void> {
    await this.#settle('cancelled', 'run.cancelled', {});
  }

  async finish(step: Extract<Step, { do: 'finish' }>): Promise<void> {
    this.#usage = step.usage ?? this.#usage;
    this.#output = step.output ?? this.#output;
    const unread = this.script.onSteer === 'leave-unread' ? (this.#steers.shift() ?? null) : null;
    await this.#settle('completed', 'run.completed', {
      output: this.#output,
      ...(unread === null ? {} : { pending_steer: unread }),
      ...(this.#usage === null ? {} : { usage: wireUsage(this.#usage) }),
    });
  }

  /** Marks the run as stopping; its script goes on until `halt`. */
  markStopping(): void {
    if (!this.isOver) this.#status = 'stopping';
  }

  /** Ends the script at once, and the run as cancelled or completed. */
  async halt(as: 'cancelled' | 'completed'): Promise<void> {
    if (this.isOver) return;
    this.#controller.abort();
    if (as === 'completed') await this.finish({ do: 'finish' });
    else await this.cancel();
  }

  /** Forgets everything, as an agent that ends. */
  destroy(): void {
    this.#controller.abort();
    this.#consumer?.destroy();
  }

  async #settle(status: RunStatus, event: string, fields: Record<string, unknown>): Promise<void> {
    if (this.isOver) return;
    this.#status = status;
    this.#ended();
    await this.#emit(event, fields);
    this.#close();
  }

  #close(): void {
    const consumer = this.#consumer;
    if (consumer === null) return;
    this.#consumer = null;
    this.#backlog = null;
    consumer.end(': stream closed\n\n');
  }

  #consumerConnected(): Promise<void> {
    if (this.#consumer !== null || this.#backlog === null || this.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onConsumer.push(resolve);
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #emit(event: string, fields: Record<string, unknown>): Promise<void> {
    return this.frame({ event, run_id: this.id, timestamp: Date.now() / 1000, ...fields }, null);
  }
}

function wireUsage(usage: FakeUsage): Record<string, number> {
  return { input_tokens: usage.input, output_tokens: usage.output, total_tokens: usage.input + usage.output };
}
