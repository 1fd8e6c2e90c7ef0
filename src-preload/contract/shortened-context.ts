import type { CompressionFigures } from './events.ts';
import type { ShortenedContext } from './records.ts';

/** What a compression says about the run that it was made for; null where a summary was made, or nothing had to be. */
export function shortenedBy(figures: CompressionFigures): ShortenedContext | null {
  const { error, errorSaid, compressed, llmCompressed, beforeTokens, afterTokens } = figures;
  if (error === undefined && (llmCompressed || !compressed)) return null;
  return {
    beforeTokens,
    afterTokens,
    reason: error ?? null,
    ...(errorSaid === undefined ? {} : { reasonSaid: errorSaid }),
  };
}
