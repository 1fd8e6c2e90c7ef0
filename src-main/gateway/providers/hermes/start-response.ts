import type { HttpClient } from '../../http-client.ts';
import { mapUnreadable } from '../../map-error.ts';
import { callOf, failureContextOf, readJsonObject, throwIfFailed, toFailure } from '../../read-answer.ts';
import { streamEvents } from '../../stream-events.ts';
import type { UpstreamContext, UpstreamRequest, UpstreamRun } from '../../upstream-adapter.ts';
import { bearer } from '../auth-headers.ts';
import { SocketRun, wholeEvents } from '../socket-run.ts';
import { buildResponseRequest } from './build-response-request.ts';
import { ResponseDecoder } from './decode-response.ts';

/**
 * Starts a run on `/v1/responses`: it carries the details of its tools, and the agent is interrupted when its connection
 * closes (BUG-B7), so it has no id to be taken up by and is stopped by its socket.
 *
 * @throws AppFailure `upstream_*`, `timeout`; the signal's reason when it aborted.
 */
export async function startResponse(
  http: HttpClient,
  request: UpstreamRequest,
  given: UpstreamContext,
): Promise<UpstreamRun> {
  const stop = new AbortController();
  const context = { ...given, signal: AbortSignal.any([given.signal, stop.signal]) };
  const failures = failureContextOf(context);
  const { baseUrl, secret } = context.target;
  const answer = await http.open(
    {
      method: 'POST',
      url: `${baseUrl}/v1/responses`,
      headers: {
        accept: 'text/event-stream, application/json',
        'idempotency-key': request.runId,
        ...bearer(secret),
      },
      json: buildResponseRequest(request),
    },
    callOf(context),
  );
  await throwIfFailed(answer, failures);
  const decoder = new ResponseDecoder(failures);
  if (await answer.isEventStream()) {
    return new SocketRun(request.model, streamEvents(answer, decoder, context.signal, failures.upstream), stop);
  }
  // A failed response carries its `error` as content; an error envelope has no output (BUG-D19).
  const body = await readJsonObject(answer, failures, (whole) => Array.isArray(whole['output']));
  if (!Array.isArray(body['output'])) {
    throw toFailure(mapUnreadable('what_no_answer', failures, answer.status));
  }
  return new SocketRun(request.model, wholeEvents(decoder.decodeWhole(body), context.signal), stop);
}
