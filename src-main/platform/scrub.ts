import { SecretMatcher } from './secret-matcher.ts';

/**
 * Removes known secrets from text by value, whatever the text is: a log line, an upstream's error, an export. Patterns
 * alone miss keys of an unknown shape; values miss nothing that was registered.
 */
export class SecretScrubber {
  readonly #secrets = new Set<string>();
  #matcher: SecretMatcher | null = null;

  /** Secrets shorter than this would blank out ordinary words. */
  static readonly minChars = 8;

  add(secret: string): void {
    if (secret.length < SecretScrubber.minChars || this.#secrets.has(secret)) return;
    this.#secrets.add(secret);
    this.#matcher = null;
  }

  remove(secret: string): void {
    if (this.#secrets.delete(secret)) this.#matcher = null;
  }

  /** For a worker that has to do the same to what it writes. They go nowhere else. */
  values(): string[] {
    return [...this.#secrets];
  }

  scrub(text: string): string {
    if (this.#secrets.size === 0) return text;
    this.#matcher ??= new SecretMatcher(this.#secrets);
    return this.#matcher.scrub(text);
  }
}
