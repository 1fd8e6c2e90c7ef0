import type { ProfileKind } from '#contract/records';
import type { WireProtocol } from '../translate/translation.ts';

/** Where each protocol is spoken, behind the address of a profile. */
export const PATH_OF: Readonly<Record<WireProtocol, string>> = {
  'anthropic-messages': '/v1/messages',
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
};

/** Longest that a 404 for an address is believed: upstreams are updated. */
const FORGET_AFTER_MS = 10 * 60_000;
const MAX_KNOWN = 200;

/**
 * What upstreams speak. A kind says it, but for `/v1/responses`, which some OpenAI-compatible servers have and others do
 * not: it is tried, and where there is nothing the next requests do not try again for a while.
 */
export class SpokenProtocols {
  readonly #lacksResponses = new Map<string, number>();

  /** The protocol to speak to an upstream with for a client's; null for the demo, which speaks none. */
  choose(client: WireProtocol, kind: ProfileKind, baseUrl: string, nowMs: number): WireProtocol | null {
    switch (kind) {
      case 'demo':
        return null;
      case 'anthropic':
        return 'anthropic-messages';
      case 'openai-chat':
      case 'hermes':
        return client === 'openai-responses' && !this.#lacks(baseUrl, nowMs) ? client : 'openai-chat';
    }
  }

  /** The upstream has nothing at the address of the protocol. @returns whether another protocol is left to try. */
  missing(protocol: WireProtocol, baseUrl: string, nowMs: number): boolean {
    if (protocol !== 'openai-responses') return false;
    this.#lacksResponses.set(baseUrl, nowMs + FORGET_AFTER_MS);
    const [oldest] = this.#lacksResponses.keys();
    if (this.#lacksResponses.size > MAX_KNOWN && oldest !== undefined) this.#lacksResponses.delete(oldest);
    return true;
  }

  #lacks(baseUrl: string, nowMs: number): boolean {
    return (this.#lacksResponses.get(baseUrl) ?? 0) > nowMs;
  }
}
