import { secretDigest } from './constant-time.ts';

/**
 * Digests of the keys that requests show. A connection shows the same key again and again: the digest of the last one is
 * kept with it. Who shows another one only ever meets what was shown on the same connection, so nothing is told to anybody.
 */
export class PresentedDigests {
  readonly #last = new WeakMap<object, { presented: string; digest: Buffer }>();

  of(connection: object, presented: string): Buffer {
    const last = this.#last.get(connection);
    if (last !== undefined && last.presented === presented) return last.digest;
    const digest = secretDigest(presented);
    this.#last.set(connection, { presented, digest });
    return digest;
  }
}
