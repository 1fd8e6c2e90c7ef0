import { AppFailure } from '../../platform/app-failure.ts';

const MOST = 1000;

/**
 * The list in the shape that clients of both protocols read. Anthropic's may ask for a part of it; who does not is given all,
 * as OpenAI's clients know no pages.
 *
 * @param search with its question mark; empty where there is none.
 * @throws AppFailure `invalid_payload` for a limit that is none. A place that is not there any more begins at the beginning.
 */
export function modelsPage<Model extends { id: string }>(all: readonly Model[], search: string) {
  const asked = new URLSearchParams(search);
  const limit = limitOf(asked.get('limit'));
  const after = placeOf(all, asked.get('after_id'));
  const before = placeOf(all, asked.get('before_id'));
  // Before a place the page ends there, elsewhere it begins.
  const end = before ?? all.length;
  const start = before === null ? (after === null ? 0 : after + 1) : Math.max(0, before - limit);
  const data = all.slice(start, Math.min(end, start + limit));
  const hasMore = before === null ? start + data.length < all.length : start > 0;
  return {
    object: 'list',
    data,
    has_more: hasMore,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

function limitOf(given: string | null): number {
  if (given === null) return Number.POSITIVE_INFINITY;
  const limit = /^\d{1,4}$/.test(given) ? Number(given) : 0;
  if (limit < 1 || limit > MOST) throw new AppFailure('invalid_payload', `“limit” must be from 1 to ${MOST}.`);
  return limit;
}

function placeOf(all: readonly { id: string }[], id: string | null): number | null {
  const at = id === null ? -1 : all.findIndex((model) => model.id === id);
  return at < 0 ? null : at;
}
