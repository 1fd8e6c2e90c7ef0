import { copiedSelection } from './markdown/copied-content.ts';

/** What is quoted of a long text; the rest is left out, and says so. */
const MOST_CHARS = 4000;

/** Text as a quotation in Markdown, with room below it for what is said to it. */
export function quotation(text: string): string {
  const trimmed = text.trim();
  const cut = trimmed.length > MOST_CHARS ? `${trimmed.slice(0, MOST_CHARS).trimEnd()} …` : trimmed;
  const lines = cut.split(/\r?\n/).map((line) => (line === '' ? '>' : `> ${line}`));
  return `${lines.join('\n')}\n\n`;
}

/** What the reader has selected within an element; nothing where the selection goes beyond it. */
export function selectedWithin(element: Element | null): string {
  const selection = document.getSelection();
  if (element === null || selection === null || selection.isCollapsed) return '';
  const isWithin = element.contains(selection.anchorNode) && element.contains(selection.focusNode);
  return isWithin ? (copiedSelection(selection)?.text ?? selection.toString()).trim() : '';
}
