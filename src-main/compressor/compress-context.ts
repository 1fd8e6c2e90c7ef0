import { assertNever } from '#contract/assert-never';
import type { CompressionFigures } from '#contract/events';
import type { FailureWord } from '#contract/failure-saying';
import type { Message } from '#contract/message';
import { abortable } from '../platform/abortable.ts';
import { AppFailure, factOf, failureOf, toAppFailure } from '../platform/app-failure.ts';
import { clampSettings, hardLimit } from './compression-limits.ts';
import type {
  CompressionPorts,
  CompressionResult,
  ContextInput,
  NewSnapshot,
  SummaryPlan,
  SummaryRequest,
} from './compression-types.ts';
import { assembleRows, type ContextLayout, layOut, requestTokens } from './context-layout.ts';
import { figuresError } from './figures-error.ts';
import { fitBudget } from './fit-budget.ts';
import { planLayout } from './plan-compression.ts';
import { signSource } from './snapshot-source.ts';
import { summaryRequest } from './summary-request.ts';
import { countSummary } from './summary-row.ts';

interface Context {
  input: ContextInput;
  layout: ContextLayout;
  /** Of the whole request, before anything was done. */
  tokens: number;
  ports: CompressionPorts;
  signal: AbortSignal;
}

/**
 * Makes the earlier messages fit the model's window, with one call to the summariser at most. The rows of the conversation
 * are never changed. A summary that fails in any way changes nothing that is kept: the rows are shortened without a model
 * for this request, and the failure is told (E7-05).
 *
 * @throws AppFailure `context_window_too_small` when what may not be shortened does not fit; the signal's reason when it
 * aborts; what a port throws, but for `summarise`.
 */
export async function compressContext(
  input: ContextInput,
  ports: CompressionPorts,
  signal: AbortSignal,
): Promise<CompressionResult> {
  signal.throwIfAborted();
  const settings = clampSettings(input.settings);
  const layout = layOut({ ...input, settings });
  const plan = planLayout(layout, settings, input);
  const untouched = { snapshot: null, figures: null, failedAtMs: input.lastFailureAtMs, failure: null };
  switch (plan.kind) {
    case 'none':
      return { ...untouched, rows: [...input.rows] };
    case 'assemble':
      return { ...untouched, rows: plan.rows };
    case 'too-small':
      throw tooSmall(plan.neededTokens, plan.windowTokens);
    case 'prune': {
      const context = { input, layout, tokens: plan.tokens, ports, signal };
      return { ...untouched, ...(await pruned(context, plan.budgetTokens)) };
    }
    case 'full':
    case 'incremental':
      return summarised({ input, layout, tokens: plan.tokens, ports, signal }, plan, settings.minSavingRatio);
    default:
      return assertNever(plan);
  }
}

async function summarised(
  context: Context,
  plan: SummaryPlan & { budgetTokens: number },
  minSavingRatio: number,
): Promise<CompressionResult> {
  const { input, layout, ports, signal } = context;
  const { summaryTokens } = plan;
  const request = await summaryRequest(
    { rows: plan.source, previous: layout.snapshot?.summary ?? null, summaryTokens, windowTokens: input.windowTokens },
    ports.countTokens,
    signal,
  );
  const kept = { snapshot: null, failedAtMs: input.lastFailureAtMs, failure: null };
  if (request === null) return { ...kept, ...(await pruned(context, plan.budgetTokens)) };
  await ports.started({ message_count: input.rows.length, token_count: context.tokens });
  signal.throwIfAborted();
  const answer = await ask(request, context, plan);
  if (answer instanceof AppFailure) return failed(context, plan, answer);
  const snapshot = await newSnapshot(answer, context, plan);
  const { leftOut, opener, cut } = plan;
  const after: ContextLayout = { ...layout, snapshot, coverage: { covered: cut, leftOut, opener } };
  const afterTokens = requestTokens(after);
  const saved = context.tokens - afterTokens;
  if (afterTokens > plan.budgetTokens || saved < minSavingRatio * (context.tokens - layout.fixedTokens) || saved <= 0) {
    return failed(context, plan, unusable('summary_saved_little'));
  }
  const rows = assembleRows(after, snapshot, after.coverage);
  const figures: CompressionFigures = {
    ...figuresOf(context, rows, afterTokens),
    compressed: true,
    llmCompressed: true,
    summaryTokens: snapshot.tokens,
    compressedStartIndex: cut,
  };
  return { rows, snapshot, figures, failedAtMs: null, failure: null };
}

type Answer = Awaited<ReturnType<CompressionPorts['summarise']>>;

