import type { Usage } from '#contract/usage';
import type { SessionTokens } from '../store/usage-repository.ts';

export const NOTHING_SPENT: SessionTokens = {
  inputTokens: null,
  outputTokens: null,
  contextTokens: null,
  source: 'provider',
};

/** What a conversation has cost with the answer that is being made, whose call is not booked yet. */
export function withReport(before: SessionTokens, usage: Usage): SessionTokens {
  const { input_tokens: input, output_tokens: output } = usage;
  return {
    inputTokens: plus(before.inputTokens, input),
    outputTokens: plus(before.outputTokens, output),
    contextTokens: plus(input, output),
    // An estimate among the sums makes them one, however the rest is known.
    source: before.source,
  };
}

/** A figure that is unknown adds nothing, and two of them are unknown. */
function plus(one: number | null, other: number | null): number | null {
  if (one === null) return other;
  return other === null ? one : one + other;
}
