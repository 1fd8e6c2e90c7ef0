import { createContext } from 'react';
import type { BlockNode } from './markdown-nodes.ts';

/** How many levels headings within lists and quotes are raised; those of the text itself are told theirs. */
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

/** The levels of the headings that a place of a text stands below, from the outermost in; as digits, so that equal ones are one value. */
export type HeadingPath = string;

/**
 * How deep a text's own headings stand below the page's title, 1 for the outermost: each one below the last that has fewer marks,
 * whatever its author left out between. It depends on what came before alone, so what is drawn keeps its elements.
 *
 * @param before the path at the end of what stands before these blocks; empty at the beginning.
 * @returns by block, null for what is no heading, and the path at their end.
 */
export function headingDepths(
  blocks: readonly BlockNode[],
  before: HeadingPath,
): { depths: (number | null)[]; after: HeadingPath } {
  let path = before;
  const depths = blocks.map((block) => {
    if (block.kind !== 'heading') return null;
    const outer = path.replace(new RegExp(`[${block.level}-6]`, 'g'), '');
    path = `${outer}${block.level}`;
    return path.length;
  });
  return { depths, after: path };
}
