/** The protocols that programs speak to the model endpoints, and that upstreams speak. */
export type WireProtocol = 'anthropic-messages' | 'openai-chat' | 'openai-responses';

/** One server-sent event: its name, null where it has none, and its data lines joined. */
export interface WireFrame {
  readonly event: string | null;
  readonly data: string;
}

/** Something of a request that the other protocol cannot carry and that was left out: told, never in silence. */
export interface Dropped {
  readonly path: string;
  readonly reason: string;
}

/** A request in the upstream's protocol, and what brings its answer back into the client's. */
export interface Translation {
  /** The upstream's body with `model` and `stream` set. Owned by the caller from here on. */
  readonly body: Record<string, unknown>;
  /** Headers that the upstream's protocol wants because of the body; never secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly dropped: readonly Dropped[];
  /** A whole answer of the upstream in the client's protocol. @throws TranslationFailure. */
  reply(json: unknown): Record<string, unknown>;
  /** Begins a streamed answer; one object for one answer. */
  stream(): StreamTranslator;
}

export interface StreamTranslator {
  /** Event text in the client's protocol for one frame of the upstream; empty where there is nothing to say yet. */
  push(frame: WireFrame): string;
  /** The upstream closed. `cut`: its own last word is missing, and no terminal event was made up for it. */
  end(): { readonly text: string; readonly cut: boolean };
  /** Whether the client's terminal event has been said. */
  readonly finished: boolean;
}

/** A request or reply that cannot be carried over. `status` is the client's: 400 for a request, 502 for a reply. */
export class TranslationFailure extends Error {
  readonly status: number;
  readonly path: string;

  constructor(status: number, path: string, message: string) {
    super(message);
    this.name = 'TranslationFailure';
    this.status = status;
    this.path = path;
  }
}

/** Puts a client's parsed request, which it does not change, into the upstream's protocol. @throws TranslationFailure. */
export type TranslateRequest = (
  client: WireProtocol,
  upstream: WireProtocol,
  body: Record<string, unknown>,
  options: { model: string; thinking: 'as-asked' | 'on' },
) => Translation;
