import { findMatches } from './find-matches.ts';

/** What is on the page and no words of the message. */
const NO_WORDS = 'figcaption, button, .katex, .answer-chip, .answer-formula, .answer-open-math, .caret, sup, iframe';
const BLOCKS = 'p, li, h2, h3, h4, h5, h6, td, th, pre, blockquote, div';

/** Where a pattern stands in the words of an element, in their order. */
export function findRanges(element: Element, pattern: RegExp): Range[] {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) => {
    if (node instanceof Element) return node.matches(NO_WORDS) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
    return NodeFilter.FILTER_ACCEPT;
  });
  const nodes: { node: Text; from: number }[] = [];
  let text = '';
  let block: Element | null = null;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const own = node.parentElement?.closest(BLOCKS) ?? null;
    if (own !== block && text !== '') text += '\n';
    block = own;
    nodes.push({ node: node as Text, from: text.length });
    text += node.nodeValue ?? '';
  }
  let index = 0;
  /** The node at a place; places only grow. */
  const locate = (at: number, isEnd: boolean): [Text, number] | null => {
    while (index + 1 < nodes.length) {
      const next = nodes[index + 1];
      if (next === undefined || (isEnd ? next.from >= at : next.from > at)) break;
      index++;
    }
    const found = nodes[index];
    return found === undefined ? null : [found.node, Math.min(at - found.from, found.node.length)];
  };
  return findMatches(text, pattern).flatMap(([from, to]) => {
    const start = locate(from, false);
    const end = locate(to, true);
    if (start === null || end === null) return [];
    const range = document.createRange();
    range.setStart(...start);
    range.setEnd(...end);
    return [range];
  });
}
