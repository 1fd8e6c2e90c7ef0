import { ok, type Result } from '#contract/errors';
import type { SluiceApi } from '#contract/routes';

/** A ledger that never ends would be a fault of the core: this many pieces are some 250 million calls. */
const MOST_PIECES = 50_000;

/** All calls of a span as one CSV text, put together from the core's pieces. */
export async function exportCsv(
  api: Pick<SluiceApi, 'request'>,
  span: { fromMs: number; toMs: number },
): Promise<Result<string>> {
  const pieces: string[] = [];
  let cursor: string | null = null;
  for (let piece = 0; piece < MOST_PIECES; piece++) {
    const answer: Result<{ content: string; nextCursor: string | null }> = await api.request('usage.export', {
      ...span,
      ...(cursor === null ? {} : { cursor }),
    });
    if (!answer.ok) return answer;
    pieces.push(answer.data.content);
    cursor = answer.data.nextCursor;
    if (cursor === null) break;
  }
  return ok(pieces.join(''));
}
