import type { Result } from '#contract/errors';
import type { SluiceApi } from '#contract/routes';
import { toBase64 } from '../../ipc/upload-file.ts';

/**
 * Hands a file that is to be imported to the core, piece by piece.
 *
 * @returns the id under which it lies there.
 */
export async function sendImport(
  api: Pick<SluiceApi, 'request'>,
  file: Pick<File, 'name' | 'size' | 'slice'>,
  onProgress: (sentBytes: number) => void,
): Promise<Result<string>> {
  const begun = await api.request('data.importBegin', { name: file.name, sizeBytes: Math.max(1, file.size) });
  if (!begun.ok) return begun;
  const { importId, chunkBytes } = begun.data;
  for (let offsetBytes = 0; offsetBytes < file.size; offsetBytes += chunkBytes) {
    const bytes = new Uint8Array(await file.slice(offsetBytes, offsetBytes + chunkBytes).arrayBuffer());
    const answer = await api.request('data.importAppend', { importId, offsetBytes, data: toBase64(bytes) });
    if (!answer.ok) {
      void api.request('data.importForget', { importId });
      return answer;
    }
    onProgress(Math.min(file.size, offsetBytes + chunkBytes));
  }
  return { ok: true, data: importId };
}
