import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AnthropicFormat } from './anthropic-format.ts';
import { type ChatFormat, ChatOutput } from './chat-output.ts';
import { handleControl } from './control.ts';
import { Gates } from './gates.ts';
import { HermesRun } from './hermes-run.ts';
import { OpenAiFormat } from './openai-format.ts';
import { playScript } from './play-script.ts';
import { clientGone, inputOf, isRecord, parseJson, readText, sendJson, sessionOf } from './read-request.ts';
import { type RecordedRequest, type RecordedStop, Recorder } from './recorder.ts';
import { echoScript, type Script, type Step, toScript } from './script.ts';
import { sleep } from './sleep.ts';

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  recorded: RecordedRequest;
  text: string;
  body: unknown;
  signal: AbortSignal;
}

export interface FakeUpstreamOptions {
  /** 0 takes any free port. */
  port?: number;
  /** Refuses every other key with 401 when set. */
  requireKey?: string;
}

/**
 * A real HTTP server on 127.0.0.1 that speaks Hermes runs, OpenAI chat completions and Anthropic messages, and does what
 * scripts tell it. Every answer-making request takes the next fitting script, else the default, else it echoes.
 */
export class FakeUpstream {
  readonly gates = new Gates();
  readonly recorder = new Recorder();
  readonly #server: Server;
  readonly #queue: Script[] = [];
  readonly #runs = new Map<string, HermesRun>();
  /** Our idempotency keys and the runs that they made. */
  readonly #runsByKey = new Map<string, string>();
  readonly #closing = new AbortController();
  readonly #requireKey: string | null;
  #default: Script | null = null;
  #isEraOne = false;
  #statusAnswers: { status: number; body: string }[] = [];
  #statusForEver: { status: number; body: string } | null = null;
  #url = '';
  #connections = 0;
  #openAnswers = 0;

