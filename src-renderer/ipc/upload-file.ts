import type { Result } from '#contract/errors';
import type { AttachmentRecord } from '#contract/records';
import type { SluiceApi } from '#contract/routes';

/** What is uploaded: a browser's `File`, or anything that can be cut into pieces. */
export interface UploadSource {
  name: string;
  type: string;
  size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** `String.fromCharCode` takes its characters as arguments, and those are limited. */
const SPREAD_BYTES = 8192;

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += SPREAD_BYTES) {
    text += String.fromCharCode(...bytes.subarray(at, at + SPREAD_BYTES));
  }
  return btoa(text);
}

/**
 * Hands a file to the core piece by piece, one after the other.
 *
 * @param onProgress bytes that the core has confirmed.
 * @returns the record that a message names, or the first failure; null when `signal` aborted. Whatever did not finish is
 *   cancelled at the core.
 */
export async function uploadFile(
  api: Pick<SluiceApi, 'request'>,
  file: UploadSource,
  signal: AbortSignal,
  onProgress: (sentBytes: number) => void,
): Promise<Result<AttachmentRecord> | null> {
  const begun = await api.request('attachments.begin', {
    name: file.name,
    sizeBytes: file.size,
    ...(file.type === '' ? {} : { mediaType: file.type }),
  });
  const isTakenBack = () => signal.aborted;
  if (!begun.ok) return isTakenBack() ? null : begun;
  const { uploadId, chunkBytes } = begun.data;
  const giveUp = () => void api.request('attachments.cancel', { uploadId });

  for (let offsetBytes = 0; offsetBytes < file.size; offsetBytes += chunkBytes) {
    if (isTakenBack()) {
      giveUp();
      return null;
    }
    let data: string;
    try {
      data = toBase64(new Uint8Array(await file.slice(offsetBytes, offsetBytes + chunkBytes).arrayBuffer()));
    } catch {
      giveUp();
      return unreadable(file.name);
    }
    const appended = await api.request('attachments.append', { uploadId, offsetBytes, data });
    if (!appended.ok) {
      giveUp();
      return isTakenBack() ? null : appended;
    }
    onProgress(Math.min(file.size, offsetBytes + chunkBytes));
  }
  if (isTakenBack()) {
    giveUp();
    return null;
  }
  const finished = await api.request('attachments.finish', { uploadId });
  return isTakenBack() ? null : finished;
}

/** A browser's file is a promise: it may have been moved, changed or be a folder. */
function unreadable(name: string): Result<AttachmentRecord> {
  return {
    ok: false,
    error: {
      code: 'not_found',
      message: `“${name}” could not be read. It may be a folder, or it was moved or changed. Attach it again.`,
      retry: { kind: 'user-action', action: 'retry' },
      details: { said: { word: 'file_unreadable', with: { name } } },
    },
  };
}
