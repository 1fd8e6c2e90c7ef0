import type { ImportPreview } from '#contract/data';
import { openImport } from './read-import.ts';
import { reasonOf } from './reason-of.ts';

/** How many conversations a page is shown before it decides. */
const SHOWN_ITEMS = 1000;

/**
 * Looks at a file as an import would, and changes nothing.
 *
 * @throws AppFailure as `openImport` does.
 */
export async function previewOf(path: string, name: string): Promise<Omit<ImportPreview, 'name'>> {
  const source = await openImport(path, name);
  try {
    const preview: Omit<ImportPreview, 'name'> = {
      source: source.source,
      conversations: 0,
      messages: 0,
      attachments: 0,
      items: [],
    };
    for await (const item of source.items()) {
      const { title, conversation } = item;
      if (conversation !== null) {
        preview.conversations++;
        preview.messages += conversation.messages.length;
        preview.attachments += conversation.attachments.length;
      }
      if (preview.items.length >= SHOWN_ITEMS) continue;
      preview.items.push({
        title,
        messages: conversation?.messages.length ?? 0,
        createdAtMs: conversation === null ? null : Number(conversation.session['created_at_ms']),
        ...reasonOf(conversation === null ? item.reason : null),
      });
    }
    return preview;
  } finally {
    source.close();
  }
}
