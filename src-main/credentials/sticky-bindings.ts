/** A conversation keeps its key this long after its last answer (E10-06). */
export const BINDING_MS = 3_600_000;
/** The least recently used bindings beyond it are forgotten. */
const MAX_BINDINGS = 4096;

/**
 * Which conversation used which key last, so that a provider's prompt cache stays warm. Nothing depends on it: a binding is
 * a wish, which yields when its key cannot be used.
 */
export class StickyBindings {
  readonly #byConversation = new Map<string, { credentialId: string; atMs: number }>();

  get size(): number {
    return this.#byConversation.size;
  }

  /** The key of a conversation; null when it has none, or not any more. */
  get(conversation: string, nowMs: number): string | null {
    const bound = this.#byConversation.get(conversation);
    if (bound === undefined) return null;
    if (nowMs - bound.atMs < BINDING_MS) return bound.credentialId;
    this.#byConversation.delete(conversation);
    return null;
  }

  /** Called after an answer was complete. */
  bind(conversation: string, credentialId: string, atMs: number): void {
    // Last in the map is newest.
    this.#byConversation.delete(conversation);
    this.#byConversation.set(conversation, { credentialId, atMs });
    if (this.#byConversation.size <= MAX_BINDINGS) return;
    const [oldest] = this.#byConversation.keys();
    if (oldest !== undefined) this.#byConversation.delete(oldest);
  }
}
