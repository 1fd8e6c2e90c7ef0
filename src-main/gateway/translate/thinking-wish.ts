import type { NeutralRequest } from './neutral-request.ts';

/** Tokens of thinking for an effort, where a provider wants a number. The top is that of a `-thinking` model (24,576). */
const BUDGETS = new Map([
  ['minimal', 1024],
  ['low', 2048],
  ['medium', 8192],
  ['high', 16_384],
  ['xhigh', 24_576],
  ['max', 24_576],
]);

/** What a model with the suffix `-thinking` gets where the client said nothing. */
const DEFAULT_BUDGET_TOKENS = 20_000;

/** The least that Anthropic takes. */
export const MIN_BUDGET_TOKENS = 1024;

/** The effort that a number of tokens stands for, half-way between the numbers that efforts stand for. */
export function effortOfBudget(tokens: number): 'low' | 'medium' | 'high' {
  return tokens < 5120 ? 'low' : tokens < 12_288 ? 'medium' : 'high';
}

export function budgetOfEffort(effort: string): number {
  return BUDGETS.get(effort) ?? DEFAULT_BUDGET_TOKENS;
}

/** Whether the client asked the model to think, in whatever words. */
export function asksThinking(request: NeutralRequest): boolean {
  const { kind } = request.thinking;
  if (kind === 'disabled' || request.effort === 'none') return false;
  return kind !== 'unsaid' || request.effort !== null;
}

/** Switches thinking on where the client did not ask for it: the suffix of the model's name did. */
export function withThinking(request: NeutralRequest): NeutralRequest {
  if (asksThinking(request)) return request;
  return {
    ...request,
    thinking: { kind: 'budget', tokens: DEFAULT_BUDGET_TOKENS },
    effort: request.effort === 'none' ? null : request.effort,
  };
}
