import type { Usage } from '#contract/events';
import type { JsonObject } from '../json.ts';
import type { FailureContext } from '../map-error.ts';
import { AnthropicDecoder } from '../providers/anthropic/decode-frame.ts';
import { ResponseDecoder } from '../providers/hermes/decode-response.ts';
import { OpenAiDecoder } from '../providers/openai-chat/decode-frame.ts';
import type { FrameDecoder } from '../stream-events.ts';
import type { WireProtocol } from '../translate/translation.ts';
import type { UpstreamEvent } from '../upstream-event.ts';
import { anthropicUsage, openAiUsage, responsesUsage } from '../usage.ts';

/** Reads an answer on its way with the decoders that runs are read with: one meaning of usage, ends and errors. */
export function wireDecoder(protocol: WireProtocol, context: FailureContext): FrameDecoder {
  switch (protocol) {
    case 'anthropic-messages':
      return new AnthropicDecoder(context);
    case 'openai-chat':
      return new OpenAiDecoder(context);
    case 'openai-responses':
      return new ResponseDecoder(context);
  }
}

/** Whether a body is an answer of that protocol at all. */
export function isWholeAnswer(protocol: WireProtocol, body: JsonObject): boolean {
  switch (protocol) {
    case 'anthropic-messages':
      return Array.isArray(body['content']);
    case 'openai-chat':
      return Array.isArray(body['choices']);
    case 'openai-responses':
      return Array.isArray(body['output']) || body['object'] === 'response';
  }
}

/** The events of a whole answer. Where the provider told its figures nobody needs more of it than those. */
export function wholeAnswerEvents(
  protocol: WireProtocol,
  body: JsonObject,
  text: () => string,
  context: FailureContext,
): UpstreamEvent[] {
  const usage = usageIn(protocol, body);
  if (usage !== null) return [{ type: 'completed', output: null, finishReason: 'stop', usage }];
  switch (protocol) {
    case 'anthropic-messages':
      return new AnthropicDecoder(context).decodeWhole(body);
    case 'openai-chat': {
      const decoder = new OpenAiDecoder(context);
      return [...decoder.decode({ event: null, data: text(), id: null }), ...decoder.end()];
    }
    case 'openai-responses':
      return new ResponseDecoder(context).decodeWhole(body);
  }
}

function usageIn(protocol: WireProtocol, body: JsonObject): Usage | null {
  switch (protocol) {
    case 'anthropic-messages':
      return anthropicUsage(body['usage']);
    case 'openai-chat':
      return openAiUsage(body['usage']);
    case 'openai-responses':
      return responsesUsage(body['usage']);
  }
}
