import { fitParameters } from '../../fit-parameters.ts';
import { openAiTraits } from '../../translate/model-traits.ts';
import { isBlind } from '../../translate/sees-images.ts';
import type { HistoryMessage, UpstreamRequest, UserContent } from '../../upstream-adapter.ts';
import { dataUrl, sendableParts, textOfContent } from '../../user-content.ts';

/** The body of a chat-completions request. */
export function buildOpenAiRequest(request: UpstreamRequest): Record<string, unknown> {
  return {
    // Servers with one model need no name; those with several say so when it is missing.
    ...(request.model === null ? {} : { model: request.model }),
    messages: [
      ...(request.instructions === null || request.instructions === ''
        ? []
        : [{ role: 'system', content: request.instructions }]),
      ...request.history.map((message) => toWire(message, isBlind(request.model))),
      userMessage(request.input, isBlind(request.model)),
    ],
    stream: true,
    stream_options: { include_usage: true },
    ...parametersOf(request),
  };
}

function parametersOf({ model, parameters }: UpstreamRequest): Record<string, unknown> {
  const { temperature, topP, maxOutputTokens, reasoningEffort } = fitParameters('openai-chat', model, parameters).sent;
  // The newer name is an error at most other servers, and the older one at models that reason.
  const limit = openAiTraits(model ?? '').wantsCompletionTokens ? 'max_completion_tokens' : 'max_tokens';
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxOutputTokens === undefined ? {} : { [limit]: maxOutputTokens }),
    ...(reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort }),
  };
}

function toWire(message: HistoryMessage, blind: boolean): Record<string, unknown> {
  switch (message.role) {
    case 'user':
      return userMessage(message, blind);
    case 'assistant': {
      const calls = message.toolCalls ?? [];
      if (calls.length === 0) return { role: 'assistant', content: message.content };
      // Beside calls an empty text is to be null: some servers refuse the empty string.
      return { role: 'assistant', content: message.content === '' ? null : message.content, tool_calls: calls };
    }
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
  }
}

/**
 * A plain string wherever there is no image: some local servers know nothing else. A model that sees none would have its
 * service refuse the whole request, so it gets a picture's name.
 */
function userMessage(content: UserContent, blind: boolean): Record<string, unknown> {
  const parts = blind ? null : sendableParts(content);
  if (parts === null) return { role: 'user', content: textOfContent(content) };
  return {
    role: 'user',
    content: parts.map((part) =>
      part.type === 'text' ? part : { type: 'image_url', image_url: { url: dataUrl(part) } },
    ),
  };
}
