import type { Socket } from 'node:net';

/** Far more than programs keep open between two requests, and far fewer than a process may have files. */
const MOST_IDLE = 2000;

/**
 * Connections on which nothing is asked. Whoever opens thousands and says nothing, or a letter now and then, would otherwise
 * leave the process no file for anybody else until their time is over: beyond a number the oldest of them goes for each that
 * comes. A connection with a request is never among them.
 */
export class IdleLines {
  /** In the order in which they fell silent. */
  readonly #idle = new Set<Socket>();

  get size(): number {
    return this.#idle.size;
  }

  /** A connection was made, or the answer to its request is over. */
  rests(socket: Socket): void {
    if (socket.destroyed) return;
    this.#idle.add(socket);
    if (this.#idle.size <= MOST_IDLE) return;
    const [oldest] = this.#idle;
    if (oldest === undefined) return;
    this.#idle.delete(oldest);
    oldest.destroy();
  }

  /** Something is asked on it, or it is gone. */
  leaves(socket: Socket): void {
    this.#idle.delete(socket);
  }
}
