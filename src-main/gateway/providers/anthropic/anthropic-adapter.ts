import { failureOf } from '../../../platform/app-failure.ts';
import type { HttpClient } from '../../http-client.ts';
import { mapUnreadable } from '../../map-error.ts';
import { callOf, failureContextOf, readJsonObject, throwIfFailed, toFailure } from '../../read-answer.ts';
import { streamEvents } from '../../stream-events.ts';
import type { UpstreamAdapter } from '../../upstream-adapter.ts';
import { listModels } from '../list-models.ts';
import { SocketRun, wholeEvents } from '../socket-run.ts';
import { buildAnthropicRequest } from './build-request.ts';
import { AnthropicDecoder } from './decode-frame.ts';

/** The protocol's version; the newest that there is (2026-11). */
const API_VERSION = '2023-06-01';

/** A page of the list has 20 models where nobody says more. */
const WHOLE_LIST = '?limit=1000';

function headersOf(secret: string | null): Record<string, string> {
  return { 'anthropic-version': API_VERSION, ...(secret === null ? {} : { 'x-api-key': secret }) };
}

/** Anthropic messages and what speaks them. */
export function createAnthropicAdapter(http: HttpClient): UpstreamAdapter {
  const chatUrl = (baseUrl: string) => `${baseUrl}/v1/messages`;
  return {
    kind: 'anthropic',
    stopStyle: 'close-socket',
    needsCredential: true,
    chatUrl,
    models: (context) => listModels(http, context, headersOf(context.target.secret), WHOLE_LIST),
    async start(request, given) {
      if (request.model === null) {
        throw failureOf(
          'upstream_rejected',
          { word: 'needs_model', with: { upstream: given.target.profileName } },
          { retry: { kind: 'user-action', action: 'choose-model' } },
        );
      }
      const stop = new AbortController();
      const context = { ...given, signal: AbortSignal.any([given.signal, stop.signal]) };
      const failures = failureContextOf(context);
      const answer = await http.open(
        {
          method: 'POST',
          url: chatUrl(context.target.baseUrl),
          headers: { accept: 'text/event-stream, application/json', ...headersOf(context.target.secret) },
          json: buildAnthropicRequest(request),
        },
        callOf(context),
      );
      await throwIfFailed(answer, failures);
      const decoder = new AnthropicDecoder(failures);
      if (await answer.isEventStream()) {
        return new SocketRun(request.model, streamEvents(answer, decoder, context.signal, failures.upstream), stop);
      }
      const body = await readJsonObject(answer, failures);
      if (!Array.isArray(body['content'])) {
        throw toFailure(mapUnreadable('what_no_answer', failures, answer.status));
      }
      return new SocketRun(request.model, wholeEvents(decoder.decodeWhole(body), context.signal), stop);
    },
  };
}
