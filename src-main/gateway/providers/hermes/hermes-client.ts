import type { ApprovalChoice } from '#contract/events';
import { AppFailure, failureOf } from '../../../platform/app-failure.ts';
import type { HttpAnswer } from '../../http-answer.ts';
import type { HttpClient } from '../../http-client.ts';
import { type JsonObject, textOf } from '../../json.ts';
import { callOf, failureContextOf, readJsonObject, throwIfFailed } from '../../read-answer.ts';
import type {
  UpstreamCapabilities,
  UpstreamContext,
  UpstreamDeadlines,
  UpstreamRequest,
} from '../../upstream-adapter.ts';
import { bearer } from '../auth-headers.ts';
import { buildHermesRequest, sessionIdOf } from './build-request.ts';
import { readCapabilities } from './read-capabilities.ts';

/** E2-22: a stop is answered within 10 s or not at all. */
const STOP_TIMEOUT_MS = 10_000;
const STATUS_TIMEOUT_MS = 10_000;
/** E5-06: whether an agent still has a run is told within 1 s, or found out by polling. */
export const ATTACH_TIMEOUT_MS = 1000;
const APPROVAL_TIMEOUT_MS = 30_000;
const STEER_TIMEOUT_MS = 10_000;
const DELETE_TIMEOUT_MS = 10_000;
/** E2-22: what an agent can do is told within 3 s or not at all. */
const PROBE_TIMEOUT_MS = 3000;
/** Rows of a transcript that are asked for; a run of more is told of in part. */
const MAX_TRANSCRIPT_ROWS = 1000;

/** Statuses that answer a deletion for good, beside success. */
const DELETE_OUTCOMES = new Map<number, 'gone' | 'unsupported'>([
  [404, 'gone'],
  [410, 'gone'],
  [405, 'unsupported'],
  [501, 'unsupported'],
]);

const TERMINAL = new Set(['completed', 'failed', 'cancelled', 'interrupted']);

export function isTerminalHermesStatus(status: string | null): boolean {
  return status !== null && TERMINAL.has(status);
}

/** The single requests of the Hermes runs API; everything but the stream. */
export class HermesClient {
  readonly #http: HttpClient;
  readonly #context: UpstreamContext;

  constructor(http: HttpClient, context: UpstreamContext) {
    this.#http = http;
    this.#context = context;
  }

  eventsUrl(runId: string): string {
    return `${this.#runUrl(runId)}/events`;
  }

