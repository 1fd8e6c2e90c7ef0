import type { DropList } from './dropped.ts';
import type { NeutralMessage, RequestPart } from './neutral-request.ts';
import type { Seal } from './seal.ts';

/**
 * A turn without the thinking at its end: an answer that its limit cut off right behind it. Providers take what they thought back
 * with what came of it, and refuse the whole request otherwise. Neighbouring messages of the assistant are one turn.
 *
 * @param isOwn whether the provider that is asked signed it; what another one thought is left out by the writers, with a reason of its own.
 * @returns the same messages where there is none.
 */
export function withoutLonelyThinking(
  messages: NeutralMessage[],
  isOwn: (by: Seal['by']) => boolean,
  dropped: DropList,
): NeutralMessage[] {
  const lonely = new Set<RequestPart>();
  let isFollowed = false;
  for (const { role, parts } of messages.toReversed()) {
    if (role !== 'assistant') isFollowed = false;
    else {
      for (const part of parts.toReversed()) {
        if (part.type !== 'thinking') isFollowed ||= isSaid(part);
        else if (!isFollowed && part.seal !== null && isOwn(part.seal.by)) lonely.add(part);
      }
    }
  }
  if (lonely.size === 0) return messages;
  return messages.map((message) => ({
    ...message,
    parts: message.parts.filter((part) => {
      if (part.type !== 'thinking' || !lonely.has(part)) return true;
      dropped.add(part.path, 'Thinking that nothing came of is not taken back.');
      return false;
    }),
  }));
}

/** A text of spaces is left out, and what is left out follows nothing. */
function isSaid(part: RequestPart): boolean {
  return part.type !== 'text' || part.text.trim() !== '';
}
