import type { ReplyEvent } from './neutral-reply.ts';
import type { WireError } from './wire-error.ts';

/** Writes one streamed answer in a client's protocol. Stateful; the events come in the order that `ReplyEvent` describes. */
export interface StreamWriter {
  /** Text of server-sent events; '' where there is nothing to say. */
  write(event: ReplyEvent): string;
  /** An error as the end of this stream. */
  fail(error: WireError): string;
  /** The number of the next event, for the protocol that counts them. */
  readonly nextSequence: number;
}
