import type { HttpClient } from '../../http-client.ts';
import { mapUnreadable } from '../../map-error.ts';
import { callOf, failureContextOf, readJsonObject, throwIfFailed, toFailure } from '../../read-answer.ts';
import { streamEvents } from '../../stream-events.ts';
import type { UpstreamAdapter } from '../../upstream-adapter.ts';
import { bearer } from '../auth-headers.ts';
import { listModels } from '../list-models.ts';
import { SocketRun, wholeEvents } from '../socket-run.ts';
import { buildOpenAiRequest } from './build-request.ts';
import { OpenAiDecoder } from './decode-frame.ts';

/** OpenAI chat completions and everything that speaks them: Ollama, LM Studio, vLLM, OpenRouter and others. */
export function createOpenAiChatAdapter(http: HttpClient): UpstreamAdapter {
  const chatUrl = (baseUrl: string) => `${baseUrl}/v1/chat/completions`;
  return {
    kind: 'openai-chat',
    stopStyle: 'close-socket',
    // Local servers take none; those that need one answer 401.
    needsCredential: false,
    chatUrl,
    models: (context) => listModels(http, context, bearer(context.target.secret)),
    async start(request, given) {
      const stop = new AbortController();
      const context = { ...given, signal: AbortSignal.any([given.signal, stop.signal]) };
      const failures = failureContextOf(context);
      const answer = await http.open(
        {
          method: 'POST',
          url: chatUrl(context.target.baseUrl),
          headers: { accept: 'text/event-stream, application/json', ...bearer(context.target.secret) },
          json: buildOpenAiRequest(request),
        },
        callOf(context),
      );
      await throwIfFailed(answer, failures);
      const decoder = new OpenAiDecoder(failures);
      if (answer.mediaType === 'text/event-stream') {
        const events = streamEvents(answer, decoder, context.signal, failures.upstream);
        return new SocketRun(request.model, events, stop);
      }
      // A server that does not stream: a proper completion is an answer, an error envelope under 200 is not (BUG-D19).
      const body = await readJsonObject(answer, failures);
      if (!Array.isArray(body['choices'])) {
        throw toFailure(mapUnreadable('what_no_answer', failures, answer.status));
      }
      const events = [...decoder.decode({ event: null, data: JSON.stringify(body), id: null }), ...decoder.end()];
      return new SocketRun(request.model, wholeEvents(events, context.signal), stop);
    },
  };
}
