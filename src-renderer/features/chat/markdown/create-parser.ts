import Parser, { type MarkdownIt } from 'markdown-it';
import { addFootnotes } from './footnote-rules.ts';
import { addMath } from './math-rules.ts';

/** Quotes and lists within each other, at most. What is deeper stays as it is written; nothing is left out. */
const MOST_BLOCK_LEVELS = 24;

/**
 * CommonMark with tables, strikethrough, bare addresses, footnotes and math. Raw HTML is no part of it: it comes out as
 * the text it is. Addresses are neither checked nor changed here.
 */
export function createParser(): MarkdownIt {
  const md = new Parser('default', { html: false, linkify: true, breaks: true });
  // What is read is read block by block, and blocks are found by the stream; see markdown-stream.ts.
  md.core.ruler.disable(['normalize', 'block']);
  // `archive.py` and `example.com` are words; an address in plain text begins with its scheme.
  md.linkify.set({ fuzzyLink: false, fuzzyIP: false });
  md.linkify.add('//', null).add('ftp:', null);
  md.validateLink = () => true;
  md.normalizeLink = (address) => address;
  md.normalizeLinkText = (address) => address;
  md.block.ruler.before('table', 'too_deep', (state, startLine, endLine, silent) => {
    if (silent || state.level < MOST_BLOCK_LEVELS) return false;
    let line = startLine;
    while (
      line < endLine &&
      !state.isEmpty(line) &&
      (line === startLine || (state.sCount[line] ?? 0) >= state.blkIndent)
    )
      line++;
    state.push('paragraph_open', 'p', 1).map = [startLine, line];
    const inline = state.push('inline', '', 0);
    inline.content = state.getLines(startLine, line, state.blkIndent, false).trim();
    inline.map = [startLine, line];
    inline.children = [];
    state.push('paragraph_close', 'p', -1);
    state.line = line;
    return true;
  });
  // A bracket that nothing closes is text; the parser would look to the end of the paragraph for each of them.
  md.inline.ruler.before('link', 'open_bracket', (state, silent) => {
    if (state.src[state.pos] !== '[' || state.src.includes(']', state.pos)) return false;
    if (!silent) state.pending += '[';
    state.pos++;
    return true;
  });
  tableLast(md);
  addMath(md);
  addFootnotes(md);
  return md;
}

/**
 * What is anything else by itself is no head of a table, as GFM has it: the line below could otherwise turn a heading or
 * an opened fence into one.
 */
function tableLast(md: MarkdownIt): void {
  const rule = md.block.ruler.__rules__.find(({ name }) => name === 'table');
  if (rule === undefined) throw new Error('The parser has no tables.');
  rule.enabled = false;
  md.block.ruler.before('lheading', 'table_last', rule.fn, { alt: ['paragraph', 'reference'] });
}
