import { ATTACHMENT_CHUNK_BYTES, MAX_ATTACHMENT_BYTES } from '#contract/routes.schema';
import type { AttachmentUploads, UploadLimits } from '../../attachments/attachment-uploads.ts';
import { AppFailure } from '../../platform/app-failure.ts';
import type { Handlers } from '../router.ts';

type AttachmentHandlers = Pick<Handlers, Extract<keyof Handlers, `attachments.${string}`>>;

/** What the contract promises of uploads. */
export const UPLOAD_LIMITS: UploadLimits = { maxBytes: MAX_ATTACHMENT_BYTES, chunkBytes: ATTACHMENT_CHUNK_BYTES };

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Buffer.from reads anything as Base64 and leaves out what it does not understand; a file would lose bytes that way. */
function decodeBase64(data: string): Buffer {
  const bytes = Buffer.from(data, 'base64');
  if (data.length % 4 !== 0 || !BASE64.test(data) || bytes.length !== Buffer.byteLength(data, 'base64')) {
    throw new AppFailure('invalid_payload', 'The piece is not Base64. Send it again.');
  }
  return bytes;
}

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
