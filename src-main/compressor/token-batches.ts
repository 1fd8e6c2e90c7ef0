import { partsPair } from './token-pieces.ts';

/** Half a megabyte at most, copied to the worker in about 0.1 ms and counted in a fraction of a second at worst. */
const BATCH_UNITS = 256 * 1024;

/** Copying many small texts costs by their number. */
const BATCH_TEXTS = 2_000;

/** So far back a good place to cut is looked for. */
const LOOK_BACK_UNITS = 256;

export interface TokenBatch {
  texts: string[];
  /** For each text: which of the texts that were asked about it is, or is a part of. */
  indexes: number[];
}

/**
 * The texts in batches of bounded size, so that what is under way is bounded, a stop takes effect soon, and one caller's
 * long conversation does not hold up another's short one. A text longer than a batch is cut, before a blank where there is
 * one; elsewhere the cut may add a token, one in 262,144 units. Nothing is made for empty texts.
 */
export function* batchesOf(texts: readonly (string | null)[]): Generator<TokenBatch, void, undefined> {
  let batch: TokenBatch = { texts: [], indexes: [] };
  let units = 0;
  for (const [index, text] of texts.entries()) {
    if (text === null) continue;
    for (let from = 0; from < text.length; ) {
      if (units >= BATCH_UNITS || batch.texts.length >= BATCH_TEXTS) {
        yield batch;
        batch = { texts: [], indexes: [] };
        units = 0;
      }
      const left = text.length - from;
      // What fits into a batch of its own is not cut to fill up this one.
      if (left > BATCH_UNITS - units && units > 0) {
        units = BATCH_UNITS;
        continue;
      }
      const to = left <= BATCH_UNITS ? text.length : cutBefore(text, from + BATCH_UNITS);
      batch.texts.push(text.slice(from, to));
      batch.indexes.push(index);
      units += to - from;
      from = to;
    }
  }
  if (batch.texts.length > 0) yield batch;
}

function cutBefore(text: string, end: number): number {
  for (let at = end; at > end - LOOK_BACK_UNITS; at--) {
    if (text[at] === ' ' && /\S/.test(text[at - 1] ?? '')) return at;
  }
  return partsPair(text, end) ? end - 1 : end;
}
