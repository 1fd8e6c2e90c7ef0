/** Something of the request that the other protocol cannot carry and that was left out, documented, never in silence. */
export interface Dropped {
  readonly path: string;
  readonly reason: string;
}

/** What was left out, one entry a reason: forty messages with the same mark are one piece of news, told with its first place. */
export class DropList {
  readonly #byReason = new Map<string, { path: string; more: number }>();

  add(path: string, reason: string): void {
    const known = this.#byReason.get(reason);
    if (known === undefined) this.#byReason.set(reason, { path, more: 0 });
    else known.more++;
  }

  /** Every field of an object that is set and not among those that are known. */
  unknownFields(object: Record<string, unknown>, known: ReadonlySet<string>, protocol: string): void {
    for (const [name, value] of Object.entries(object)) {
      if (value != null && !known.has(name)) this.add(name, `Only ${protocol} knows the field ${name}.`);
    }
  }

  list(): Dropped[] {
    return [...this.#byReason].map(([reason, { path, more }]) => ({
      path: more === 0 ? path : `${path} (and ${more} more)`,
      reason,
    }));
  }
}
