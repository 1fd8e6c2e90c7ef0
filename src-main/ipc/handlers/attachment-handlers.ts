import { ATTACHMENT_CHUNK_BYTES, MAX_ATTACHMENT_BYTES } from '#contract/limits';
import type { AttachmentUploads, UploadLimits } from '../../attachments/attachment-uploads.ts';
import type { Handlers } from '../router.ts';
import { decodeBase64 } from './base64.ts';

type AttachmentHandlers = Pick<Handlers, Extract<keyof Handlers, `attachments.${string}`>>;

/** What the contract promises of uploads. */
export const UPLOAD_LIMITS: UploadLimits = { maxBytes: MAX_ATTACHMENT_BYTES, chunkBytes: ATTACHMENT_CHUNK_BYTES };

/** Uploads by pieces, the way that works over every transport. */
export function createAttachmentHandlers({ uploads }: { uploads: AttachmentUploads }): AttachmentHandlers {
  return {
    // The claimed media type is not looked at: the bytes say what a file is.
    'attachments.begin': ({ name, sizeBytes }) => uploads.begin({ name, sizeBytes }),
    'attachments.append': ({ uploadId, offsetBytes, data }) =>
      uploads.append(uploadId, offsetBytes, decodeBase64(data)),
    'attachments.finish': ({ uploadId }) => uploads.finish(uploadId),
    'attachments.cancel': async ({ uploadId }) => ({ cancelled: await uploads.cancel(uploadId) }),
  };
}
