import type { Usage } from '#contract/events';
import type { ReplyEvent } from './neutral-reply.ts';

/** One server-sent event as the SSE parser says it. */
export interface WireFrame {
  readonly event: string | null;
  readonly data: string;
}

/** Reads one streamed answer of an upstream. Stateful; never throws for what an upstream sends. */
export interface StreamReader {
  /** Figures so far; null where nothing was said. */
  readonly usage: Usage | null;
  /** What this frame says, in order. */
  read(frame: WireFrame): ReplyEvent[];
  /** What the end of the body says: `finish` where the upstream's last word came, else nothing. */
  end(): ReplyEvent[];
}
