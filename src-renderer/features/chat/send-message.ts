import type { Result } from '#contract/errors';
import { newId } from '#contract/ids';
import type { RunInput } from '#contract/message';
import type { RouteInput, RunAck, SluiceApi } from '#contract/routes';
import { useChatStore } from './chat-store.ts';

interface Attempt {
  /** What is sent, as text, to tell one request from another. */
  what: string;
  idempotencyKey: string;
  queueId: string;
}

/** The last attempt per conversation that has not succeeded: the same message again is the same request again. */
const unanswered = new Map<string, Attempt>();

function attemptFor(sessionId: string, what: string): Attempt {
  const last = unanswered.get(sessionId);
  if (last?.what === what) return last;
  const attempt = { what, idempotencyKey: newId(), queueId: newId() };
  unanswered.set(sessionId, attempt);
  return attempt;
}

export type SendStrategy = 'enqueue' | 'interrupt' | 'steer';

/**
 * Sends a message with what the reader chose for the conversation. A repeated attempt after a failure carries the keys
 * of the first, so a request that did arrive is never run twice.
 *
 * @param replaceFrom a message that the new one takes the place of, with all that follows it.
 */
export async function sendMessage(
  api: SluiceApi,
  sessionId: string,
  message: RunInput,
  strategy: SendStrategy = 'enqueue',
  replaceFrom?: string,
): Promise<Result<RunAck>> {
  const { choices, settleNew, dismissCommand } = useChatStore.getState();
  const { instructions, ...choice } = choices[sessionId] ?? {};
  const attempt = attemptFor(sessionId, JSON.stringify([message, replaceFrom]));
  dismissCommand(sessionId);
  const input: RouteInput<'chat.run'> = {
    session_id: sessionId,
    input: message,
    idempotency_key: attempt.idempotencyKey,
    queue_id: attempt.queueId,
    strategy,
    ...(replaceFrom === undefined ? {} : { replace_from: replaceFrom }),
    ...choice,
    ...(instructions === undefined ? {} : { session_instructions: instructions }),
  };
  const answer = await api.request('chat.run', input);
  if (!answer.ok) return answer;
  unanswered.delete(sessionId);
  // A command leaves a new conversation as unknown to the core as it was.
  if (answer.data.status !== 'command') settleNew(sessionId);
  return answer;
}
