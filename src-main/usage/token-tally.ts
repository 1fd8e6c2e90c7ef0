import { estimateTokens } from '#contract/token-estimate';
import type { UpstreamRequest } from '../gateway/upstream-adapter.ts';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';

/** Text is weighed in pieces of this size: each piece is rounded up, and deltas are often a word. */
const PIECE_CHARS = 4096;
/** Of a request, so much is weighed and the rest taken in proportion: about a millisecond, however long it is. */
const MOST_WEIGHED_CHARS = 500_000;
/** What providers count for a picture of common size; nothing is known of it here but its bytes. */
const IMAGE_TOKENS = 1000;

/** About how many tokens of an answer arrived: its text, its thinking, and the arguments of its tool calls. */
export class OutputTally {
  #pending = '';
  #tokens = 0;
  /** The arguments of each call, which come whole and growing. */
  readonly #argumentsOf = new Map<string, string>();

  hear(event: UpstreamEvent): void {
    if (event.type === 'text' || event.type === 'reasoning') {
      this.#pending += event.text;
      if (this.#pending.length < PIECE_CHARS) return;
      this.#tokens += estimateTokens(this.#pending);
      this.#pending = '';
    } else if (event.type === 'tool-start' && event.arguments !== null) {
      this.#argumentsOf.set(event.callId ?? `${event.name} ${this.#argumentsOf.size}`, event.name + event.arguments);
    }
  }

  get tokens(): number {
    let sum = this.#tokens + estimateTokens(this.#pending);
    for (const text of this.#argumentsOf.values()) sum += estimateTokens(text);
    return sum;
  }
}

/** About how many tokens a request holds. */
export function estimateRequest(request: UpstreamRequest): number {
  const texts = [request.instructions ?? '', request.input.content];
  let images = imagesOf(request.input.parts);
  for (const message of request.history) {
    texts.push(message.content);
    if (message.role === 'user') images += imagesOf(message.parts);
    if (message.role === 'assistant') {
      for (const call of message.toolCalls ?? []) texts.push(call.function.name, call.function.arguments);
    }
  }
  let chars = 0;
  let weighed = 0;
  let tokens = 0;
  for (const text of texts) {
    chars += text.length;
    const piece = text.slice(0, Math.max(0, MOST_WEIGHED_CHARS - weighed));
    weighed += piece.length;
    tokens += estimateTokens(piece);
  }
  const whole = weighed === 0 ? 0 : Math.ceil((tokens * chars) / weighed);
  return whole + images * IMAGE_TOKENS;
}

function imagesOf(parts: UpstreamRequest['input']['parts']): number {
  return parts?.filter((part) => part.type === 'image').length ?? 0;
}
