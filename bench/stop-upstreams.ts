import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** Takes TCP connections and never says a word: whoever wants TLS waits for its hello. */
export class SilentServer {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #hellos = 0;
  #goneAtMs: number | null = null;

  private constructor() {
    this.#server = createServer((socket) => {
      this.#open.add(socket);
      socket.once('data', () => {
        this.#hellos++;
      });
      const gone = () => {
        this.#open.delete(socket);
        this.#goneAtMs ??= performance.now();
      };
      socket.on('end', gone);
      socket.on('close', gone);
      // A reset is an end, too; what is measured is when it was seen.
      socket.on('error', gone);
    });
  }

  static async start(): Promise<SilentServer> {
    const silent = new SilentServer();
    await new Promise<void>((resolve) => silent.#server.listen(0, '127.0.0.1', resolve));
    return silent;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that said something and wait for an answer. */
  get hellos(): number {
    return this.#hellos;
  }

  /** When the first connection ended. */
  get goneAtMs(): number | null {
    return this.#goneAtMs;
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
  }
}
