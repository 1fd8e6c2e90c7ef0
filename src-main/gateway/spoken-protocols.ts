import type { ProfileKind } from '#contract/records';
import { AppFailure } from '../platform/app-failure.ts';
import type { MissingEndpoint } from './missing-endpoint.ts';
import type { WireProtocol } from './translate/wire-protocol.ts';

/** Where each protocol is spoken, behind the address of a profile. */
export const PATH_OF: Readonly<Record<WireProtocol, string>> = {
  'anthropic-messages': '/v1/messages',
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
};

/** Longest that a 404 for an address is believed: upstreams get responses by an update, and lose chat for good. */
const FORGET_AFTER_MS: Readonly<Record<WireProtocol, number>> = {
  'anthropic-messages': 0,
  'openai-chat': 24 * 3_600_000,
  'openai-responses': 10 * 60_000,
};
const MAX_KNOWN = 500;

/** One upstream as far as its protocols are concerned. */
export interface SpokenTo {
  kind: ProfileKind;
  baseUrl: string;
  model: string | null;
}

/**
 * What upstreams speak. A kind says it, but for OpenAI's two protocols, of which some servers and some models have only one.
 * The client's own is tried first; where nothing stands at its address, and the other one is there, that is remembered for the
 * address, or for the model at it. Keyed by the base URL, so that a changed profile is asked anew.
 */
export class SpokenProtocols {
  /** Until when. */
  readonly #lacking = new Map<string, number>();

  /** The protocol to speak to an upstream with for a client's; null for the demo, which speaks none. */
  choose(client: WireProtocol, to: SpokenTo, nowMs: number): WireProtocol | null {
    switch (to.kind) {
      case 'demo':
        return null;
      case 'anthropic':
        return 'anthropic-messages';
      case 'openai-chat':
      case 'hermes': {
        const first = client === 'openai-responses' ? client : 'openai-chat';
        return this.#lacks(first, to, nowMs) ? otherOf(first) : first;
      }
    }
  }

  /** The one that is left to try where nothing stood at a protocol's address; null where there is none. */
  other(protocol: WireProtocol, to: Pick<SpokenTo, 'kind'>): WireProtocol | null {
    return to.kind === 'openai-chat' || to.kind === 'hermes' ? otherOf(protocol) : null;
  }

  /** The other protocol was there and this one was not. */
  learn(protocol: WireProtocol, what: MissingEndpoint, to: SpokenTo, nowMs: number): void {
    const where = what === 'model' ? to : { ...to, model: null };
    this.#lacking.delete(keyOf(otherOf(protocol), where));
    const key = keyOf(protocol, where);
    this.#lacking.delete(key);
    this.#lacking.set(key, nowMs + FORGET_AFTER_MS[protocol]);
    const [oldest] = this.#lacking.keys();
    if (this.#lacking.size > MAX_KNOWN && oldest !== undefined) this.#lacking.delete(oldest);
  }

  #lacks(protocol: WireProtocol, to: SpokenTo, nowMs: number): boolean {
    if (this.#lacking.size === 0) return false;
    return [to, { ...to, model: null }].some((where) => (this.#lacking.get(keyOf(protocol, where)) ?? 0) > nowMs);
  }
}

/**
 * Asks in one protocol, and in the other one where nothing stands at the first one's address: at most two requests. What is
 * learned of it is remembered once the other one was there.
 *
 * @throws what `ask` throws of the first protocol where the other one is not there either, else of the other.
 */
export async function askEither<T>(
  spoken: SpokenProtocols,
  first: WireProtocol,
  to: SpokenTo,
  nowMs: () => number,
  ask: (protocol: WireProtocol) => Promise<T>,
): Promise<T> {
  try {
    return await ask(first);
  } catch (thrown) {
    const missing = missingIn(thrown);
    const other = missing === null ? null : spoken.other(first, to);
    if (missing === null || other === null) throw thrown;
    let value: T;
    try {
      value = await ask(other);
    } catch (second) {
      if (missingIn(second) !== null) throw thrown;
      // Whoever answers, whatever it is, is there.
      if (statusIn(second) !== null) spoken.learn(first, missing, to, nowMs());
      throw second;
    }
    spoken.learn(first, missing, to, nowMs());
    return value;
  }
}

function otherOf(protocol: WireProtocol): WireProtocol {
  return protocol === 'openai-responses' ? 'openai-chat' : 'openai-responses';
}

function keyOf(protocol: WireProtocol, { baseUrl, model }: Pick<SpokenTo, 'baseUrl' | 'model'>): string {
  return JSON.stringify([protocol, baseUrl, model]);
}

function missingIn(thrown: unknown): MissingEndpoint | null {
  const missing = thrown instanceof AppFailure ? thrown.details?.['missing'] : undefined;
  return missing === 'address' || missing === 'model' ? missing : null;
}

function statusIn(thrown: unknown): number | null {
  const status = thrown instanceof AppFailure ? thrown.details?.['status'] : undefined;
  return typeof status === 'number' ? status : null;
}
