import type { ModelPart, UserContent } from './upstream-adapter.ts';

/** What every provider of vision models takes (2026-11). An image of another type stays a line of text. */
const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** A part as it can be sent: an image only where providers read its type. */
export type SendablePart = { type: 'text'; text: string } | { type: 'image'; mediaType: string; dataBase64: string };

/** All of what a person wrote as text; attachments are named by their path, for agents with tools for files. */
export function textOfContent({ content, parts, blocks }: UserContent): string {
  if (parts != null || blocks == null) return content;
  return blocks
    .map((block) => {
      switch (block.type) {
        case 'text':
          return block.text;
        case 'image':
          return `[Image: ${block.path}]`;
        case 'file':
          return `[File: ${block.path}]`;
      }
    })
    .join('\n');
}

/** The parts to send where at least one is an image that can be seen; null where the text says everything. */
export function sendableParts({ parts }: UserContent): SendablePart[] | null {
  if (parts == null || !parts.some(isVisible)) return null;
  return parts
    .map((part): SendablePart => {
      if (part.type === 'text') return part;
      return isVisible(part)
        ? { type: 'image', mediaType: part.mediaType, dataBase64: part.dataBase64 }
        : { type: 'text', text: `[Image: ${part.path}]` };
    })
    .filter((part) => part.type === 'image' || part.text !== '');
}

/** An image within a request, as the OpenAI forms take it. */
export function dataUrl(part: { mediaType: string; dataBase64: string }): string {
  return `data:${part.mediaType};base64,${part.dataBase64}`;
}

function isVisible(part: ModelPart): boolean {
  return part.type === 'image' && part.dataBase64 !== '' && IMAGE_TYPES.has(part.mediaType);
}
