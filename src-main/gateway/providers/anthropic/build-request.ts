import { fitParameters, thinkingBudget } from '../../fit-parameters.ts';
import { isObject, parseJson } from '../../json.ts';
import { anthropicTraits } from '../../translate/model-traits.ts';
import { isBlind } from '../../translate/sees-images.ts';
import type { HistoryMessage, UpstreamRequest, UserContent } from '../../upstream-adapter.ts';
import { sendableParts, textOfContent } from '../../user-content.ts';
import { WireIds } from './wire-id.ts';

/** The protocol demands a limit; this is a long answer and within what every current model allows. */
const MAX_TOKENS = 8192;

const BEGINNING_MISSING = '[Earlier messages are left out.]';

type Block =
  | { type: 'text'; text: string }
  | { type: 'image'; source: { type: 'base64'; media_type: string; data: string } }
  | { type: 'tool_use'; id: string; name: string; input: unknown }
  | { type: 'tool_result'; tool_use_id: string; content: string };

interface WireMessage {
  role: 'user' | 'assistant';
  content: Block[];
}

/** The body of a messages request. */
export function buildAnthropicRequest(request: UpstreamRequest): Record<string, unknown> {
  const tools = toolsOf(request.history);
  return {
    ...(request.model === null ? {} : { model: request.model }),
    ...limitsOf(request),
    ...(request.instructions === null || request.instructions === '' ? {} : { system: request.instructions }),
    messages: toMessages(request),
    ...(tools.length === 0 ? {} : { tools, tool_choice: { type: 'none' } }),
    stream: true,
  };
}

/**
 * How long the answer may be and how it is made. Thinking comes on top of the usual limit, and within one that a person has
 * set: that is what they are ready to pay for.
 */
function limitsOf({ model, parameters }: UpstreamRequest): Record<string, unknown> {
  const {
    temperature,
    topP,
    maxOutputTokens,
    reasoningEffort: effort,
  } = fitParameters('anthropic', model, parameters).sent;
  const sampling = {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
  };
  if (effort === undefined) return { max_tokens: maxOutputTokens ?? MAX_TOKENS, ...sampling };
  const budget = thinkingBudget(effort, maxOutputTokens);
  const max_tokens = maxOutputTokens ?? MAX_TOKENS + (budget ?? 0);
  if (!anthropicTraits(model ?? '').thinksAdaptively) {
    const thinking = budget === null ? {} : { thinking: { type: 'enabled', budget_tokens: budget } };
    return { max_tokens, ...thinking, ...sampling };
  }
  return { max_tokens, thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort }, ...sampling };
}

/** Roles must take turns, so neighbours of one role become one message; results of parallel calls stand in one, too. */
function toMessages(request: UpstreamRequest): WireMessage[] {
  const messages: WireMessage[] = [];
  const add = (role: WireMessage['role'], blocks: Block[]) => {
    if (blocks.length === 0) return;
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else messages.push({ role, content: blocks });
  };
  const ids = new WireIds();
  // The first word is the person's; a history may have lost its beginning.
  if (request.history[0]?.role === 'assistant') add('user', textBlock(BEGINNING_MISSING));
  for (const message of request.history) {
    add(message.role === 'assistant' ? 'assistant' : 'user', blocksOf(message, ids, isBlind(request.model)));
  }
  add('user', userBlocks(request.input, isBlind(request.model)));
  return messages;
}

function blocksOf(message: HistoryMessage, ids: WireIds, blind: boolean): Block[] {
  switch (message.role) {
    case 'user':
      return userBlocks(message, blind);
    case 'assistant':
      return [
        ...textBlock(message.content),
        ...(message.toolCalls ?? []).map((call): Block => {
          const input = parseJson(call.function.arguments);
          return {
            type: 'tool_use',
            id: ids.of(call.id),
            name: call.function.name,
            input: isObject(input) ? input : {},
          };
        }),
      ];
    case 'tool':
      return [{ type: 'tool_result', tool_use_id: ids.of(message.toolCallId), content: message.content }];
  }
}

/** A model that sees no pictures would have the whole request refused, so it gets their names. */
function userBlocks(content: UserContent, blind: boolean): Block[] {
  return ((blind ? null : sendableParts(content)) ?? [{ type: 'text' as const, text: textOfContent(content) }]).flatMap(
    (part) =>
      part.type === 'text'
        ? textBlock(part.text)
        : [{ type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.dataBase64 } }],
  );
}

/** An empty text block is refused. */
function textBlock(text: string): Block[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

/** Calls in the history are refused unless their tools are declared; `tool_choice` none keeps them from being called. */
function toolsOf(history: readonly HistoryMessage[]): Record<string, unknown>[] {
  const names = new Set(
    history.flatMap((message) =>
      message.role === 'assistant' ? (message.toolCalls ?? []).map((call) => call.function.name) : [],
    ),
  );
  return [...names].map((name) => ({
    name,
    description: 'Was used earlier in this conversation.',
    input_schema: { type: 'object' },
  }));
}
