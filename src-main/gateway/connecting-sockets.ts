import type { buildConnector } from 'undici';

/** A connection that is being made: a socket, or the whole way through a proxy. */
export interface Attempt {
  readonly connecting: boolean;
  readonly secureConnecting?: boolean;
  destroy(error: Error): unknown;
}

/** undici's own connector returns the socket that it is connecting; its types keep quiet about it. */
export type Connect = (options: buildConnector.Options, callback: buildConnector.Callback) => Attempt | undefined;

interface Origin {
  /** Requests that have no response yet. */
  waiting: number;
  sockets: Set<Attempt>;
}

/**
 * The connections that are being made. A pool opens them for whoever comes first, so a request that is given up leaves its
 * handshake running; here it is closed as soon as nobody waits for that origin any more (decision 11).
 */
export class ConnectingSockets {
  readonly #origins = new Map<string, Origin>();

  /** A connector that notes what it is connecting. */
  watch(connect: Connect): buildConnector.connector {
    return (options, callback) => {
      const origin = this.#of(`${options.protocol}//${options.host ?? options.hostname}`);
      const made: { socket?: Attempt | undefined } = {};
      const done: buildConnector.Callback = (...args) => {
        if (made.socket !== undefined) origin.sockets.delete(made.socket);
        callback(...args);
      };
      const socket = connect(options, done);
      made.socket = socket;
      if (socket?.connecting === true || socket?.secureConnecting === true) origin.sockets.add(socket);
    };
  }

  /** Notes a request to an origin. The returned function says that it has its response, or wants none any more. */
  wait(origin: string): () => void {
    const known = this.#of(origin);
    known.waiting++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      known.waiting--;
      // The entry stays: there are few origins, and the next request to one of them comes soon.
      if (known.waiting > 0 || known.sockets.size === 0) return;
      for (const socket of known.sockets) socket.destroy(new Error('Nobody waits for this connection any more'));
      known.sockets.clear();
    };
  }

  #of(origin: string): Origin {
    let known = this.#origins.get(origin);
    if (known === undefined) {
      known = { waiting: 0, sockets: new Set() };
      this.#origins.set(origin, known);
    }
    return known;
  }
}

declare module 'node:net' {
  interface Socket {
    /** True on a TLS socket until its handshake is over. */
    readonly secureConnecting?: boolean;
  }
}
