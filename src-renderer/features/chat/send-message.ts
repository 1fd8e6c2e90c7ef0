import type { Result } from '#contract/errors';
import { newId } from '#contract/ids';
import type { RouteInput, RunAck, SluiceApi } from '#contract/routes';
import { useChatStore } from './chat-store.ts';

interface Attempt {
  text: string;
  idempotencyKey: string;
  queueId: string;
}

/** The last attempt per conversation that has not succeeded: the same text again is the same request again. */
const unanswered = new Map<string, Attempt>();

function attemptFor(sessionId: string, text: string): Attempt {
  const last = unanswered.get(sessionId);
  if (last?.text === text) return last;
  const attempt = { text, idempotencyKey: newId(), queueId: newId() };
  unanswered.set(sessionId, attempt);
  return attempt;
}

/**
 * Sends a message with what the reader chose for the conversation. A repeated attempt after a failure carries the keys
 * of the first, so a request that did arrive is never run twice.
 */
export async function sendMessage(
  api: SluiceApi,
  sessionId: string,
  text: string,
  strategy: 'enqueue' | 'interrupt' = 'enqueue',
): Promise<Result<RunAck>> {
  const { choices, isNew, currentId, settleNew } = useChatStore.getState();
  const choice = choices[sessionId] ?? {};
  const attempt = attemptFor(sessionId, text);
  const input: RouteInput<'chat.run'> = {
    session_id: sessionId,
    input: text,
    idempotency_key: attempt.idempotencyKey,
    queue_id: attempt.queueId,
    strategy,
    ...choice,
  };
  const answer = await api.request('chat.run', input);
  if (!answer.ok) return answer;
  unanswered.delete(sessionId);
  if (isNew && currentId === sessionId) settleNew(sessionId);
  return answer;
}
