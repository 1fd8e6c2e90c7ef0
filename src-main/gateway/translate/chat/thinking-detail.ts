import type { JsonObject } from '../../json.ts';
import { type Seal, signatureOf } from '../seal.ts';

/**
 * Thinking with what its provider wants back, in the form that OpenRouter's clients know (`reasoning_details`, 2026-11): the
 * protocol itself has no place for it.
 */
export function thinkingDetail(text: string, seal: Seal, index: number): Record<string, unknown> {
  if (seal.by === 'anthropic-redacted') return { type: 'reasoning.encrypted', data: seal.data, index };
  return { type: 'reasoning.text', text, signature: signatureOf(seal), index };
}

/** What a server wants back of its thinking; read when it is complete. */
export function sealOfDetails(details: readonly JsonObject[]): Seal {
  return {
    by: 'chat-details',
    get details() {
      return JSON.stringify(details);
    },
  };
}

/** More pieces of details, as streams bring them: those of one detail are put together. */
export function addDetails(known: JsonObject[], pieces: readonly JsonObject[]): void {
  for (const piece of pieces) {
    const last = known.at(-1);
    if (last === undefined || last['type'] !== piece['type'] || last['index'] !== piece['index']) {
      known.push({ ...piece });
      continue;
    }
    for (const [field, value] of Object.entries(piece)) {
      const grows = (field === 'text' || field === 'summary' || field === 'data') && typeof last[field] === 'string';
      if (value != null) last[field] = grows ? `${String(last[field])}${String(value)}` : value;
    }
  }
}
