import 'katex/dist/katex.min.css';
import katex from 'katex';

/** How often a macro may unfold: TeX can write a gigabyte in a line. */
const MOST_EXPANSIONS = 300;
const MOST_SIZE_EM = 10;

/**
 * Typesets a formula into an element of its own. KaTeX parses TeX into a tree of its own kinds of boxes and makes DOM
 * nodes of them one by one; no text is ever read as HTML. Commands that name addresses, classes, styles or files are off
 * (`trust: false`).
 *
 * @returns false where the source is no TeX, or more than is allowed; the element is empty then.
 */
export function typesetMath(place: HTMLElement, source: string, display: boolean): boolean {
  try {
    katex.render(source, place, {
      displayMode: display,
      trust: false,
      strict: 'ignore',
      throwOnError: true,
      errorColor: 'var(--stop-ink)',
      maxExpand: MOST_EXPANSIONS,
      maxSize: MOST_SIZE_EM,
      macros: {},
      globalGroup: false,
    });
    return true;
  } catch (thrown) {
    place.replaceChildren();
    // A RangeError: nested deeper than the stack is.
    if (thrown instanceof katex.ParseError || thrown instanceof RangeError) return false;
    throw thrown;
  }
}
