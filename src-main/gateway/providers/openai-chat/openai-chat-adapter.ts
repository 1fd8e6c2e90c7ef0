import type { HttpClient } from '../../http-client.ts';
import { mapUnreadable } from '../../map-error.ts';
import { callOf, failureContextOf, readJsonObject, throwIfFailed, toFailure } from '../../read-answer.ts';
import { askEither, PATH_OF, SpokenProtocols } from '../../spoken-protocols.ts';
import { streamEvents } from '../../stream-events.ts';
import type { UpstreamAdapter, UpstreamContext, UpstreamRequest, UpstreamRun } from '../../upstream-adapter.ts';
import { bearer } from '../auth-headers.ts';
import { listModels } from '../list-models.ts';
import { SocketRun, wholeEvents } from '../socket-run.ts';
import { buildOpenAiRequest } from './build-request.ts';
import { OpenAiDecoder } from './decode-frame.ts';
import type { OpenAiWire } from './responses-wire.ts';

/**
 * OpenAI and everything that speaks its protocols: Ollama, LM Studio, vLLM, OpenRouter and others. Chat completions, which
 * nearly all of them have; responses where only those are there.
 */
export function createOpenAiChatAdapter(http: HttpClient): UpstreamAdapter {
  const chatUrl = (baseUrl: string) => `${baseUrl}${PATH_OF['openai-chat']}`;
  return {
    kind: 'openai-chat',
    stopStyle: 'close-socket',
    // Local servers take none; those that need one answer 401.
    needsCredential: false,
    chatUrl,
    models: (context) => listModels(http, context, bearer(context.target.secret)),
    start(request, context) {
      const { spoken = new SpokenProtocols(), target, clock } = context;
      const to = { kind: target.kind, baseUrl: target.baseUrl, model: request.model };
      const first = spoken.choose('openai-chat', to, clock.now()) ?? 'openai-chat';
      return askEither(
        spoken,
        first,
        to,
        () => clock.now(),
        (protocol) => startIn(http, protocol === 'openai-responses' ? protocol : 'openai-chat', request, context),
      );
    },
  };
}

async function startIn(
  http: HttpClient,
  protocol: 'openai-chat' | 'openai-responses',
  request: UpstreamRequest,
  given: UpstreamContext,
): Promise<UpstreamRun> {
  const stop = new AbortController();
  const context = { ...given, signal: AbortSignal.any([given.signal, stop.signal]) };
  const failures = failureContextOf(context);
  const { baseUrl, secret } = context.target;
  const wire =
    protocol === 'openai-chat'
      ? chatWire(request, new OpenAiDecoder(failures))
      : // Few upstreams need it, and what translates is large.
        (await import('./responses-wire.ts')).responsesWire(request, failures);
  const answer = await http.open(
    {
      method: 'POST',
      url: `${baseUrl}${PATH_OF[protocol]}`,
      headers: { accept: 'text/event-stream, application/json', ...bearer(secret) },
      json: wire.body,
    },
    callOf(context),
  );
  await throwIfFailed(answer, failures);
  if (await answer.isEventStream()) {
    return new SocketRun(request.model, streamEvents(answer, wire.decoder, context.signal, failures.upstream), stop);
  }
  // A server that does not stream: a proper completion is an answer, an error envelope under 200 is not (BUG-D19).
  const body = await readJsonObject(answer, failures, wire.isFailedAnswer);
  if (!Array.isArray(body[wire.answerField])) {
    throw toFailure(mapUnreadable('what_no_answer', failures, answer.status));
  }
  return new SocketRun(request.model, wholeEvents(wire.decodeWhole(body), context.signal), stop);
}

function chatWire(request: UpstreamRequest, decoder: OpenAiDecoder): OpenAiWire {
  return {
    body: buildOpenAiRequest(request),
    decoder,
    answerField: 'choices',
    isFailedAnswer: () => false,
    decodeWhole: (body) => [...decoder.decode({ event: null, data: JSON.stringify(body), id: null }), ...decoder.end()],
  };
}
