import type { ChatEvent } from '#contract/events';

/** One window or one socket that watches. Made by a transport, which also says when it is gone. */
export interface Viewer {
  /** Unique among the viewers of this process. */
  readonly id: string;
  /** The profile that its connection named; runs of this viewer use it where they name none. */
  readonly profile?: string | null;
  /** Must not block; may throw when the other side is gone. */
  send(event: ChatEvent): void;
}