/** The summariser's answer, or why it cannot be used. */
async function ask(request: SummaryRequest, context: Context, plan: SummaryPlan): Promise<Answer | AppFailure> {
  const { ports, signal, layout } = context;
  let answer: Answer;
  try {
    answer = await abortable(ports.summarise(request, signal), signal);
  } catch (thrown) {
    signal.throwIfAborted();
    return toAppFailure(thrown);
  }
  signal.throwIfAborted();
  const text = answer.text.toWellFormed().trim();
  if (text === '') return failureOf('upstream_empty_answer', { word: 'summary_empty_answer' });
  const [tokens = 0] = await ports.countTokens([text], signal);
  if (tokens > plan.summaryTokens) return unusable('summary_too_long');
  if (tokens >= plan.sourceTokens + (layout.snapshot?.tokens ?? 0)) {
    return unusable('summary_no_shorter');
  }
  return { ...answer, text };
}

function unusable(word: FailureWord): AppFailure {
  return failureOf('upstream_bad_response', { word });
}

/** Made only from an answer that can be used: this is the one place where the mark moves (BUG-A7). */
async function newSnapshot(answer: Answer, context: Context, plan: SummaryPlan): Promise<NewSnapshot> {
  const { input, ports, signal } = context;
  const { cut } = plan;
  return {
    id: ports.newId(),
    summary: answer.text,
    lastMessageId: input.rows[cut - 1]?.id ?? '',
    messageCount: cut,
    sourceHash: signSource(input.rows, cut, plan),
    tokens: await countSummary(answer.text, ports.countTokens, signal),
    model: answer.model,
    usage: answer.usage,
    callId: answer.callId,
  };
}

async function failed(
  context: Context,
  plan: { budgetTokens: number },
  failure: AppFailure,
): Promise<CompressionResult> {
  const { rows, afterTokens } = await fitted(context, plan.budgetTokens);
  const figures: CompressionFigures = {
    ...figuresOf(context, rows, afterTokens),
    compressed: false,
    llmCompressed: false,
    summaryTokens: context.layout.snapshot?.tokens ?? 0,
    compressedStartIndex: -1,
    // A person who asked for a summary by itself sent nothing that could have been shortened.
    ...figuresError(
      context.input.force ? factOf(failure) : { word: 'nothing_lost', with: { reason: factOf(failure) } },
    ),
  };
  return { rows, snapshot: null, figures, failedAtMs: context.input.nowMs, failure };
}

async function pruned(
  context: Context,
  budgetTokens: number,
): Promise<{ rows: Message[]; figures: CompressionFigures | null }> {
  const { rows, afterTokens } = await fitted(context, budgetTokens);
  if (context.tokens <= budgetTokens) return { rows, figures: null };
  const stored = context.input.rows;
  const sent = new Set(rows);
  const figures: CompressionFigures = {
    ...figuresOf(context, rows, afterTokens),
    compressed: afterTokens < context.tokens,
    llmCompressed: false,
    summaryTokens: context.layout.snapshot?.tokens ?? 0,
    compressedStartIndex: stored.findLastIndex((row) => !sent.has(row)) + 1,
  };
  return { rows, figures };
}

/** What would be sent without a new summary, shortened to the budget. */
async function fitted(context: Context, budgetTokens: number): Promise<{ rows: Message[]; afterTokens: number }> {
  const { input, layout, ports, signal } = context;
  const places = new Map(layout.rows.map((row, at) => [row, at]));
  const assembled = assembleRows(layout, layout.snapshot, layout.coverage);
  const { tailMessages } = clampSettings(input.settings);
  const budgetRows = assembled.map((row) => {
    const at = places.get(row) ?? -1;
    return {
      row,
      tokens: (at === -1 ? layout.snapshot?.tokens : layout.tokens[at]) ?? 0,
      isFixed: at !== -1 && (at === layout.lastUser || layout.isPinned[at] === true),
      isNeeded: at !== -1 && layout.isKeptWithPin[at] === true,
      isHead: at !== -1 && at < layout.headEnd,
      isTail: at >= layout.rows.length - tailMessages,
      isSummary: at === -1,
    };
  });
  const { rows, tokens } = await fitBudget(budgetRows, budgetTokens - layout.fixedTokens, ports.countTokens, signal);
  const afterTokens = layout.fixedTokens + tokens;
  if (afterTokens > hardLimit(input.windowTokens)) throw tooSmall(afterTokens, input.windowTokens);
  return { rows, afterTokens };
}

function figuresOf(context: Context, rows: readonly Message[], afterTokens: number) {
  const stored = new Set(context.input.rows);
  return {
    totalMessages: stored.size,
    resultMessages: rows.length,
    beforeTokens: context.tokens,
    afterTokens,
    verbatimCount: rows.filter((row) => stored.has(row)).length,
  };
}

function tooSmall(neededTokens: number, windowTokens: number): AppFailure {
  return failureOf(
    'context_window_too_small',
    { word: 'window_too_small', with: { window: windowTokens, needed: neededTokens } },
    { retry: { kind: 'user-action', action: 'shorten' }, details: { neededTokens, windowTokens } },
  );
}
