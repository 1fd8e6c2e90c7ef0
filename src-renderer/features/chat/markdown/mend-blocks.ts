/** The lines at the end of a text that is still being written and begin with a pipe. */
function pipeLines(lines: readonly string[]): string[] {
  let from = lines.length;
  while (from > 0 && /^ {0,3}\|/.test(lines[from - 1] ?? '')) from--;
  return lines.slice(from);
}

/** How many cells a row has; half a cell at its end counts. */
function cellCount(row: string): number {
  const inner = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.replaceAll('\\|', '').split('|').length;
}

/**
 * What is shown of the last blocks while their last line is still to come. A line of nothing but marks may yet become a
 * list, a heading, a rule or a fence: it waits. The first line of a table is a table at once.
 *
 * @param inCode the last line belongs to code or math, where every sign counts.
 */
export function mendBlocks(source: string, inCode: boolean): string {
  if (inCode) return source;
  const from = source.lastIndexOf('\n') + 1;
  const last = source.slice(from);
  const lines = source.split('\n');
  const table = pipeLines(last === '' ? lines.slice(0, -1) : lines);
  if (table.length === 1 && /^ {0,3}\|[^\n]*[^\s|]/.test(table[0] ?? '')) {
    const delimiter = `|${' --- |'.repeat(cellCount(table[0] ?? ''))}`;
    return `${last === '' ? source : `${source}\n`}${delimiter}`;
  }
  if (table.length === 1 && last !== '') return source.slice(0, from);
  if (table.length === 2 && last !== '' && /^[\s|:-]*$/.test(last)) {
    return `${source.slice(0, from)}|${' --- |'.repeat(cellCount(table[0] ?? ''))}`;
  }
  return isMarksOnly(last) ? source.slice(0, from) : source;
}

/** A line that holds nothing yet but what may begin or end a block. */
function isMarksOnly(line: string): boolean {
  const text = line.trimEnd();
  let at = 0;
  while (at < text.length && ' \t>'.includes(text[at] ?? '')) at++;
  return text !== '' && /^(?:[-*+=_#~`]+|\d{1,9}[.)]?|:?-+:?|\$\$?|\\\[?)?$/.test(text.slice(at));
}
