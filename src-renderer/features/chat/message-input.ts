import type { ContentBlock, RunInput } from '#contract/message';
import type { AttachmentRecord } from '#contract/records';

export type FileBlock = Exclude<ContentBlock, { type: 'text' }>;

/** How a stored file is named in a message. */
export function blockOf(record: AttachmentRecord): FileBlock {
  const { name, path, mediaType } = record;
  return record.isImage
    ? { type: 'image', name, path, media_type: mediaType }
    : { type: 'file', name, path, ...(mediaType === '' ? {} : { media_type: mediaType }) };
}

/** A message's text with its files: the text first, and plain text where there are none. */
export function messageInput(text: string, files: readonly FileBlock[]): RunInput {
  if (files.length === 0) return text;
  return text.trim() === '' ? [...files] : [{ type: 'text', text }, ...files];
}

/** A message taken apart again: its text without the lines that stand for its files, and the files. */
export function partsOf(message: { content: string; content_blocks: ContentBlock[] | null }): {
  text: string;
  files: FileBlock[];
} {
  const blocks = message.content_blocks;
  const files = blocks?.filter((block) => block.type !== 'text') ?? [];
  if (blocks === null || files.length === 0) return { text: message.content, files: [] };
  const text = blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
  return { text, files };
}
