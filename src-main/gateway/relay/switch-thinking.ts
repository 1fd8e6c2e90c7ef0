import { isObject, type JsonObject, listOf } from '../json.ts';
import {
  anthropicTraits,
  budgetWithin,
  DEFAULT_BUDGET_TOKENS,
  type Dropped,
  openAiTraits,
  TranslationFailure,
  type WireProtocol,
} from '../translate/translation.ts';

/** What has to change in a request whose model was named with `-thinking`, in the request's own protocol. */
export interface ThinkingSwitch {
  set: Readonly<Record<string, unknown>>;
  /** Fields that a model which thinks refuses. */
  without: readonly string[];
  /** What the program is told of. */
  dropped: readonly Dropped[];
}

const NOTHING: ThinkingSwitch = { set: {}, without: [], dropped: [] };

/**
 * Switches thinking on as the protocol says it, unless the request does so itself. What a thinking model would refuse goes: who
 * named the model so asks for its thinking first. Where it cannot think at all, the request stays as it is.
 *
 * @throws TranslationFailure 400 where the limit of tokens leaves no room for thinking.
 */
export function switchThinking(protocol: WireProtocol, body: JsonObject, model: string): ThinkingSwitch {
  return protocol === 'anthropic-messages' ? forAnthropic(body, model) : forOpenAi(protocol, body, openAiTraits(model));
}

function forAnthropic(body: JsonObject, model: string): ThinkingSwitch {
  const given = isObject(body['thinking']) ? body['thinking'] : {};
  if (given['type'] === 'enabled' || given['type'] === 'adaptive') return NOTHING;
  const choice = isObject(body['tool_choice']) ? body['tool_choice']['type'] : null;
  if (choice === 'any' || choice === 'tool') return left('Anthropic’s models do not think where a call is demanded.');
  const said = sampling(body, ['temperature', 'top_p', 'top_k'], 'Anthropic’s models take none while they think.');
  // From 4.7 on a budget is refused, and the text of thinking comes only where it is asked for.
  if (anthropicTraits(model).thinksAdaptively) {
    return { set: { thinking: { type: 'adaptive', display: 'summarized' } }, ...said };
  }
  if (goesOnWithoutThinking(body)) return left('The calls of this turn came without their thinking.');
  return { set: { thinking: { type: 'enabled', budget_tokens: budget(body['max_tokens']) } }, ...said };
}

/** With a budget, the turn that is being continued has to begin with its thinking; many programs do not give it back. */
function goesOnWithoutThinking(body: JsonObject): boolean {
  const messages = listOf(body['messages']).filter(isObject);
  if (!has(messages.at(-1), 'tool_result')) return false;
  const calling = messages.findLast(({ role }) => role === 'assistant');
  return !has(calling, 'thinking') && !has(calling, 'redacted_thinking');
}

function has(message: JsonObject | undefined, type: string): boolean {
  return listOf(message?.['content']).some((block) => isObject(block) && block['type'] === type);
}

function forOpenAi(
  protocol: 'openai-chat' | 'openai-responses',
  body: JsonObject,
  traits: ReturnType<typeof openAiTraits>,
): ThinkingSwitch {
  const given = isObject(body['reasoning']) ? body['reasoning'] : {};
  const isSaid = protocol === 'openai-chat' ? body['reasoning_effort'] != null : given['effort'] != null;
  if (isSaid) return NOTHING;
  if (traits.cannotReason) return left('This model does not reason.');
  const set = protocol === 'openai-chat' ? { reasoning_effort: 'high' } : { reasoning: { ...given, effort: 'high' } };
  if (traits.sampling === 'always') return { ...NOTHING, set };
  return { set, ...sampling(body, ['temperature', 'top_p'], 'This model takes none while it thinks.') };
}

/** Which of these fields have to go, and are told of where they say something. */
function sampling(
  body: JsonObject,
  names: readonly string[],
  reason: string,
): Pick<ThinkingSwitch, 'without' | 'dropped'> {
  const without = names.filter((name) => body[name] != null);
  const said = without.filter((name) => name === 'top_k' || body[name] !== 1);
  return { without, dropped: said.map((path) => ({ path, reason })) };
}

function left(reason: string): ThinkingSwitch {
  return { ...NOTHING, dropped: [{ path: 'thinking', reason }] };
}

function budget(maxTokens: unknown): number {
  if (typeof maxTokens !== 'number') return DEFAULT_BUDGET_TOKENS;
  const tokens = budgetWithin(maxTokens, DEFAULT_BUDGET_TOKENS);
  if (tokens === null) {
    throw new TranslationFailure(
      'request',
      '',
      'Thinking needs “max_tokens” above 1024. Raise it, or leave “-thinking” off the model’s name.',
    );
  }
  return tokens;
}
