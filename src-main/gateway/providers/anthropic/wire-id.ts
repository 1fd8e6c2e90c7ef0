/** What the protocol takes as the id of a call. */
const ALLOWED = /^[A-Za-z0-9_-]+$/;

/**
 * Ids of calls as this protocol takes them: other providers use characters that it refuses, and a conversation may have
 * been answered by several. The same id always becomes the same, and two never become one.
 */
export class WireIds {
  readonly #known = new Map<string, string>();
  readonly #taken = new Set<string>();

  of(id: string): string {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const base = ALLOWED.test(id) ? id : id.replace(/[^A-Za-z0-9_-]/g, '_') || 'call';
    let wire = base;
    for (let next = 2; this.#taken.has(wire); next++) wire = `${base}_${next}`;
    this.#known.set(id, wire);
    this.#taken.add(wire);
    return wire;
  }
}
