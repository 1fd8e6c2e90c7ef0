import type { IncomingMessage, ServerResponse } from 'node:http';
import { failed, ok } from '#contract/errors';
import type { AttachmentUploads } from '../attachments/attachment-uploads.ts';
import { failureOf, toAppFailure } from '../platform/app-failure.ts';
import { sendResult } from './app-routes.ts';
import { isOwner } from './request-guard.ts';

/** `PUT /api/app/attachments?name=…`: the file as the body, an attachment as the Result (decision 27). */
export const UPLOAD_PATH = '/api/app/attachments';

const MAX_NAME_CHARS = 4096;
/** Beyond this the line of a refused file is cut. */
const DRAIN_BYTES = 128 * 1024 * 1024;

/** The announced length; null where the body comes in chunks. */
function contentLength(request: IncomingMessage): number | null {
  const text = request.headers['content-length'];
  return text === undefined ? null : Number(text);
}

function readName(request: IncomingMessage): string {
  const query = (request.url ?? '').split(/\?(.*)/s)[1] ?? '';
  const name = new URLSearchParams(query).get('name') ?? '';
  if (name === '') throw failureOf('invalid_payload', { word: 'upload_no_name' });
  if (name.length > MAX_NAME_CHARS) throw failureOf('invalid_payload', { word: 'upload_long_name' });
  return name;
}

/** Throws the rest of a refused file away as it comes, so that its sender gets to the answer. */
function drain(request: IncomingMessage): void {
  let size = 0;
  request.on('data', (part: Buffer) => {
    size += part.length;
    if (size > DRAIN_BYTES) request.destroy();
  });
  request.resume();
}

/**
 * Takes a file in as it comes and answers when it is kept. What its headers show to be too large or not allowed is answered
 * before any of it is read. Never throws: whatever goes wrong is a Result.
 */
export async function answerUpload(
  request: IncomingMessage,
  response: ServerResponse,
  parts: { uploads: Pick<AttachmentUploads, 'receive'>; token: string },
): Promise<void> {
  try {
    if (!isOwner(request.headers, parts.token)) {
      throw failureOf('unauthorized', { word: 'token_wrong' });
    }
    const name = readName(request);
    // The iterator must not take the line with it when a file is refused: the answer goes back over it.
    const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    sendResult(response, ok(await parts.uploads.receive({ name, sizeBytes: contentLength(request) }, pieces)));
  } catch (thrown) {
    sendResult(response, failed(toAppFailure(thrown).toAppError()));
    drain(request);
  }
}
