import type { PoolNews } from '../credentials/pool-keys.ts';
import type { Clock } from '../platform/clock.ts';
import type { EventPublisher } from './event-publisher.ts';

/** Changes within this time are told together: under load, keys change with every request. */
const GATHER_MS = 250;

/** Tells every viewer that keys changed. A suspicion of abuse is told by itself, and at once. */
export class PoolAnnouncer {
  readonly #publisher: Pick<EventPublisher, 'announce'>;
  readonly #clock: Clock;
  /** Null when several have changed. */
  #changed: string | null | undefined;

  constructor(publisher: Pick<EventPublisher, 'announce'>, clock: Clock) {
    this.#publisher = publisher;
    this.#clock = clock;
  }

  heard({ kind, credentialId }: PoolNews): void {
    if (kind === 'flagged') {
      this.#publisher.announce('pool.event', { kind, credential_id: credentialId });
      return;
    }
    if (this.#changed !== undefined) {
      if (this.#changed !== credentialId) this.#changed = null;
      return;
    }
    this.#changed = credentialId;
    this.#clock.after(GATHER_MS, () => {
      const changed = this.#changed ?? null;
      this.#changed = undefined;
      this.#publisher.announce('pool.event', { kind: 'changed', credential_id: changed });
    });
  }
}
