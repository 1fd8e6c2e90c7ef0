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
export const DEFAULT_BUDGET_TOKENS = 20_000;

/** The least that Anthropic takes. */
export const MIN_BUDGET_TOKENS = 1024;
/** So much of a limit is enough for what is said. */
const ROOM_FOR_WORDS = 8192;

/**
 * As many tokens of a budget as a limit has room for: thinking comes out of the answer's limit, and an answer that has spent all of
 * it says nothing.
 *
 * @returns null where the limit leaves no room for thinking at all.
 */
export function budgetWithin(maxTokens: number, wanted: number): number | null {
  if (maxTokens <= MIN_BUDGET_TOKENS) return null;
  const most = Math.max(MIN_BUDGET_TOKENS, Math.floor(maxTokens / 2), maxTokens - ROOM_FOR_WORDS);
  return Math.max(MIN_BUDGET_TOKENS, Math.min(wanted, most));
}

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
