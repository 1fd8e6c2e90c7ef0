import { countElements } from './count-elements.ts';
import type { BlockNode } from './markdown-nodes.ts';

/** Blocks that are drawn together, and left alone together: few enough, and of few enough elements, for a part of a frame. */
const MOST_GROUP_BLOCKS = 12;
const MOST_GROUP_ELEMENTS = 200;

/** Blocks that no longer change; a group keeps its identity. */
export type BlockGroup = readonly BlockNode[];

/** Settled blocks in the groups in which they are drawn. What is full is never touched again. */
export class BlockGroups {
  #full: readonly BlockGroup[] = [];
  #recent: BlockGroup = [];
  #recentElements = 0;

  /** Another array once a group has become full. */
  get full(): readonly BlockGroup[] {
    return this.#full;
  }

  /** Blocks that do not fill a group yet; another array with each block. */
  get recent(): BlockGroup {
    return this.#recent;
  }

  add(node: BlockNode): void {
    const elements = countElements(node);
    const isFull = this.#recent.length >= MOST_GROUP_BLOCKS || this.#recentElements + elements > MOST_GROUP_ELEMENTS;
    if (isFull && this.#recent.length > 0) {
      this.#full = [...this.#full, this.#recent];
      this.#recent = [];
      this.#recentElements = 0;
    }
    this.#recent = [...this.#recent, node];
    this.#recentElements += elements;
  }
}
