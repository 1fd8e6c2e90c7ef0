/** A part of an answer's text: a paragraph with its line breaks, or a fenced block of code. */
export type TextBlock =
  | { kind: 'text'; text: string }
  | { kind: 'code'; language: string; code: string; closed: boolean };

/** A line that begins further right is text. */
const MOST_INDENT = 3;
const SHORTEST_FENCE = 3;

/**
 * The mark and the language of a line that opens code; null for any other line. It looks at each character at most twice
 * and not through a pattern: a long line that only begins like a fence is read again with every delta.
 */
function openingFence(line: string): { mark: string; language: string } | null {
  let from = 0;
  while (from < MOST_INDENT && line[from] === ' ') from++;
  const sign = line[from];
  if (sign !== '`' && sign !== '~') return null;
  let to = from;
  while (line[to] === sign) to++;
  // Backticks further on close what the first ones opened: that is code within a line.
  if (to - from < SHORTEST_FENCE || line.includes('`', to)) return null;
  const words = line.slice(to).trimStart();
  const end = words.search(/\s/);
  return { mark: line.slice(from, to), language: end < 0 ? words : words.slice(0, end) };
}

/**
 * Parts text into paragraphs and fenced code, and nothing else: everything is shown as it was written. An open fence at
 * the end is code that is still coming.
 */
export function parseBlocks(text: string): TextBlock[] {
  const blocks: TextBlock[] = [];
  let paragraph: string[] = [];
  let fence: { mark: string; language: string; lines: string[] } | null = null;
  const flush = () => {
    const joined = paragraph.join('\n').trimEnd();
    if (joined !== '') blocks.push({ kind: 'text', text: joined });
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    if (fence !== null) {
      const trimmed = line.trim();
      if (trimmed.startsWith(fence.mark) && /^(`+|~+)$/.test(trimmed)) {
        blocks.push({ kind: 'code', language: fence.language, code: fence.lines.join('\n'), closed: true });
        fence = null;
      } else {
        fence.lines.push(line);
      }
      continue;
    }
    const opening = openingFence(line);
    if (opening !== null) {
      flush();
      fence = { ...opening, lines: [] };
    } else if (line.trim() === '') {
      flush();
    } else {
      paragraph.push(line);
    }
  }
  flush();
  if (fence !== null)
    blocks.push({ kind: 'code', language: fence.language, code: fence.lines.join('\n'), closed: false });
  return blocks;
}

/** A run of text within a paragraph. */
export type InlinePart = { kind: 'plain' | 'code' | 'strong'; text: string };

/** `code` and **strong**, each within one line; whatever does not close stays as it is written. */
export function parseInline(text: string): InlinePart[] {
  const parts: InlinePart[] = [];
  const pattern = /`([^`\n]+)`|\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*/g;
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) parts.push({ kind: 'plain', text: text.slice(from, match.index) });
    parts.push(match[1] === undefined ? { kind: 'strong', text: match[2] ?? '' } : { kind: 'code', text: match[1] });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ kind: 'plain', text: text.slice(from) });
  return parts;
}
