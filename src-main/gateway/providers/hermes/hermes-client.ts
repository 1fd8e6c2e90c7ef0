import type { ApprovalChoice } from '#contract/events';
import { AppFailure } from '../../../platform/app-failure.ts';
import type { HttpClient } from '../../http-client.ts';
import { type JsonObject, textOf } from '../../json.ts';
import { callOf, failureContextOf, readJsonObject } from '../../read-answer.ts';
import type { UpstreamContext, UpstreamDeadlines, UpstreamRequest } from '../../upstream-adapter.ts';
import { bearer } from '../auth-headers.ts';
import { buildHermesRequest } from './build-request.ts';

/** E2-22: a stop is answered within 10 s or not at all. */
export const STOP_TIMEOUT_MS = 10_000;
const STATUS_TIMEOUT_MS = 10_000;
const APPROVAL_TIMEOUT_MS = 30_000;

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
  async start(request: UpstreamRequest): Promise<{ runId: string; status: string; model: string | null }> {
    const { target } = this.#context;
    const answer = await this.#http.open(
      {
        method: 'POST',
        url: `${target.baseUrl}/v1/runs`,
        headers: { accept: 'application/json', 'idempotency-key': request.runId, ...bearer(target.secret) },
        json: buildHermesRequest(request),
      },
      callOf(this.#context),
    );
    const body = await readJsonObject(answer, failureContextOf(this.#context));
    const runId = textOf(body['run_id']);
    if (runId === null || runId === '') {
      throw new AppFailure(
        'upstream_no_run_id',
        `“${target.profileName}” accepted the message but did not say which run it became (No run_id in upstream response). Check that this is a Hermes agent.`,
        { retry: { kind: 'user-action', action: 'check-address' }, details: { status: answer.status } },
      );
    }
    return { runId, status: textOf(body['status']) ?? 'started', model: textOf(body['model']) };
  }

  /** Where a run stands; null when the upstream does not know it. @throws AppFailure for everything else. */
  async status(runId: string): Promise<JsonObject | null> {
    return this.#call('GET', this.#runUrl(runId), STATUS_TIMEOUT_MS, this.#context.signal);
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
    const late = () => new AppFailure('conflict', 'This answer no longer waits for a decision.');
    try {
      const body = await this.#call(
        'POST',
        `${this.#runUrl(runId)}/approval`,
        APPROVAL_TIMEOUT_MS,
        this.#context.signal,
        { choice, ...(requestId === null ? {} : { request_id: requestId }), ...(all ? { all: true } : {}) },
      );
      if (body === null) throw late();
      return typeof body['resolved'] === 'number' ? body['resolved'] : 1;
    } catch (thrown) {
      if (thrown instanceof AppFailure && thrown.details?.['status'] === 409) throw late();
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
    const deadlines: UpstreamDeadlines = {
      headersTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      totalTimeoutMs: timeoutMs,
    };
    const headers = { accept: 'application/json', ...bearer(this.#context.target.secret) };
    const answer = await this.#http.open(
      { method, url, headers, ...(json === undefined ? {} : { json }) },
      callOf({ ...this.#context, deadlines, signal }),
    );
    if (answer.status === 404) {
      answer.finish();
      return null;
    }
    // A failed run's status carries an `error` of its own, which is content here.
    return readJsonObject(answer, failureContextOf(this.#context), (body) => textOf(body['status']) !== null);
  }

  #runUrl(runId: string): string {
    return `${this.#context.target.baseUrl}/v1/runs/${encodeURIComponent(runId)}`;
  }
}
