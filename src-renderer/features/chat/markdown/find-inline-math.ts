/** Longer formulas stand in lines of their own. It bounds what an unpaired `$` costs. */
const MOST_CHARS = 1000;

export interface InlineMath {
  source: string;
  display: boolean;
  /** Where the text goes on. */
  end: number;
}

/**
 * The math that begins exactly at `from`, or null. A single `$` is money unless it hugs what it encloses: no space inside
 * its ends, no word or digit right outside of them, and no sentence within.
 */
export function findInlineMath(text: string, from: number, to: number): InlineMath | null {
  const sign = text[from];
  if (sign === '\\' && text[from + 1] === '(') return between(text, from + 2, '\\)', false, to);
  if (sign !== '$') return null;
  if (text[from + 1] === '$') {
    // A display formula within a line.
    const found = between(text, from + 2, '$$', true, to);
    return found === null || found.source.includes('\n\n') ? null : found;
  }
  if (isWordSign(text[from - 1]) || text[from - 1] === '$' || isGap(text[from + 1])) return null;
  const last = Math.min(to, from + MOST_CHARS);
  for (let at = from + 1; at < last; at++) {
    const char = text[at];
    if (char === '\n') return null;
    if (char === '\\') at++;
    else if (char === '$') {
      if (isGap(text[at - 1]) || isWordSign(text[at + 1]) || text[at + 1] === '$') return null;
      const source = text.slice(from + 1, at);
      return readsAsProse(source) ? null : { source, display: false, end: at + 1 };
    }
  }
  return null;
}

function between(text: string, from: number, closer: string, display: boolean, to: number): InlineMath | null {
  const window = text.slice(from, Math.min(to, from + MOST_CHARS));
  const at = window.indexOf(closer);
  const source = window.slice(0, Math.max(0, at)).trim();
  return at < 0 || source === '' ? null : { source, display, end: from + at + closer.length };
}

const isGap = (char: string | undefined) => char === undefined || /\s/.test(char);
/** Letters of scripts that write without spaces may stand next to a formula. */
const isWordSign = (char: string | undefined) => char !== undefined && /[\p{Script=Latin}\p{N}_]/u.test(char);

/** `5 (or A` between the signs of two prices. TeX has a command, an index or an operator where there are several words. */
function readsAsProse(source: string): boolean {
  if (/[\\^_={}]/.test(source)) return false;
  return (
    /[-–—/(,;:]$/.test(source) || /^[\d.,]+\S*\s+\S*\p{L}{2}/u.test(source) || /\p{L}{2,}\s+\p{L}{2,}/u.test(source)
  );
}
