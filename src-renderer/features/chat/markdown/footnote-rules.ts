import type { MarkdownIt } from 'markdown-it';

const DEFINITION = /^\[\^([^\]\s]{1,64})\]:[ \t]*(.*)$/;
const REFERENCE = /\[\^([^\]\s]{1,64})\](?!:)/y;

/**
 * Teaches a parser `[^1]` and `[^1]: …`. A note stays where it is written and keeps its label: numbering anew and
 * gathering at the end would move text under the reader's eyes.
 */
export function addFootnotes(md: MarkdownIt): void {
  md.block.ruler.before(
    'reference',
    'note_block',
    (state, startLine, endLine, silent) => {
      if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
      const first = state.src.slice(
        (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0),
        state.eMarks[startLine] ?? 0,
      );
      const match = DEFINITION.exec(first);
      if (match === null) return false;
      if (silent) return true;
      // Lines that are set in belong to it.
      let line = startLine + 1;
      while (line < endLine && !state.isEmpty(line) && (state.sCount[line] ?? 0) >= state.blkIndent + 2) line++;
      const rest = line === startLine + 1 ? '' : `\n${state.getLines(startLine + 1, line, state.blkIndent, false)}`;
      state.push('note_open', '', 1).map = [startLine, line];
      const inline = state.push('inline', '', 0);
      inline.content = `${match[2] ?? ''}${rest}`.replace(/\n[ \t]+/g, '\n').trim();
      inline.map = [startLine, line];
      inline.children = [];
      inline.meta = { label: match[1] ?? '' };
      state.push('note_close', '', -1);
      state.line = line;
      return true;
    },
    { alt: ['paragraph', 'reference', 'blockquote', 'list'] },
  );
  md.inline.ruler.before('link', 'note_inline', (state, silent) => {
    if (state.src[state.pos] !== '[' || state.src[state.pos + 1] !== '^') return false;
    REFERENCE.lastIndex = state.pos;
    const match = REFERENCE.exec(state.src);
    if (match === null) return false;
    if (!silent) state.push('note_inline', '', 0).content = match[1] ?? '';
    state.pos += match[0].length;
    return true;
  });
}
