/**
 * Text in parts, made of whole characters: the first half of a surrogate pair waits for its second half in the next part,
 * and a half that never finds the other becomes U+FFFD. So what is shown is what can be stored and sent.
 */
export class WholeCharacters {
  #half = '';

  push(part: string): string {
    const text = this.#half + part;
    const last = text.charCodeAt(text.length - 1);
    const isHalf = last >= 0xd800 && last <= 0xdbff;
    this.#half = isHalf ? text.slice(-1) : '';
    return (isHalf ? text.slice(0, -1) : text).toWellFormed();
  }

  /** The text is over: what still waits for its other half. */
  end(): string {
    const rest = this.#half.toWellFormed();
    this.#half = '';
    return rest;
  }
}
