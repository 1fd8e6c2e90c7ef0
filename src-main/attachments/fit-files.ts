import { MAX_TEXT_FILE_BYTES } from '#contract/limits';
import type { DraftedFile, FileReason, MessageFit } from '#contract/message-fit';
import type { ProfileKind } from '#contract/records';
import { isBlind } from '../gateway/translate/sees-images.ts';
import { MAX_IMAGE_BYTES } from './load-parts.ts';

/**
 * Which files of a message will be a line with their name for whoever answers, and why: the rules of `createLoadParts`, before
 * it reads. What is not known is not claimed; an agent has tools for files, and what they open is not known here. Pure.
 *
 * @param budgetBytes what one request may carry of files.
 */
export function fitFiles(
  kind: ProfileKind,
  model: string | null,
  files: readonly DraftedFile[],
  budgetBytes: number,
): MessageFit['files'] {
  if (kind === 'hermes') return [];
  let leftBytes = budgetBytes;
  return files.flatMap((file) => {
    const reason = kind === 'demo' ? 'demo' : reasonOf(file, leftBytes);
    if (reason === null) leftBytes -= file.sizeBytes ?? 0;
    // A picture that is too large is none for a model with eyes either.
    const told = reason ?? (file.isImage && isBlind(model) ? 'no_vision' : null);
    return told === null ? [] : [{ path: file.path, reason: told }];
  });
}

function reasonOf({ isImage, mediaType, sizeBytes }: DraftedFile, leftBytes: number): FileReason | null {
  if (!isImage && mediaType !== '' && !isText(mediaType)) return 'kind';
  if (sizeBytes === null) return null;
  if (sizeBytes > (isImage ? MAX_IMAGE_BYTES : MAX_TEXT_FILE_BYTES)) return isImage ? 'image_size' : 'text_size';
  return sizeBytes > leftBytes ? 'budget' : null;
}

/** As `chooseType` names text. */
function isText(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json';
}
