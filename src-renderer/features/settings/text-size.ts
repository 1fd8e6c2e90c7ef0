import { TEXT_SIZES, type TextSize } from '#contract/settings';

/** The next larger or smaller size of text; at either end the same. */
export function textSizeAfter(size: TextSize, step: 1 | -1): TextSize {
  return TEXT_SIZES[TEXT_SIZES.indexOf(size) + step] ?? size;
}
