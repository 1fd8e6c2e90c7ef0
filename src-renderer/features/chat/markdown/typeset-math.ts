import 'katex/dist/katex.min.css';
import katex from 'katex';

/** How often a macro may unfold: TeX can write a gigabyte in a line. */
const MOST_EXPANSIONS = 300;
const MOST_SIZE_EM = 10;

type Output = 'htmlAndMathml' | 'html' | 'mathml';

function render(place: HTMLElement, source: string, display: boolean, output: Output): boolean {
  try {
    katex.render(source, place, {
      output,
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

/**
 * Typesets a formula into an element of its own. KaTeX parses TeX into a tree of its own kinds of boxes and makes DOM
 * nodes of them one by one; no text is ever read as HTML. Commands that name addresses, classes, styles or files are off
 * (`trust: false`).
 *
 * @param parts `seen` leaves out what only a screen reader gets, for `addSpoken` to add.
 * @returns false where the source is no TeX, or more than is allowed; the element is empty then.
 */
export function typesetMath(
  place: HTMLElement,
  source: string,
  display: boolean,
  parts: 'all' | 'seen' = 'all',
): boolean {
  return render(place, source, display, parts === 'all' ? 'htmlAndMathml' : 'html');
}

/** Adds what a screen reader gets to a formula of which only the rest is there, as KaTeX itself puts it. */
export function addSpoken(place: HTMLElement, source: string, display: boolean): void {
  const seen = place.querySelector(':scope .katex > .katex-html');
  if (seen === null || seen.previousElementSibling !== null) return;
  const made = document.createElement('span');
  if (!render(made, source, display, 'mathml')) return;
  const math = made.querySelector('math');
  if (math === null) return;
  const spoken = document.createElement('span');
  spoken.className = 'katex-mathml';
  spoken.append(math);
  seen.before(spoken);
}
