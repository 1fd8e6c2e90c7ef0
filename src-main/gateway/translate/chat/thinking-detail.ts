import { type Seal, signatureOf } from '../seal.ts';

/**
 * Thinking with what its provider wants back, in the form that OpenRouter's clients know (`reasoning_details`, 2026-11): the
 * protocol itself has no place for it.
 */
export function thinkingDetail(text: string, seal: Seal, index: number): Record<string, unknown> {
  if (seal.by === 'anthropic-redacted') return { type: 'reasoning.encrypted', data: seal.data, index };
  return { type: 'reasoning.text', text, signature: signatureOf(seal), index };
}
