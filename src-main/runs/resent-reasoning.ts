/** A provider that resends its reasoning from the start repeats at least this much; shorter repeats are style. */
const MIN_OVERLAP_CHARS = 16;
/** Bounds the search for an overlap that is neither all that came nor the whole part before. */
const MAX_OVERLAP_CHARS = 2048;

/**
 * Reasoning in parts, some of which begin with what came before (E2-06). A part costs by its own length, however long the
 * reasoning is: the whole is compared only with a part that is at least as long.
 */
export class ResentReasoning {
  #before = '';
  /** The part before this one, as it came: a provider that resends sends all of it again. */
  #last = '';
  /** The end of `#before`. */
  #tail = '';

  /** The rest of `part` that is new. */
  push(part: string): string {
    const fresh = part.length < MIN_OVERLAP_CHARS ? part : part.slice(this.#overlap(part));
    this.#last = part;
    this.#before += fresh;
    this.#tail += fresh;
    if (this.#tail.length > 2 * MAX_OVERLAP_CHARS) this.#tail = this.#tail.slice(-MAX_OVERLAP_CHARS);
    return fresh;
  }

  /** A new train of thought: it may begin as the one before did. */
  reset(): void {
    this.#before = '';
    this.#last = '';
    this.#tail = '';
  }

  #overlap(part: string): number {
    for (const known of [this.#before, this.#last]) {
      if (known.length >= MIN_OVERLAP_CHARS && known.length <= part.length && part.startsWith(known)) {
        return known.length;
      }
    }
    const head = part.slice(0, MIN_OVERLAP_CHARS);
    // The first place is the longest overlap.
    for (let at = this.#tail.indexOf(head); at >= 0; at = this.#tail.indexOf(head, at + 1)) {
      if (part.startsWith(this.#tail.slice(at))) return this.#tail.length - at;
    }
    return 0;
  }
}
