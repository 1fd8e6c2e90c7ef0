import type { MarkdownIt, StateBlock } from 'markdown-it';
import { findInlineMath } from './find-inline-math.ts';

const CLOSERS: Readonly<Record<string, string>> = { $$: '$$', '\\[': '\\]' };

function lineOf(state: StateBlock, line: number): string {
  return state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line] ?? 0);
}

/**
 * The mark that opens display math on this line, or null. What follows on the same line decides: `$$x$$ and more` is a
 * paragraph, so that no later line can change what an earlier one was.
 */
function openingMath(line: string): '$$' | '\\[' | null {
  const mark = line.startsWith('$$') ? '$$' : line.startsWith('\\[') ? '\\[' : null;
  if (mark === null) return null;
  const close = line.indexOf(CLOSERS[mark] ?? '', 2);
  return close < 0 || line.slice(close + 2).trim() === '' ? mark : null;
}

/**
 * Display math between `$$` or `\[` and their closers. It ends with its closer or before the next blank line, where TeX
 * would refuse it anyhow; without a closer it is shown as written.
 */
function blockMath(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  const first = lineOf(state, startLine);
  const mark = openingMath(first);
  if (mark === null) return false;
  if (silent) return true;
  const closer = CLOSERS[mark] ?? '';
  const lines: string[] = [];
  let line = startLine;
  let closed = false;
  for (; line < endLine; line++) {
    if (line > startLine && (state.isEmpty(line) || (state.sCount[line] ?? 0) < state.blkIndent)) break;
    const text = line === startLine ? first.slice(2) : lineOf(state, line);
    const end = text.indexOf(closer);
    if (end >= 0 && text.slice(end + 2).trim() === '') {
      lines.push(text.slice(0, end));
      closed = true;
      line++;
      break;
    }
    lines.push(text);
  }
  const token = state.push('math_block', '', 0);
  token.content = lines.join('\n').trim();
  token.markup = mark;
  token.meta = { closed };
  token.map = [startLine, line];
  state.line = line;
  return true;
}

/** Teaches a parser `$…$`, `$$…$$`, `\(…\)` and `\[…\]`. */
export function addMath(md: MarkdownIt): void {
  md.block.ruler.before('fence', 'math_block', blockMath, { alt: ['paragraph', 'reference', 'blockquote', 'list'] });
  md.inline.ruler.before('escape', 'math_inline', (state, silent) => {
    const found = findInlineMath(state.src, state.pos, state.posMax);
    if (found === null) return false;
    if (!silent) {
      const token = state.push('math_inline', '', 0);
      token.content = found.source;
      token.meta = { display: found.display };
    }
    state.pos = found.end;
    return true;
  });
}
