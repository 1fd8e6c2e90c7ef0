import type { OpenedPart, ReplyEvent } from './neutral-reply.ts';
import type { Seal } from './seal.ts';

/** Numbers the parts of a streamed answer and keeps which are open. */
export class OpenParts {
  #next = 0;
  readonly #open = new Set<number>();
  /** The text, refusal or thinking that goes on; the next of another kind ends it. */
  #spoken: { at: number; type: 'text' | 'refusal' | 'thinking'; seal: Seal | null } | null = null;

  /** Whether no part has opened yet. */
  get isUnused(): boolean {
    return this.#next === 0;
  }

  open(part: OpenedPart, out: ReplyEvent[]): number {
    const at = this.#next++;
    this.#open.add(at);
    out.push({ type: 'open', at, part });
    return at;
  }

  grow(at: number, text: string, out: ReplyEvent[]): void {
    if (text !== '' && this.#open.has(at)) out.push({ type: 'delta', at, text });
  }

  close(at: number, seal: Seal | null, out: ReplyEvent[]): void {
    if (this.#open.delete(at)) out.push({ type: 'close', at, seal });
    if (this.#spoken?.at === at) this.#spoken = null;
  }

  /** More text of a kind, where the upstream does not say where a part begins. */
  say(type: 'text' | 'refusal' | 'thinking', text: string, out: ReplyEvent[], seal: Seal | null = null): void {
    if (text === '') return;
    if (this.#spoken?.type !== type) {
      this.hush(out);
      this.#spoken = { at: this.open({ type }, out), type, seal };
    }
    this.grow(this.#spoken.at, text, out);
  }

  isSaying(type: 'text' | 'refusal' | 'thinking'): boolean {
    return this.#spoken?.type === type;
  }

  /** What is spoken ends with this instead. */
  reseal(seal: Seal): void {
    if (this.#spoken !== null) this.#spoken.seal = seal;
  }

  /** What is spoken ends here. */
  hush(out: ReplyEvent[]): void {
    if (this.#spoken !== null) this.close(this.#spoken.at, this.#spoken.seal, out);
  }

  closeAll(out: ReplyEvent[]): void {
    this.hush(out);
    for (const at of [...this.#open].sort((one, other) => one - other)) this.close(at, null, out);
  }
}
