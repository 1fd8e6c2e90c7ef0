import type { ServerResponse } from 'node:http';
import { AbortReason } from '../../platform/app-failure.ts';
import type { Clock } from '../../platform/clock.ts';
import { waitAtMost } from '../../platform/wait-at-most.ts';

/** The last words of calls are waited for so long; who takes none of them is cut off. */
const LAST_WORDS_MS = 2000;

/** The calls of programs that are being answered, so that each is told when the server goes away. */
export class CallsUnderWay {
  readonly #clock: Clock;
  readonly #open = new Map<ServerResponse, AbortController>();
  #isEnding = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many there are now. */
  get count(): number {
    return this.#open.size;
  }

  /**
   * Aborts as soon as the program has left (`user`), or the server is going (`shutdown`). Whoever answers then says so in the
   * program's protocol.
   */
  enter(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    this.#open.set(response, controller);
    response.on('close', () => {
      this.#open.delete(response);
      if (!response.writableFinished) controller.abort(new AbortReason('user'));
    });
    if (this.#isEnding) controller.abort(new AbortReason('shutdown'));
    return controller.signal;
  }

  /** Ends every call with a word to its program. Resolves when the words are out, or after two seconds. Never rejects. */
  async end(): Promise<void> {
    if (this.#open.size === 0) return;
    this.#isEnding = true;
    const closed = Promise.all(
      [...this.#open.keys()].map((response) => new Promise<void>((resolve) => response.once('close', () => resolve()))),
    );
    for (const [response, controller] of this.#open) {
      if (!response.headersSent) response.shouldKeepAlive = false;
      controller.abort(new AbortReason('shutdown'));
    }
    await waitAtMost(closed, this.#clock, LAST_WORDS_MS);
    this.#isEnding = false;
  }
}
