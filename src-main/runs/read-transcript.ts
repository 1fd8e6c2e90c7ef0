import type { Message } from '#contract/message';
import type { MessageRepository } from '../store/message-repository.ts';

/** About a millisecond of work. */
const SLICE_ROWS = 500;

/**
 * All shown rows of a conversation, oldest first, read in slices with a turn of the event loop between them, so that a
 * long conversation holds up no other one. Only its own actor changes a conversation, and waits for this.
 *
 * @throws the signal's reason when it aborts.
 */
export async function readTranscript(
  messages: Pick<MessageRepository, 'page'>,
  sessionId: string,
  signal: AbortSignal,
): Promise<Message[]> {
  const slices: Message[][] = [];
  for (let beforeId: string | undefined; ; ) {
    const slice = messages.page(sessionId, SLICE_ROWS, beforeId);
    slices.push(slice.messages);
    if (!slice.hasMoreBefore) return slices.reverse().flat();
    beforeId = slice.messages[0]?.id;
    await new Promise<void>((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
}
