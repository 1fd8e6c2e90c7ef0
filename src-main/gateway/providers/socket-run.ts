import { AbortReason } from '../../platform/app-failure.ts';
import { upToTerminal } from '../stream-events.ts';
import type { UpstreamRun } from '../upstream-adapter.ts';
import type { UpstreamEvent } from '../upstream-event.ts';

/** A run that lives and dies with its connection. */
export class SocketRun implements UpstreamRun {
  readonly upstreamRunId = null;
  readonly stopStyle = 'close-socket';
  readonly status = 'started';
  readonly model: string | null;
  readonly events: AsyncIterable<readonly UpstreamEvent[]>;
  readonly #stop: AbortController;

  /** @param stop aborting it closes the connection of `events`. */
  constructor(model: string | null, events: AsyncIterable<readonly UpstreamEvent[]>, stop: AbortController) {
    this.model = model;
    this.events = events;
    this.#stop = stop;
  }

  async stop(): Promise<'stopped'> {
    this.#stop.abort(new AbortReason('user'));
    return 'stopped';
  }
}

/** An answer that came whole, as events. */
export async function* wholeEvents(
  events: UpstreamEvent[],
  signal: AbortSignal,
): AsyncGenerator<readonly UpstreamEvent[], void, undefined> {
  yield signal.aborted ? [{ type: 'cancelled', usage: null }] : upToTerminal(events);
}
