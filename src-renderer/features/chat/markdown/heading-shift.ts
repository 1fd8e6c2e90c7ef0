import { createContext } from 'react';
import type { BlockNode } from './markdown-nodes.ts';

/** How many levels a text's headings are raised, so that one that begins deeper leaves no gap below the page's own title. */
export const HeadingShift = createContext(0);

/**
 * The level of a text's first heading; null while there is none. It stays while more of the text comes, so what is drawn keeps
 * its elements. Headings within lists and quotes are passed over.
 */
export function firstHeadingOf(blocks: readonly BlockNode[]): number | null {
  for (const block of blocks) if (block.kind === 'heading') return block.level;
  return null;
}

/** By how much the headings of a text with this first one are raised: it becomes the first below the page's title. */
export function headingShiftOf(firstHeading: number | null): number {
  return firstHeading === null ? 0 : firstHeading - 1;
}
