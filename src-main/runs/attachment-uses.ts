import { basename } from 'node:path';
import type { RunInput } from '#contract/message';
import type { Store } from '../store/store.ts';

/**
 * Notes that a conversation holds the files of a message, so that they stay as long as it does. Belongs inside a write of
 * the log. Paths that are nobody's attachment are left alone.
 */
export function useAttachments(store: Store, sessionId: string, input: RunInput): void {
  if (typeof input === 'string') return;
  for (const block of input) {
    if (block.type === 'text') continue;
    const attachment = store.attachments.byFileName(basename(block.path));
    if (attachment !== null) store.attachments.use(attachment.id, sessionId);
  }
}
