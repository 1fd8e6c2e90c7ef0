/** What belongs to the page and not to the answer: names and buttons of code, what only a screen reader or the eye gets. */
const PAGE_PARTS = 'figcaption, button, input, iframe, .sr-only, .caret';
/** What tells structure or leads somewhere; everything else is looks, and the reader's own theme is nobody else's. */
const KEPT_ATTRIBUTES = new Set(['href', 'src', 'alt', 'colspan', 'start', 'scope']);

export interface CopiedContent {
  text: string;
  html: string;
}

/**
 * What is copied of a part of an answer: words, tables, lists and code without the page's buttons, colours and fonts, and each
 * formula once, as the TeX that it was written in.
 *
 * @param part is taken over and changed.
 */
export function copiedContent(part: DocumentFragment): CopiedContent {
  const place = document.createElement('div');
  place.setAttribute('aria-hidden', 'true');
  // Laid out, since only then the browser knows where a line ends; out of sight, since it is there for one turn.
  place.style.cssText = 'position:fixed;left:-200vw;top:0;width:60rem;white-space:normal';
  place.append(part);
  for (const formula of place.querySelectorAll<HTMLElement>('[data-tex]')) {
    const { tex = '', display } = formula.dataset;
    formula.replaceWith(display === 'true' ? `$$${tex}$$` : `$${tex}$`);
  }
  for (const own of place.querySelectorAll(PAGE_PARTS)) own.remove();
  for (const chunks of place.querySelectorAll('.answer-table-chunks')) joinChunks(chunks);
  document.body.append(place);
  try {
    // Lines of code are elements here and characters elsewhere.
    for (const code of place.querySelectorAll('pre')) code.textContent = code.innerText;
    const text = place.innerText.replace(/\n{3,}/g, '\n\n').trim();
    for (const element of place.querySelectorAll('*')) {
      for (const { name } of [...element.attributes]) if (!KEPT_ATTRIBUTES.has(name)) element.removeAttribute(name);
    }
    return { text, html: place.innerHTML };
  } finally {
    place.remove();
  }
}

/** A long table is drawn in chunks, each a table; elsewhere it is one. */
function joinChunks(chunks: Element): void {
  const [first, ...others] = chunks.querySelectorAll('table');
  if (first === undefined) return;
  for (const other of others) first.append(...other.querySelectorAll('tbody'));
  chunks.replaceWith(first);
}

/** A range with the formulas whole that it begins or ends in: half a formula is none. */
function withWholeFormulas(range: Range): Range {
  const whole = range.cloneRange();
  const formulaAt = (node: Node) =>
    (node instanceof Element ? node : node.parentElement)?.closest('[data-tex]') ?? null;
  const first = formulaAt(range.startContainer);
  const last = formulaAt(range.endContainer);
  if (first !== null) whole.setStartBefore(first);
  if (last !== null) whole.setEndAfter(last);
  return whole;
}

/** What a selection holds of answers; null where the browser copies as well: words of messages, code, a field. */
export function copiedSelection(selection: Selection | null): CopiedContent | null {
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = withWholeFormulas(selection.getRangeAt(0));
  const around = range.commonAncestorContainer;
  const element = around instanceof Element ? around : around.parentElement;
  // Within code every character counts, and there is nothing to take out.
  if (element === null || element.closest('pre, textarea, input') !== null) return null;
  const hasAnswer =
    element.closest('.answer-text') !== null ||
    [...element.querySelectorAll('.answer-text')].some((answer) => range.intersectsNode(answer));
  if (!hasAnswer) return null;
  const part = range.cloneContents();
  // Rows are a table's only within one.
  if (element.closest('table') !== null && part.querySelector('tr') !== null) {
    const table = document.createElement('table');
    table.append(part);
    part.append(table);
  }
  return copiedContent(part);
}