  private constructor(options: FakeUpstreamOptions) {
    this.#requireKey = options.requireKey ?? null;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((thrown: unknown) => {
        // A fault of the fake itself must be seen, and must not look like a scripted one.
        process.stderr.write(`fake upstream: ${thrown instanceof Error ? (thrown.stack ?? '') : String(thrown)}\n`);
        if (response.headersSent) response.destroy();
        else sendJson(response, 599, { error: { message: 'The fake upstream itself failed.' } });
      });
    });
    this.#server.on('connection', () => {
      this.#connections++;
    });
    // Tests hold connections on purpose; nothing here may end one but the script.
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
  }

  static async start(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
    const fake = new FakeUpstream(options);
    await new Promise<void>((resolve, reject) => {
      fake.#server.once('error', reject);
      fake.#server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    fake.#url = `http://127.0.0.1:${(fake.#server.address() as AddressInfo).port}`;
    return fake;
  }

  /** Base URL without a slash, also the one of the OpenAI and Anthropic forms. */
  get url(): string {
    return this.#url;
  }

  /** TCP connections so far. */
  get connections(): number {
    return this.#connections;
  }

  /** Answers that are being given now. */
  get openAnswers(): number {
    return this.#openAnswers;
  }

  get requests(): readonly RecordedRequest[] {
    return this.recorder.requests;
  }

  get stops(): readonly RecordedStop[] {
    return this.recorder.stops;
  }

  /** Queues what the next fitting request gets. */
  next(...scripts: (Script | Step[])[]): void {
    for (const script of scripts) this.#queue.push(toScript(script));
  }

  /** What a request gets when the queue holds nothing for it; null is the echo. */
  setDefault(script: Script | Step[] | null): void {
    this.#default = script === null ? null : toScript(script);
  }

  /** Answers the next status requests of Hermes runs with these instead of the truth. */
  nextStatus(...answers: { status: number; body?: string }[]): void {
    this.#statusAnswers.push(...answers.map(({ status, body }) => ({ status, body: body ?? '' })));
  }

  /** Answers all status requests with this from now on; null is the truth again. */
  setStatus(answer: { status: number; body?: string } | null): void {
    this.#statusForEver = answer === null ? null : { status: answer.status, body: answer.body ?? '' };
  }

  release(gate: string): void {
    this.gates.release(gate);
  }

  /** Speaks as an early agent does: no idempotency keys, no capabilities. */
  pretendEraOne(): void {
    this.#isEraOne = true;
  }

  /** Forgets a run, as an agent that was started anew. */
  forgetRun(runId: string): void {
    this.#runs.get(runId)?.destroy();
    this.#runs.delete(runId);
  }

  /** Requests to a path, oldest first. */
  requestsTo(method: string, path: string | RegExp): RecordedRequest[] {
    return this.recorder.requests.filter(
      (entry) => entry.method === method && (typeof path === 'string' ? entry.path === path : path.test(entry.path)),
    );
  }

  /** Plain data for assertions in another process. */
  state(): Record<string, unknown> {
    const { requests, stops, aborts, eventConnections, startedRuns, liveRuns, peakLiveRuns, peakLiveBySession } =
      this.recorder;
    return {
      requests,
      stops,
      aborts,
      eventConnections,
      startedRuns,
      liveRuns,
      peakLiveRuns,
      peakLiveBySession,
      queuedScripts: this.#queue.length,
      gatesWaiting: this.gates.waiting,
      nowMs: performance.now(),
    };
  }

  /** Closes every connection and the port. Bounded: nothing that a script waits for can hold it. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const run of this.#runs.values()) run.destroy();
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const path = new URL(request.url ?? '/', 'http://fake').pathname;
    if (path.startsWith('/__fake/')) {
      await handleControl(this, method, path.slice('/__fake/'.length), await readText(request), response);
      return;
    }
    const recorded = this.recorder.request({ method, path, headers: request.headers });
    this.#openAnswers++;
    response.on('close', () => {
      this.#openAnswers--;
    });
    const signal = AbortSignal.any([clientGone(response, () => this.recorder.aborted(recorded)), this.#closing.signal]);
    let text: string;
    try {
      text = await readText(request);
    } catch (thrown) {
      if (signal.aborted || request.destroyed) return;
      throw thrown;
    }
    recorded.body = parseJson(text);
    const exchange: Exchange = { request, response, recorded, text, body: recorded.body, signal };
    if (path !== '/health' && !this.#isAuthorised(request)) {
      sendJson(response, 401, {
        error: { message: 'Invalid API key', type: 'invalid_request_error', code: 'invalid_api_key' },
      });
      return;
    }
    await this.#route(method, path, exchange);
  }

  async #route(method: string, path: string, exchange: Exchange): Promise<void> {
    const { response } = exchange;
    const run = /^\/v1\/runs\/([^/]+)(?:\/(events|stop|approval))?$/.exec(path);
    if (run !== null) await this.#onRun(method, decodeURIComponent(run[1] ?? ''), run[2] ?? 'status', exchange);
    else if (method === 'POST' && path === '/v1/runs') await this.#startRun(exchange);
    else if (method === 'POST' && path === '/v1/chat/completions') {
      const options = isRecord(exchange.body) ? exchange.body['stream_options'] : undefined;
      const includeUsage = isRecord(options) && options['include_usage'] === true;
      await this.#chat(exchange, new OpenAiFormat(modelOf(exchange.body), includeUsage));
    } else if (method === 'POST' && path === '/v1/messages') {
      await this.#chat(exchange, new AnthropicFormat(modelOf(exchange.body)));
    } else if (path === '/health' || path === '/v1/health') {
      sendJson(response, 200, { status: 'ok', platform: 'hermes-agent' });
    } else if (path === '/v1/models') {
      sendJson(response, 200, {
        object: 'list',
        data: [{ id: 'fake-model', object: 'model', created: 1_700_000_000, owned_by: 'fake' }],
      });
    } else if (path === '/v1/capabilities' && !this.#isEraOne) {
      sendJson(response, 200, {
        features: { approval_events: true, run_approval_response: true, reasoning_streaming: true },
        endpoints: { run_approval: true },
      });
    } else
      sendJson(response, 404, { error: { message: 'Not Found', type: 'invalid_request_error', code: 'not_found' } });
  }

  /** Waits and answers as the script says before any stream. @returns whether the exchange is over. */
  async #opening(script: Script, { response, signal }: Exchange): Promise<boolean> {
    if (script.slowHeadersMs !== undefined) await sleep(script.slowHeadersMs, signal);
    if (script.headersGate !== undefined) await this.gates.pass(script.headersGate, signal);
    if (signal.aborted) return true;
    if (script.answer === undefined) return false;
    response.writeHead(script.answer.status, script.answer.headers);
    response.end(script.answer.body ?? '');
    return true;
  }

  async #chat(exchange: Exchange, format: ChatFormat): Promise<void> {
    const { response, body, signal } = exchange;
    const script = this.#takeScript(exchange);
    const ended = this.recorder.runStarted(sessionOf(body));
    try {
      if (await this.#opening(script, exchange)) return;
      const isStream = isRecord(body) && body['stream'] === true;
      const output = new ChatOutput(response, format, isStream, signal);
      await output.open(script.contentType ?? 'text/event-stream');
      await playScript(script.steps, output, this.gates);
    } finally {
      ended();
    }
  }

  async #startRun(exchange: Exchange): Promise<void> {
    const { request, response, body } = exchange;
    const key = request.headers['idempotency-key'];
    const known = typeof key === 'string' && !this.#isEraOne ? this.#runsByKey.get(key) : undefined;
    if (known !== undefined) {
      response.setHeader('idempotency-replayed', 'true');
      sendJson(response, 202, { run_id: known, status: 'started', replayed: true });
      return;
    }
    const script = this.#takeScript(exchange);
    if (await this.#opening(script, exchange)) return;
    const sessionId = isRecord(body) && typeof body['session_id'] === 'string' ? body['session_id'] : null;
    const id = `run_${randomBytes(16).toString('hex')}`;
    const ended = this.recorder.runStarted(sessionOf(body));
    const run = new HermesRun({ id, script, sessionId, model: modelOf(body) }, ended);
    this.#runs.set(id, run);
    if (typeof key === 'string') this.#runsByKey.set(key, id);
    sendJson(response, 202, { ...(script.withoutRunId === true ? {} : { run_id: id }), status: 'started' });
    await playScript(script.steps, run, this.gates);
  }

  async #onRun(method: string, id: string, what: string, exchange: Exchange): Promise<void> {
    const { response } = exchange;
    const run = this.#runs.get(id);
    if (what === 'events') this.recorder.eventConnections++;
    const planned = what === 'status' ? (this.#statusAnswers.shift() ?? this.#statusForEver) : null;
    if (planned !== null) {
      response.writeHead(planned.status, { 'content-type': 'application/json' });
      response.end(planned.body);
    } else if (what === 'stop' && method === 'POST') await this.#stopRun(run, id, exchange);
    else if (run === undefined || (what === 'events' && !run.canBeConsumed)) sendNoRun(response);
    else if (what === 'events') run.consume(response, run.script.contentType ?? 'text/event-stream');
    else if (what === 'approval' && method === 'POST') this.#approve(run, exchange);
    else sendJson(response, 200, run.toStatus());
  }

  async #stopRun(run: HermesRun | undefined, id: string, { response, signal }: Exchange): Promise<void> {
    const stop: RecordedStop = { runId: id, atMs: performance.now(), status: null };
    this.recorder.stops.push(stop);
    const behaviour = run?.script.onStop ?? 'cancel';
    if (behaviour === 'hang') return;
    if (run === undefined || behaviour === 'unknown') {
      stop.status = 404;
      sendNoRun(response);
      return;
    }
    stop.status = 200;
    if (run.isOver) {
      sendJson(response, 200, run.toStatus());
      return;
    }
    if (behaviour !== 'ignore') run.markStopping();
    sendJson(response, 200, { run_id: id, status: 'stopping' });
    if (behaviour === 'ignore') return;
    await sleep(run.script.stopDelayMs ?? 0, this.#closing.signal);
    if (!signal.aborted || !this.#closing.signal.aborted)
      await run.halt(behaviour === 'complete' ? 'completed' : 'cancelled');
  }

  #approve(run: HermesRun, { response, body }: Exchange): void {
    const fields = isRecord(body) ? body : {};
    const choice = typeof fields['choice'] === 'string' ? fields['choice'] : 'deny';
    const requestId = typeof fields['request_id'] === 'string' ? fields['request_id'] : null;
    const resolved = run.resolveApproval(choice, requestId, fields['all'] === true);
    if (resolved === 0) {
      sendJson(response, 409, { error: { message: 'No approval is pending', code: 'approval_not_pending' } });
      return;
    }
    sendJson(response, 200, { object: 'hermes.run.approval_response', run_id: run.id, choice, resolved });
  }

  #takeScript({ text, body }: Exchange): Script {
    const at = this.#queue.findIndex((script) => script.match === undefined || text.includes(script.match));
    const [script] = at < 0 ? [] : this.#queue.splice(at, 1);
    return script ?? this.#default ?? echoScript(inputOf(body));
  }

  #isAuthorised(request: IncomingMessage): boolean {
    if (this.#requireKey === null) return true;
    const key = request.headers['x-api-key'];
    return request.headers.authorization === `Bearer ${this.#requireKey}` || key === this.#requireKey;
  }
}

function modelOf(body: unknown): string {
  return isRecord(body) && typeof body['model'] === 'string' ? body['model'] : 'fake-model';
}

function sendNoRun(response: ServerResponse): void {
  sendJson(response, 404, {
    error: { message: 'Run not found', type: 'invalid_request_error', code: 'run_not_found' },
  });
}
