/** Texts under keys, as far as there is room; what was used longest ago makes way. */
export class Shelf {
  readonly #maxChars: number;
  readonly #texts = new Map<string, string>();
  #chars = 0;

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  put(key: string, text: string): void {
    this.#remove(key);
    if (text.length > this.#maxChars / 4) return;
    this.#texts.set(key, text);
    this.#chars += text.length + key.length;
    for (const oldest of this.#texts.keys()) {
      if (this.#chars <= this.#maxChars) return;
      this.#remove(oldest);
    }
  }

  take(key: string): string | null {
    const text = this.#texts.get(key);
    if (text === undefined) return null;
    this.#texts.delete(key);
    this.#texts.set(key, text);
    return text;
  }

  clear(): void {
    this.#texts.clear();
    this.#chars = 0;
  }

  #remove(key: string): void {
    const text = this.#texts.get(key);
    if (text === undefined) return;
    this.#texts.delete(key);
    this.#chars -= text.length + key.length;
  }
}
