import type { PortableConversation } from '../store/portable-rows.ts';

/** The version that this program writes, and the newest that it reads. */
export const FORMAT_VERSION = 2;
export const EXPORT_FORMAT = 'sluice-export';
export const CONVERSATION_FORMAT = 'sluice-conversation';

/** One conversation as its file. */
export function conversationJson(conversation: PortableConversation): string {
  return `${JSON.stringify({ format: CONVERSATION_FORMAT, version: FORMAT_VERSION, ...conversation }, null, 1)}\n`;
}
