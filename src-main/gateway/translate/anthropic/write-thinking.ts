import type { DropList } from '../dropped.ts';
import { type AnthropicTraits, anthropicTraits } from '../model-traits.ts';
import type { NeutralRequest, ToolChoice } from '../neutral-request.ts';
import { asksThinking, budgetOfEffort, budgetWithin, effortOfBudget } from '../thinking-wish.ts';

export interface WrittenThinking {
  thinking: Record<string, unknown> | null;
  effort: string | null;
  isOn: boolean;
}

/** How a Claude model is to think: by itself with an effort from 4.6 on, within a number of tokens before that. */
export function writeThinking(
  request: NeutralRequest,
  model: string,
  maxTokens: number,
  dropped: DropList,
): WrittenThinking {
  const traits = anthropicTraits(model);
  const off: WrittenThinking = { thinking: null, effort: null, isOn: false };
  if (request.effort === 'none' || request.thinking.kind === 'disabled') {
    if (traits.alwaysThinks) {
      dropped.add('reasoning_effort', 'This model always thinks; it was told to think little.');
      return { thinking: null, effort: 'low', isOn: true };
    }
    return { ...off, thinking: { type: 'disabled' } };
  }
  if (!asksThinking(request)) return off;
  if (demandsCall(request.toolChoice)) {
    dropped.add('reasoning_effort', 'Anthropic’s models do not think where a call is demanded.');
    return off;
  }
  const wish = request.thinking;
  const effort = request.effort ?? (wish.kind === 'budget' ? effortOfBudget(wish.tokens) : null);
  if (traits.thinksAdaptively) {
    // From 4.7 on the text of thinking is left out unless it is asked for.
    const display = request.showThinking === false ? 'omitted' : 'summarized';
    return {
      thinking: { type: 'adaptive', display },
      effort: writeEffort(effort, traits, dropped),
      isOn: true,
    };
  }
  if (answersCallsWithoutThinking(request)) {
    dropped.add(
      'reasoning_effort',
      'The calls of this turn came without their thinking, so the model cannot think on. Send reasoning back with the calls.',
    );
    return off;
  }
  const wanted = wish.kind === 'budget' ? wish.tokens : budgetOfEffort(effort ?? 'medium');
  const tokens = budgetWithin(maxTokens, wanted);
  if (tokens === null) {
    dropped.add('reasoning_effort', 'The limit of tokens leaves no room for thinking. Raise it above 1,024.');
    return off;
  }
  return { thinking: { type: 'enabled', budget_tokens: tokens }, effort: null, isOn: true };
}

function writeEffort(effort: string | null, traits: AnthropicTraits, dropped: DropList): string | null {
  if (effort === 'minimal') return 'low';
  if (effort !== 'xhigh' || traits.knowsXhigh) return effort;
  dropped.add('reasoning_effort', 'This model does not know the effort “xhigh”; it was set to “high”.');
  return 'high';
}

function demandsCall(choice: ToolChoice | null): boolean {
  return choice?.kind === 'required' || choice?.kind === 'tool' || (choice?.kind === 'allowed' && choice.required);
}

/** With a budget, the turn that is being continued has to begin with its thinking. */
function answersCallsWithoutThinking(request: NeutralRequest): boolean {
  const last = request.messages.at(-1);
  if (last?.role !== 'user' || !last.parts.some((part) => part.type === 'result')) return false;
  const calling = request.messages.findLast((message) => message.role === 'assistant');
  return !(calling?.parts.some((part) => part.type === 'thinking' && part.seal?.by.startsWith('anthropic')) ?? false);
}

/** Sampling, as far as the model takes it beside what else is asked. */
export function writeSampling(
  request: NeutralRequest,
  model: string,
  thinks: boolean,
  dropped: DropList,
): Record<string, unknown> {
  const { temperature, topP, topK } = request;
  const traits = anthropicTraits(model);
  if (traits.refusesSampling || thinks) {
    const reason = traits.refusesSampling
      ? 'This model takes no sampling parameters.'
      : 'Anthropic’s models take no sampling parameters while they think.';
    if (temperature !== null && temperature !== 1) dropped.add('temperature', reason);
    if (topP !== null && topP !== 1) dropped.add('top_p', reason);
    if (topK !== null) dropped.add('top_k', reason);
    return {};
  }
  if (temperature !== null && temperature > 1)
    dropped.add('temperature', 'Anthropic’s scale ends at 1; it was set to 1.');
  if (temperature !== null && topP !== null) dropped.add('top_p', 'Anthropic takes one of temperature and top_p.');
  return {
    temperature: temperature === null ? null : Math.min(temperature, 1),
    top_p: temperature === null ? topP : null,
    top_k: topK,
  };
}
