import type { FailureFact } from '#contract/failure-saying';
import type { ClientKeyRecord, LocalApiState } from '#contract/programs';
import { factOf, toAppFailure, told } from '../platform/app-failure.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { ClientKeys } from './client-keys.ts';
import type { LoopbackServer } from './loopback-server.ts';

/** What a person chose: whether other programs are let in, and where. */
export interface LocalApiSwitch {
  enabled: boolean;
  port: number;
}

/**
 * The server's life: always there in the headless host, behind a switch in the desktop application. Changes follow one
 * another; the last one holds.
 */
export class LocalApi {
  readonly #listen: (port: number) => Promise<LoopbackServer>;
  readonly #keys: ClientKeys;
  readonly #logger: Logger;
  readonly #isSwitchable: boolean;
  readonly #lastWords: () => Promise<void>;
  #server: LoopbackServer | null = null;
  #wanted: LocalApiSwitch = { enabled: false, port: 0 };
  #applied: LocalApiSwitch = { enabled: false, port: 0 };
  #problem: FailureFact | null = null;
  #work: Promise<void> = Promise.resolve();
  #isClosing = false;

  constructor(parts: {
    listen: (port: number) => Promise<LoopbackServer>;
    keys: ClientKeys;
    logger: Logger;
    isSwitchable: boolean;
    /** Tells who is being answered that the server is going. Resolves within a bound. */
    lastWords?: () => Promise<void>;
  }) {
    this.#listen = parts.listen;
    this.#keys = parts.keys;
    this.#logger = parts.logger;
    this.#isSwitchable = parts.isSwitchable;
    this.#lastWords = parts.lastWords ?? (() => Promise.resolve());
  }

  get url(): string | null {
    return this.#server?.url ?? null;
  }

  /** Whether the server is going away: connections that end then were not left by the other side. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  state(): Omit<LocalApiState, 'clients'> & { clients: ClientKeyRecord[] } {
    return {
      state: this.#server !== null ? 'on' : this.#problem === null ? 'off' : 'failed',
      isSwitchable: this.#isSwitchable,
      url: this.url,
      ...(this.#problem === null ? { message: null } : told(this.#problem)),
      clients: this.#keys.list(),
    };
  }

  /** Resolves when the server is what the switch said last. */
  settled(): Promise<void> {
    return this.#work;
  }

  /** Starts a server that is not switched. @throws AppFailure `conflict` when its port is taken. */
  async start(port: number): Promise<void> {
    this.#server = await this.#listen(port);
  }

  /** Makes the server what the switch says. Never rejects: what went wrong stands in the state. */
  apply({ enabled, port }: LocalApiSwitch): Promise<void> {
    this.#wanted = { enabled, port };
    this.#work = this.#work.then(() => this.#follow());
    return this.#work;
  }

  async #follow(): Promise<void> {
    const wanted = this.#wanted;
    const isSame = wanted.enabled === this.#applied.enabled && (!wanted.enabled || wanted.port === this.#applied.port);
    if (isSame && this.#problem === null) return;
    this.#applied = wanted;
    this.#problem = null;
    await this.#close();
    if (!wanted.enabled) return;
    try {
      this.#server = await this.#listen(wanted.port);
    } catch (thrown) {
      this.#logger.warn({ port: wanted.port, ...describeThrown(thrown) }, 'the local server could not start');
      this.#problem = factOf(toAppFailure(thrown));
    }
  }

  async #close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    this.#isClosing = true;
    try {
      await this.#lastWords();
      await server.close();
    } finally {
      this.#isClosing = false;
    }
  }

  async stop(): Promise<void> {
    await this.#work;
    const server = this.#server;
    this.#server = null;
    this.#isClosing = true;
    if (server !== null) await this.#lastWords();
    await server?.close();
  }
}
