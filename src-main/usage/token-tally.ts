import { estimateTokens } from '#contract/token-estimate';
import { imageTokens, type PictureRule } from '../compressor/image-tokens.ts';
import { pictureSize } from '../compressor/picture-size.ts';
import type { UpstreamRequest } from '../gateway/upstream-adapter.ts';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';

/** Text is weighed in pieces of this size: each piece is rounded up, and deltas are often a word. */
const PIECE_CHARS = 4096;
/** Of a request, so much is weighed and the rest taken in proportion: about a millisecond, however long it is. */
const MOST_WEIGHED_CHARS = 500_000;

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

/**
 * About how many tokens a request holds.
 *
 * @param pictures by whose rule its pictures count.
 */
export function estimateRequest(request: UpstreamRequest, pictures: PictureRule): number {
  const texts = [request.instructions ?? '', request.input.content];
  let images = tokensOfPictures(request.input.parts, pictures);
  for (const message of request.history) {
    texts.push(message.content);
    if (message.role === 'user') images += tokensOfPictures(message.parts, pictures);
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
  return whole + images;
}

function tokensOfPictures(parts: UpstreamRequest['input']['parts'], rule: PictureRule): number {
  let tokens = 0;
  for (const part of parts ?? []) {
    if (part.type === 'image') tokens += imageTokens(pictureSize(part.dataBase64), rule);
  }
  return tokens;
}