  /**
   * Asks for a run. Sent once: a repeated POST could run the prompt twice (BUG-A36). The key lets a newer agent
   * recognise a repetition all the same.
   *
   * @throws AppFailure `upstream_*`, `timeout`; the signal's reason when it aborted.
   */
  async start(
    request: UpstreamRequest,
    signal: AbortSignal = this.#context.signal,
  ): Promise<{ runId: string; sessionId: string; status: string; model: string | null }> {
    const { target } = this.#context;
    const answer = await this.#http.open(
      {
        method: 'POST',
        url: `${target.baseUrl}/v1/runs`,
        headers: { accept: 'application/json', 'idempotency-key': request.runId, ...bearer(target.secret) },
        json: buildHermesRequest(request),
      },
      callOf({ ...this.#context, signal }),
    );
    const body = await readJsonObject(answer, failureContextOf(this.#context));
    const runId = textOf(body['run_id']);
    if (runId === null || runId === '') {
      throw failureOf(
        'upstream_no_run_id',
        { word: 'no_run_id', with: { upstream: target.profileName } },
        { retry: { kind: 'user-action', action: 'check-address' }, details: { status: answer.status } },
      );
    }
    return {
      runId,
      sessionId: sessionIdOf(request.runId),
      status: textOf(body['status']) ?? 'started',
      model: textOf(body['model']),
    };
  }

  /** Where a run stands; null when the upstream does not know it. @throws AppFailure for everything else. */
  async status(runId: string, timeoutMs = STATUS_TIMEOUT_MS): Promise<JsonObject | null> {
    return this.#call('GET', this.#runUrl(runId), timeoutMs, this.#context.signal);
  }

  /**
   * Asks to stop a run. Independent of the run's signal: a run that was let go can still be told.
   *
   * @returns the body of the answer, null when the upstream does not know the run.
   */
  async stop(runId: string): Promise<JsonObject | null> {
    return this.#call('POST', `${this.#runUrl(runId)}/stop`, STOP_TIMEOUT_MS, new AbortController().signal, {});
  }

  /** As `status`, but independent of the run's signal. */
  async statusAfterStop(runId: string): Promise<JsonObject | null> {
    return this.#call('GET', this.#runUrl(runId), STATUS_TIMEOUT_MS, new AbortController().signal);
  }

  /** Answers an approval. @throws AppFailure `conflict` when nothing waits for it any more. */
  async approve(runId: string, choice: ApprovalChoice, requestId: string | null, all: boolean): Promise<number> {
    const body = await this.#onRun(runId, 'approval', APPROVAL_TIMEOUT_MS, {
      choice,
      ...(requestId === null ? {} : { request_id: requestId }),
      ...(all ? { all: true } : {}),
    });
    if (body === null) throw failureOf('conflict', { word: 'waits_no_decision' });
    return typeof body['resolved'] === 'number' ? body['resolved'] : 1;
  }

  /** Answers a question. @throws AppFailure `conflict` when nothing waits for it any more. */
  async clarify(runId: string, ids: Record<string, string>, response: string): Promise<void> {
    const body = await this.#onRun(runId, 'clarify', APPROVAL_TIMEOUT_MS, { ...ids, response });
    if (body === null) throw failureOf('conflict', { word: 'waits_no_answer' });
  }

  /** Puts a message into a running answer. @returns whether the agent took it. */
  async steer(runId: string, text: string): Promise<boolean> {
    const body = await this.#onRun(runId, 'steer', STEER_TIMEOUT_MS, { input: text });
    return body !== null && body['accepted'] !== false;
  }

  /** What the agent can do; null when it does not tell. @throws AppFailure when it could not be asked. */
  async capabilities(): Promise<UpstreamCapabilities | null> {
    const url = `${this.#context.target.baseUrl}/v1/capabilities`;
    return readCapabilities(await this.#call('GET', url, PROBE_TIMEOUT_MS, this.#context.signal));
  }

  /** A session's transcript; null when the agent does not have it. @throws AppFailure for everything else. */
  async sessionMessages(sessionId: string, timeoutMs: number, signal: AbortSignal): Promise<JsonObject | null> {
    return this.#call('GET', `${this.#sessionUrl(sessionId)}/messages?limit=${MAX_TRANSCRIPT_ROWS}`, timeoutMs, signal);
  }

  /** @throws AppFailure when it is to be tried again. */
  async deleteSession(sessionId: string): Promise<'deleted' | 'gone' | 'unsupported'> {
    const answer = await this.#open('DELETE', this.#sessionUrl(sessionId), DELETE_TIMEOUT_MS, this.#context.signal);
    // What a deletion answers beside its status is not looked at.
    const outcome = DELETE_OUTCOMES.get(answer.status) ?? null;
    if (outcome === null) await throwIfFailed(answer, failureContextOf(this.#context));
    answer.finish();
    return outcome ?? 'deleted';
  }

  /** A request about a run that may come too late: null for 404 and 409. */
  async #onRun(runId: string, what: string, timeoutMs: number, json: unknown): Promise<JsonObject | null> {
    try {
      return await this.#call('POST', `${this.#runUrl(runId)}/${what}`, timeoutMs, this.#context.signal, json);
    } catch (thrown) {
      if (thrown instanceof AppFailure && thrown.details?.['status'] === 409) return null;
      throw thrown;
    }
  }

  async #call(
    method: 'GET' | 'POST',
    url: string,
    timeoutMs: number,
    signal: AbortSignal,
    json?: unknown,
  ): Promise<JsonObject | null> {
    const answer = await this.#open(method, url, timeoutMs, signal, json);
    if (answer.status === 404) {
      answer.finish();
      return null;
    }
    // A failed run's status carries an `error` of its own, which is content here.
    return readJsonObject(answer, failureContextOf(this.#context), (body) => textOf(body['status']) !== null);
  }

  #open(
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    timeoutMs: number,
    signal: AbortSignal,
    json?: unknown,
  ): Promise<HttpAnswer> {
    const deadlines: UpstreamDeadlines = {
      headersTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      totalTimeoutMs: timeoutMs,
    };
    const headers = { accept: 'application/json', ...bearer(this.#context.target.secret) };
    return this.#http.open(
      { method, url, headers, ...(json === undefined ? {} : { json }) },
      callOf({ ...this.#context, deadlines, signal }),
    );
  }

  #sessionUrl(sessionId: string): string {
    return `${this.#context.target.baseUrl}/api/sessions/${encodeURIComponent(sessionId)}`;
  }

  #runUrl(runId: string): string {
    return `${this.#context.target.baseUrl}/v1/runs/${encodeURIComponent(runId)}`;
  }
}
