import { isFitId } from '#contract/ids';
import { type ContentBlock, inputText, type RunInput } from '#contract/message';
import { isTerminalStatus } from '#contract/records';
import { AppFailure, inEnglish } from '../../platform/app-failure.ts';
import type { ListedRun } from '../../store/run-pages.ts';
import { missingScope } from '../api-door.ts';
import { type Caller, clientIdOf, may } from '../api-route.ts';
import { HttpFailure, unsupportedOption } from '../http-failure.ts';
import type { InputPart } from './read-content.ts';
import { readRunRequest, type WantedRun } from './read-run-request.ts';
import type { RunsApiParts } from './runs-api-parts.ts';
import type { RunRequestBody } from './schemas.ts';
import { EMPTY_CHECKPOINT } from './thread-state.ts';

/** Whoever stops or takes back another run needs the right to, whichever way it is asked (BUG-C6). */
function assertMayStop(caller: Caller, wanted: WantedRun): void {
  const stops = wanted.strategy === 'interrupt' || wanted.strategy === 'rollback' || wanted.onDisconnect === 'cancel';
  if (stops && !may(caller, 'runs:cancel')) throw missingScope('runs:cancel');
}

/** The message that an older checkpoint is followed by: the run takes its place, and what was there is kept as a version. */
function replacedBy(parts: RunsApiParts, threadId: string, checkpointId: string): string | null {
  const { store } = parts;
  const isLive = (runId: string) => !isTerminalStatus(store.runs.get(runId)?.status ?? 'success');
  const [newest, second] = store.runPages.shownRuns(threadId, 2);
  const head = (newest !== undefined && isLive(newest) ? second : newest) ?? EMPTY_CHECKPOINT;
  if (checkpointId === head) return null;
  const isKnown =
    checkpointId === EMPTY_CHECKPOINT || store.runPages.shownRuns(threadId, 100_000).includes(checkpointId);
  if (!isKnown) throw new AppFailure('not_found', 'This thread has no such checkpoint.');
  return store.messages.firstAfterRun(threadId, checkpointId === EMPTY_CHECKPOINT ? null : checkpointId);
}

/** Stores the files of a message. Those of a run that is refused after all are swept like any that nobody uses. */
async function keepFiles(parts: RunsApiParts, input: string | readonly InputPart[]): Promise<RunInput> {
  if (typeof input === 'string') return input;
  const blocks: ContentBlock[] = [];
  for (const part of input) {
    if (part.type === 'text') {
      blocks.push(part);
      continue;
    }
    const announced = { name: part.name, sizeBytes: part.bytes.length };
    const { name, path, mediaType, isImage } = await parts.uploads.receive(announced, onePiece(part.bytes));
    blocks.push({ type: isImage ? 'image' : 'file', name, path, media_type: mediaType });
  }
  return blocks;
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/**
 * Starts or queues a run as a program asked for it. The run and everything that was asked are stored when this resolves.
 *
 * @param threadId the thread of the address; null where the request names it, or wants one of its own.
 * @param idempotencyKey the same key again is the same run; in another thread it is refused.
 * @throws AppFailure `not_found`, `conflict`, `conflict_active_run`, `unsupported_option`, `invalid_payload` and what `submit` throws.
 */
export async function startRun(
  parts: RunsApiParts,
  body: RunRequestBody,
  asked: { threadId: string | null; caller: Caller; idempotencyKey: string | null },
): Promise<ListedRun> {
  const { store, runs, newId } = parts;
  const named = asked.threadId ?? body.config?.configurable?.thread_id ?? body.context?.thread_id ?? null;
  const isKnown = (messageId: string) => named !== null && store.messages.shown(named, messageId) !== null;
  const wanted = readRunRequest(body, isKnown, { threadId: asked.threadId });
  assertMayStop(asked.caller, wanted);
  const profile = store.profiles.byName(wanted.assistantId);
  if (profile === null) {
    const names = store.profiles.list().map((one) => one.name);
    throw new AppFailure(
      'not_found',
      `There is no assistant “${wanted.assistantId}”. An assistant is a profile; there are: ${names.join(', ')}.`,
    );
  }
  const threadId = wanted.threadId ?? newId();
  const isThere = store.threads.get(threadId) !== null;
  if (isThere && wanted.onCompletion === 'delete') {
    throw unsupportedOption('on_completion: delete', 'This thread was there before the run, and stays.');
  }
  if (!isThere && !isFitId(threadId)) {
    throw new HttpFailure(
      422,
      'invalid_payload',
      `A thread cannot have this id. ${inEnglish({ word: 'why_unfit_id' })}`,
      { details: { field: 'thread_id' } },
    );
  }
  if (!isThere && !wanted.createsThread) throw new AppFailure('not_found', `There is no thread “${threadId}”.`);
  const replaceFrom = wanted.checkpointId === null ? null : replacedBy(parts, threadId, wanted.checkpointId);
  const replaced = replaceFrom === null ? null : store.messages.shown(threadId, replaceFrom);
  const input =
    wanted.input === null
      ? replaced === null
        ? null
        : (replaced.content_blocks ?? inputText(replaced.content))
      : await keepFiles(parts, wanted.input);
  if (input === null) {
    throw new HttpFailure(
      422,
      'invalid_payload',
      'The run has no message to answer. Give “input.messages”, or a checkpoint that a message follows.',
      { details: { field: 'input' } },
    );
  }
  const { caller } = asked;
  const ack = await runs.submit(
    {
      sessionId: threadId,
      input,
      profile: profile.name,
      strategy: wanted.strategy,
      program: {
        clientId: clientIdOf(caller),
        assistantId: profile.name,
        metadata: wanted.metadata,
        kwargs: wanted.kwargs,
        strategy: wanted.strategy,
        streamModes: wanted.modes,
        onDisconnect: wanted.onDisconnect,
        onCompletion: wanted.onCompletion,
      },
      ...(wanted.model === null ? {} : { model: wanted.model }),
      ...(wanted.instructions === null ? {} : { instructions: wanted.instructions }),
      ...(wanted.reasoningEffort === null ? {} : { reasoningEffort: wanted.reasoningEffort }),
      ...(replaceFrom === null ? {} : { replaceFrom }),
      ...(asked.idempotencyKey === null ? {} : { idempotencyKey: asked.idempotencyKey }),
    },
    null,
  );
  if (ack.status === 'duplicate' && named !== null && ack.session_id !== named) {
    throw new AppFailure(
      'conflict',
      'This “Idempotency-Key” was used for a run of another thread. Use a new key for a new run.',
    );
  }
  const run = store.runPages.run(ack.run_id);
  if (run === null) throw new AppFailure('not_found', 'This thread was deleted while its run began.');
  return run;
}
