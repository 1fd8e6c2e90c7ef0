import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AnthropicFormat } from './anthropic-format.ts';
import type { CapabilitiesAnswer } from './capabilities.ts';
import { type ChatFormat, ChatOutput } from './chat-output.ts';
import { handleControl } from './control.ts';
import { Gates } from './gates.ts';
import { HermesRun } from './hermes-run.ts';
import { OpenAiFormat } from './openai-format.ts';
import { playScript } from './play-script.ts';
import { clientGone, inputOf, isRecord, parseJson, readText, sendJson, sessionOf } from './read-request.ts';
import { type RecordedRequest, type RecordedStop, Recorder } from './recorder.ts';
import { ResponsesFormat } from './responses-format.ts';
import { echoScript, type Script, type Step, tooManyRuns, toScript } from './script.ts';
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
  /** What the agent says that it can do; without it, it does not know the question. */
  capabilities?: CapabilitiesAnswer;
}

/**
 * A real HTTP server on 127.0.0.1 that speaks Hermes runs and responses, OpenAI chat completions and Anthropic messages, and does what
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
  #models: Script | null = null;
  readonly #pages = new Map<string, Script>();
  #capabilities: Script | null = null;
  #sessionAnswers: Script[] = [];
  readonly #deletedSessions = new Set<string>();
  #maxRuns = Number.POSITIVE_INFINITY;
  #bodyGate: string | null = null;
  #statusGate: string | null = null;
  #statusAnswers: { status: number; body: string }[] = [];
  #statusForEver: { status: number; body: string } | null = null;
  #url = '';
  #connections = 0;
  #openAnswers = 0;

  private constructor(options: FakeUpstreamOptions) {
    this.#requireKey = options.requireKey ?? null;
    this.setCapabilities(options.capabilities ?? null);
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

  /** What another path is answered with from now on. */
  setPage(path: string, script: Script): void {
    this.#pages.set(path, script);
  }

  /** What the list of models is answered with; null for the list itself. */
  setModels(script: Script | null): void {
    this.#models = script;
  }

  /**
   * What `GET /v1/capabilities` answers: an object, a whole script (a status, a web page, a gate before the headers), or
   * null for 404.
   */
  setCapabilities(answer: CapabilitiesAnswer | Script): void {
    if (answer === null) this.#capabilities = null;
    else if ('steps' in answer) this.#capabilities = answer as Script;
    else {
      const headers = { 'content-type': 'application/json' };
      this.#capabilities = { steps: [], answer: { status: 200, headers, body: JSON.stringify(answer) } };
    }
  }

  /** Answers the next requests about sessions (their messages, their deletion) with these instead of the truth. */
  nextSessionAnswer(...scripts: Script[]): void {
    this.#sessionAnswers.push(...scripts);
  }

  /** Refuses runs beyond this many with 429, as the agent does; 0 takes all. */
  setMaxRuns(count: number): void {
    this.#maxRuns = count === 0 ? Number.POSITIVE_INFINITY : count;
  }

  /** Reads no body of a POST until the gate is released, as a server that accepts and then does nothing. Null reads all. */
  holdBodies(gate: string | null): void {
    this.#bodyGate = gate;
  }

  /** Answers no status request until the gate is released; null answers again. */
  holdStatus(gate: string | null): void {
    this.#statusGate = gate;
  }

  release(gate: string): void {
    this.gates.release(gate);
  }

  /** Speaks as an early agent does: no idempotency keys, no capabilities, no sessions, no steering. */
  pretendEraOne(): void {
    this.#isEraOne = true;
    this.#capabilities = null;
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
    const { requests, stops, steers, aborts, deletedSessions, eventConnections } = this.recorder;
    const { startedRuns, liveRuns, peakLiveRuns, peakLiveBySession, peakLiveByKey } = this.recorder;
    return {
      requests,
      stops,
      steers,
      aborts,
      deletedSessions,
      eventConnections,
      startedRuns,
      liveRuns,
      peakLiveRuns,
      peakLiveBySession,
      peakLiveByKey,
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
      recorded.closedAtMs = performance.now();
    });
    const signal = AbortSignal.any([clientGone(response, () => this.recorder.aborted(recorded)), this.#closing.signal]);
    if (method === 'POST' && this.#bodyGate !== null) await this.gates.pass(this.#bodyGate, signal);
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
    const run = /^\/v1\/runs\/([^/]+)(?:\/(events|stop|approval|steer|clarify))?$/.exec(path);
    if (run !== null) await this.#onRun(method, decodeURIComponent(run[1] ?? ''), run[2] ?? 'status', exchange);
    else if (method === 'POST' && path === '/v1/runs') await this.#startRun(exchange);
    else if (method === 'POST' && path === '/v1/chat/completions') {
      const options = isRecord(exchange.body) ? exchange.body['stream_options'] : undefined;
      const includeUsage = isRecord(options) && options['include_usage'] === true;
      await this.#chat(exchange, new OpenAiFormat(modelOf(exchange.body), includeUsage));
    } else if (method === 'POST' && path === '/v1/messages') {
      await this.#chat(exchange, new AnthropicFormat(modelOf(exchange.body)));
    } else if (method === 'POST' && path === '/v1/responses') {
      await this.#chat(exchange, new ResponsesFormat(modelOf(exchange.body)));
    } else if (path.startsWith('/api/sessions/') && !this.#isEraOne) {
      await this.#onSession(method, path.slice('/api/sessions/'.length), exchange);
    } else if (path === '/health' || path === '/v1/health') {
      sendJson(response, 200, { status: 'ok', platform: 'hermes-agent' });
    } else if (this.#pages.has(path)) {
      await this.#opening(this.#pages.get(path) as Script, exchange);
    } else if (path === '/v1/models' && this.#models !== null) {
      await this.#opening(this.#models, exchange);
    } else if (path === '/v1/models') {
      sendJson(response, 200, {
        object: 'list',
        data: [{ id: 'fake-model', object: 'model', created: 1_700_000_000, owned_by: 'fake' }],
      });
    } else if (path === '/v1/capabilities' && this.#capabilities !== null) {
      await this.#opening(this.#capabilities, exchange);
    } else sendNotFound(response);
  }

  async #onSession(method: string, rest: string, exchange: Exchange): Promise<void> {
    const { response } = exchange;
    const planned = this.#sessionAnswers.shift();
    if (planned !== undefined && (await this.#opening(planned, exchange))) return;
    const [id = '', what] = rest.split('/').map(decodeURIComponent);
    const run = [...this.#runs.values()].find((one) => one.sessionId === id);
    if (run === undefined || this.#deletedSessions.has(id)) {
      sendJson(response, 404, { error: { message: 'Session not found', code: 'session_not_found' } });
    } else if (method === 'DELETE' && what === undefined) {
      this.#deletedSessions.add(id);
      this.recorder.deletedSessions.push(id);
      sendJson(response, 200, { object: 'hermes.session.deleted', id, deleted: true });
    } else if (method === 'GET' && what === 'messages') {
      sendJson(response, 200, { object: 'list', session_id: id, data: run.transcript });
    } else sendNotFound(response);
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
    const { request, response, body, signal } = exchange;
    const script = this.#takeScript(exchange);
    const ended = this.recorder.runStarted(sessionOf(body), keyOf(request));
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
    if (this.recorder.liveRuns >= this.#maxRuns) {
      await this.#opening(tooManyRuns(this.#maxRuns), exchange);
      return;
    }
    const script = this.#takeScript(exchange);
    if (await this.#opening(script, exchange)) return;
    const sessionId = isRecord(body) && typeof body['session_id'] === 'string' ? body['session_id'] : null;
    const id = `run_${randomBytes(16).toString('hex')}`;
    const ended = this.recorder.runStarted(sessionOf(body), keyOf(request));
    const run = new HermesRun({ id, script, sessionId, model: modelOf(body), input: inputOf(body) }, ended);
    this.#runs.set(id, run);
    if (typeof key === 'string') this.#runsByKey.set(key, id);
    sendJson(response, 202, { ...(script.withoutRunId === true ? {} : { run_id: id }), status: 'started' });
    await playScript(script.steps, run, this.gates);
  }

  async #onRun(method: string, id: string, what: string, exchange: Exchange): Promise<void> {
    const { response } = exchange;
    const run = this.#runs.get(id);
    if (what === 'events') this.recorder.eventConnections++;
    if (what === 'status' && this.#statusGate !== null) await this.gates.pass(this.#statusGate, exchange.signal);
    const planned = what === 'status' ? (this.#statusAnswers.shift() ?? this.#statusForEver) : null;
    if (planned !== null) {
      response.writeHead(planned.status, { 'content-type': 'application/json' });
      response.end(planned.body);
    } else if (what === 'stop' && method === 'POST') await this.#stopRun(run, id, exchange);
    else if (run === undefined || (what === 'events' && !run.canBeConsumed)) sendNoRun(response);
    else if (what === 'events') run.consume(response, run.script.contentType ?? 'text/event-stream');
    else if (what === 'approval' && method === 'POST') this.#approve(run, exchange);
    else if (what === 'clarify' && method === 'POST') this.#clarify(run, exchange);
    else if (what === 'steer' && method === 'POST' && !this.#isEraOne) await this.#steer(run, exchange);
    else if (what === 'steer' || what === 'clarify') sendNotFound(response);
    else sendJson(response, 200, run.toStatus());
  }

  async #stopRun(run: HermesRun | undefined, id: string, { response, recorded, signal }: Exchange): Promise<void> {
    const stop: RecordedStop = { runId: id, atMs: recorded.receivedAtMs, status: null };
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

  #clarify(run: HermesRun, { response, body }: Exchange): void {
    const fields = isRecord(body) ? body : {};
    const id = typeof fields['clarify_id'] === 'string' ? fields['clarify_id'] : null;
    const said = typeof fields['response'] === 'string' ? fields['response'] : '';
    if (run.resolveQuestion(id, said)) sendJson(response, 200, { object: 'hermes.run.clarify', run_id: run.id });
    else sendJson(response, 409, { error: { message: 'No question is pending', code: 'clarify_not_pending' } });
  }

  async #steer(run: HermesRun, { response, body, recorded }: Exchange): Promise<void> {
    const fields = isRecord(body) ? body : {};
    const given = fields['input'] ?? fields['message'] ?? fields['text'];
    const text = typeof given === 'string' ? given : '';
    const accepted = await run.steer(text);
    this.recorder.steers.push({ runId: run.id, text, atMs: recorded.receivedAtMs, accepted });
    if (accepted) sendJson(response, 200, { object: 'hermes.run.steer', run_id: run.id, accepted: true });
    else {
      sendJson(response, 409, { error: { message: 'Run does not accept steer', code: 'run_not_accepting_steer' } });
    }
  }

  #takeScript({ request, text, body }: Exchange): Script {
    const key = keyOf(request);
    const at = this.#queue.findIndex(
      (script) =>
        (script.match === undefined || text.includes(script.match)) && (script.key === undefined || script.key === key),
    );
    const [script] = at < 0 ? [] : this.#queue.splice(at, 1);
    return script ?? this.#default ?? echoScript(inputOf(body));
  }

  #isAuthorised(request: IncomingMessage): boolean {
    if (this.#requireKey === null) return true;
    return keyOf(request) === this.#requireKey;
  }
}

/** The key of a request, wherever it stands; empty where there is none. */
function keyOf({ headers }: IncomingMessage): string {
  const key = headers['x-api-key'];
  if (typeof key === 'string') return key;
  return headers.authorization?.replace(/^Bearer /, '') ?? '';
}

function modelOf(body: unknown): string {
  return isRecord(body) && typeof body['model'] === 'string' ? body['model'] : 'fake-model';
}

function sendNotFound(response: ServerResponse): void {
  sendJson(response, 404, { error: { message: 'Not Found', type: 'invalid_request_error', code: 'not_found' } });
}

function sendNoRun(response: ServerResponse): void {
  sendJson(response, 404, {
    error: { message: 'Run not found', type: 'invalid_request_error', code: 'run_not_found' },
  });
}
