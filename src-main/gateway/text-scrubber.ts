import { SECRET_MARK, type SecretMatcher } from '../platform/secret-matcher.ts';

/** Longest text that has to be remembered to know a part that is split over pieces. */
const CONTEXT_CHARS = 16;

/**
 * Takes secrets out of a text that comes in pieces, wherever it is cut. Text is held back only while it may be the
 * beginning of a secret: four characters and more that stand in one. So at most three characters of a key can leave before
 * it is known for one, fewer than its mask shows; ordinary text is passed on as it comes.
 */
export class TextScrubber {
  readonly #matcher: SecretMatcher;
  /** What was passed on last: a part may have begun in it. */
  #context = '';
  #held = '';
  /** Within a part that was replaced already and goes on: its last characters. */
  #inside = '';

  constructor(matcher: SecretMatcher) {
    this.#matcher = matcher;
  }

  /** The text that can be passed on now; may be empty. */
  push(piece: string): string {
    return this.#take(this.#held + piece, false);
  }

  /** What was held back, now that something else comes first, or nothing. More pieces may follow all the same. */
  flush(): string {
    return this.#take(this.#held, true);
  }

  #take(text: string, isFlush: boolean): string {
    let clean = '';
    let at = 0;
    this.#held = '';
    if (this.#inside !== '') {
      while (at < text.length && this.#matcher.has(this.#inside + text.charAt(at))) {
        this.#inside += text.charAt(at);
        at++;
      }
      if (at < text.length || isFlush) this.#inside = '';
      else return '';
    }
    // A part may have begun in what was passed on: that much of it cannot be taken back, the rest is.
    const passed = this.#context.length;
    const whole = this.#context + text.slice(at);
    let from = passed;
    for (let index = 0; index < whole.length; ) {
      const length = this.#matcher.partAt(whole, index);
      if (length === 0 || index + length <= passed) {
        index++;
        continue;
      }
      clean += whole.slice(from, Math.max(from, index)) + SECRET_MARK;
      index += length;
      from = index;
      if (index === whole.length && !isFlush) this.#inside = whole.slice(index - length);
    }
    const rest = whole.slice(Math.max(from, passed));
    if (this.#inside !== '') {
      this.#context = '';
      return clean;
    }
    const tail = isFlush ? 0 : Math.min(this.#matcher.tailOf(from > passed ? rest : whole), rest.length);
    this.#held = rest.slice(rest.length - tail);
    const passedOn = clean + rest.slice(0, rest.length - tail);
    const since = from > passed ? rest : whole;
    this.#context = since.slice(0, since.length - tail).slice(-CONTEXT_CHARS);
    return passedOn;
  }
}
