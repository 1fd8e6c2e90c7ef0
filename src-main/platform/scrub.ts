/**
 * Removes known secrets from text by value, whatever the text is: a log line, an upstream's error, an export. Patterns
 * alone miss keys of an unknown shape; values miss nothing that was registered.
 */
export class SecretScrubber {
  readonly #secrets = new Set<string>();

  /** Secrets shorter than this would blank out ordinary words. */
  static readonly minChars = 8;

  add(secret: string): void {
    if (secret.length >= SecretScrubber.minChars) this.#secrets.add(secret);
  }

  remove(secret: string): void {
    this.#secrets.delete(secret);
  }

  scrub(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) {
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), btoaSafe(secret)]) {
        if (form !== '' && clean.includes(form)) clean = clean.replaceAll(form, '[secret]');
      }
    }
    return clean;
  }
}

function btoaSafe(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '');
}
