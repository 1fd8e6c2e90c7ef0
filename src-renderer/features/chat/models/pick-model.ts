import type { AppError } from '#contract/errors';
import type { SluiceApi } from '#contract/routes';
import { chatSink, useChatStore } from '../chat-store.ts';

interface Place {
  sessionId: string;
  /** Nothing was said in it yet: the core does not know it, and what is chosen waits beside its draft. */
  isNew: boolean;
  /** The model that the profile has where none is chosen. */
  own: string | null;
}

/**
 * Chooses who answers from the next message on. It holds here at once, so that a message of the next moment has it; a
 * conversation that has begun keeps it like its instructions, over a reload and for every window.
 *
 * @param value empty: the profile's own.
 * @returns why it could not be stored. It holds for this page all the same.
 */
export async function pickModel(
  api: Pick<SluiceApi, 'request'>,
  { sessionId, isNew, own }: Place,
  value: string,
): Promise<AppError | null> {
  const { choices, sessions, choose } = useChatStore.getState();
  const { model: _dropped, ...rest } = choices[sessionId] ?? {};
  const typed = value.trim() === '' ? null : value.trim();
  // Until it is stored a conversation that has a model of its own would answer with that one.
  const wanted = typed ?? (sessions[sessionId]?.model == null ? null : own);
  const picked = wanted === null ? rest : { ...rest, model: wanted };
  choose(sessionId, picked);
  if (isNew) return null;
  const answer = await api.request('sessions.update', { sessionId, model: typed });
  if (!answer.ok) return answer.error;
  chatSink.setSession(answer.data);
  // What was picked meanwhile stays until it is stored as well.
  if (useChatStore.getState().choices[sessionId] === picked) choose(sessionId, rest);
  return null;
}
