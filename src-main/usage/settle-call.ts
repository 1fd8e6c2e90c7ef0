import type { Usage } from '#contract/events';
import type { CallOutcome, FigureSource, UsageCall } from '#contract/usage-report';
import { costOfCall } from './cost-of-call.ts';

/** What became of a call. */
export interface CallEnd {
  outcome: CallOutcome;
  /** What the provider reported, as far as it got. */
  usage: Usage | null;
  /**
   * The report is the provider's last word. Until then its output figure is a beginning: Anthropic tells of all input at
   * the start of an answer and of a few tokens of output.
   */
  isFinal: boolean;
  /** About how many tokens of the answer arrived; null where nobody counted. */
  outputEstimate: number | null;
  endedAtMs: number;
}

/**
 * The row of a call that has ended. The provider's figures are taken where it gave them, each by itself: an answer that was
 * stopped may have the provider's input and an estimated output. The row counts as reported only when both are reported,
 * so a sum over reported rows holds no estimate at all, and the rest is bounded apart.
 *
 * @param draft as the call left; its input figure is an estimate.
 */
export function settleCall(draft: UsageCall, end: CallEnd): UsageCall {
  const ended = { ...draft, outcome: end.outcome, endedAtMs: end.endedAtMs };
  if (end.outcome === 'refused')
    return { ...ended, ...NO_FIGURES, billable: false, source: 'provider', costPicos: null };
  const { usage, isFinal } = end;
  const input = choose(usage?.input_tokens ?? null, draft.inputTokens);
  const reportedOutput = usage?.output_tokens ?? null;
  const output =
    isFinal && isCount(reportedOutput)
      ? choose(reportedOutput, null)
      : choose(null, atLeast(end.outputEstimate, reportedOutput));
  const isInputReported = input.source === 'provider';
  const figures = {
    inputTokens: input.tokens,
    outputTokens: output.tokens,
    // Parts of an input that is only estimated would be parts of nothing.
    cacheReadTokens: isInputReported ? counted(usage?.cache_read_tokens) : null,
    cacheWriteTokens: isInputReported ? counted(usage?.cache_write_tokens) : null,
    cacheWrite5mTokens: isInputReported ? counted(usage?.cache_write_5m_tokens) : null,
    cacheWrite1hTokens: isInputReported ? counted(usage?.cache_write_1h_tokens) : null,
    reasoningTokens: counted(usage?.reasoning_tokens),
  };
  const cost = ended.price === null ? null : costOfCall(figures, ended.price);
  return {
    ...ended,
    ...figures,
    billable: true,
    source: input.source === 'provider' && output.source === 'provider' ? 'provider' : 'estimate',
    inputSource: input.source,
    outputSource: output.source,
    costPicos: cost === null ? null : String(cost),
  };
}

const NO_FIGURES = {
  inputTokens: null,
  outputTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  cacheWrite5mTokens: null,
  cacheWrite1hTokens: null,
  reasoningTokens: null,
  inputSource: null,
  outputSource: null,
};

/** Far beyond any call, and a million of them can be summed. */
const MOST_TOKENS = 1e12;

/** A figure that is no whole number, or an absurd one, is no figure: it would spoil every sum that it is in. */
function isCount(tokens: number | null): tokens is number {
  return tokens !== null && Number.isSafeInteger(tokens) && tokens >= 0 && tokens <= MOST_TOKENS;
}

function counted(tokens: number | null | undefined): number | null {
  return tokens !== undefined && isCount(tokens) ? tokens : null;
}

function choose(
  reported: number | null,
  estimated: number | null,
): { tokens: number | null; source: FigureSource | null } {
  if (isCount(reported)) return { tokens: reported, source: 'provider' };
  return isCount(estimated) ? { tokens: estimated, source: 'estimate' } : { tokens: null, source: null };
}

function atLeast(estimate: number | null, reported: number | null): number | null {
  return isCount(reported) ? Math.max(reported, estimate ?? 0) : estimate;
}
