import type { JsonObject } from '../../json.ts';
import type { FailureContext } from '../../map-error.ts';
import type { FrameDecoder } from '../../stream-events.ts';
import { translateRequest } from '../../translate/translation.ts';
import type { UpstreamRequest } from '../../upstream-adapter.ts';
import type { UpstreamEvent } from '../../upstream-event.ts';
import { ResponseDecoder } from '../hermes/decode-response.ts';
import { buildOpenAiRequest } from './build-request.ts';

/** How one of OpenAI's two protocols is written and read. */
export interface OpenAiWire {
  body: JsonObject;
  decoder: FrameDecoder;
  /** Where the answer stands in one that came whole. */
  answerField: 'choices' | 'output';
  /** Whether a body with an error is an answer all the same, which tells its own end. */
  isFailedAnswer(body: JsonObject): boolean;
  decodeWhole(body: JsonObject): UpstreamEvent[];
}

/**
 * The request for an upstream that has responses and no chat completions: what the chat would be asked, translated as a
 * program's request is. Nothing is kept at the provider.
 *
 * @throws TranslationFailure for a history that no request can hold.
 */
export function responsesWire(request: UpstreamRequest, failures: FailureContext): OpenAiWire {
  const { model } = request;
  const { body } = translateRequest('openai-chat', 'openai-responses', buildOpenAiRequest(request), {
    model: model ?? '',
    thinking: 'as-asked',
  });
  // An upstream with one model need not hear its name.
  if (model === null) delete body['model'];
  const decoder = new ResponseDecoder(failures);
  return {
    body,
    decoder,
    answerField: 'output',
    isFailedAnswer: (whole) => Array.isArray(whole['output']),
    decodeWhole: (whole) => decoder.decodeWhole(whole),
  };
}
