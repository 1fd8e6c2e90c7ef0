import type { Result } from '#contract/errors';
import type { SluiceApi } from '#contract/routes';

/** The bytes of a finished export, piece by piece as the core gives them. */
export async function fetchExport(api: Pick<SluiceApi, 'request'>, jobId: string): Promise<Result<Blob>> {
  const parts: Blob[] = [];
  for (let offsetBytes = 0; ; ) {
    const answer = await api.request('data.exportRead', { jobId, offsetBytes });
    if (!answer.ok) return answer;
    const bytes = Uint8Array.from(atob(answer.data.data), (char) => char.charCodeAt(0));
    if (bytes.length === 0) return { ok: true, data: new Blob(parts, { type: 'application/zip' }) };
    // A blob of its own: the browser may put it on the disk while the next one comes.
    parts.push(new Blob([bytes]));
    offsetBytes += bytes.length;
  }
}
