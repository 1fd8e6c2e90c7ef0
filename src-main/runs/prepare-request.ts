import { stat } from 'node:fs/promises';
import { type ContentBlock, inputText, type Message, type RunInput } from '#contract/message';
import type { HistoryMessage, ModelPart, UpstreamRequest, UserContent } from '../gateway/upstream-adapter.ts';
import type { RunOptions } from '../store/run-repository.ts';
import { buildHistory } from './build-history.ts';
import { buildInstructions } from './instructions.ts';
import { effectiveParameters } from './run-options.ts';

/**
 * Reads attachments for a model. Never rejects for a file's sake: what cannot be read becomes a line that says so.
 * Rejects with the signal's reason.
 */
export type LoadParts = (
  blocks: readonly ContentBlock[],
  options: { budgetBytes: number; signal: AbortSignal; workspace?: string | null },
) => Promise<{ content: string; parts: ModelPart[] | null; usedBytes: number }>;

/** What one request may carry of files, in bytes of the files; the newest messages come first (E6-02). */
export const ATTACHMENT_BUDGET_BYTES = 20 * 1024 * 1024;

/** What a model is told first, before it is put together. */
export interface InstructionSource {
  workspace: string | null;
  sessionInstructions: string | null;
  basePrompt: string;
  /** The upstream works with files of this computer. */
  actsOnFiles: boolean;
}

/** What a run is made from: everything is read when the run starts, nothing after. */
export interface RequestSource {
  /** The conversation as it is to be sent. */
  rows: readonly Message[];
  /** The folder whose files may be read beside the attachments. */
  workspace: string | null;
  instructions: string | null;
}

/** What a model is told before the conversation, as things stand now. */
export async function instructionsOf(options: RunOptions, source: InstructionSource): Promise<string | null> {
  const workspace = await existingFolder(source.workspace);
  return buildInstructions({
    base: source.basePrompt,
    actsOnFiles: source.actsOnFiles || workspace !== null,
    workspace,
    session: source.sessionInstructions,
    caller: options.instructions,
  });
}

/** A folder that is gone is not named: a model would work in a place that does not exist. */
async function existingFolder(path: string | null): Promise<string | null> {
  if (path === null || path === '') return null;
  try {
    return (await stat(path)).isDirectory() ? path : null;
  } catch {
    // Missing, moved or not readable: all the same to the model.
    return null;
  }
}

/**
 * Builds what an upstream is asked. Attachments of the new message come first out of one budget, then those of earlier
 * messages from the newest back; what no longer fits is named by a line.
 *
 * @throws the signal's reason when it aborts.
 */
export async function prepareRequest(
  task: { runId: string; sessionId: string | null; input: RunInput; options: RunOptions },
  source: RequestSource,
  loadParts: LoadParts,
  signal: AbortSignal,
): Promise<UpstreamRequest> {
  let budgetBytes = ATTACHMENT_BUDGET_BYTES;
  const load = async (content: string, blocks: readonly ContentBlock[] | null): Promise<UserContent> => {
    if (blocks === null || blocks.every((block) => block.type === 'text')) return { content, parts: null };
    const loaded = await loadParts(blocks, { budgetBytes, signal, workspace: source.workspace });
    signal.throwIfAborted();
    budgetBytes = Math.max(0, budgetBytes - loaded.usedBytes);
    return { content: loaded.content, parts: loaded.parts };
  };
  const { input, options } = task;
  const asked = await load(inputText(input), typeof input === 'string' ? null : input);
  const history: HistoryMessage[] = [];
  for (const message of buildHistory(source.rows).toReversed()) {
    history.push(
      message.role === 'user' ? { role: 'user', ...(await load(message.content, message.blocks ?? null)) } : message,
    );
  }
  signal.throwIfAborted();
  return {
    runId: task.runId,
    sessionId: task.sessionId,
    ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }),
    model: options.model,
    provider: options.provider ?? null,
    instructions: source.instructions,
    parameters: effectiveParameters(options),
    history: history.reverse(),
    input: asked,
  };
}
