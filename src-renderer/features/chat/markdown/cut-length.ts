/**
 * Where a piece that is too long is parted: after the last line end in the window, else after the last space, else at its end,
 * but never within a character.
 *
 * @param window what the piece may have at most; not empty.
 * @returns how much of it is the part, in UTF-16 units; at least one.
 */
export function cutLength(window: string): number {
  const line = window.lastIndexOf('\n') + 1;
  if (line > 0) return line;
  const word = window.lastIndexOf(' ') + 1;
  if (word > 0) return word;
  const isHalf = /[\uD800-\uDBFF]$/.test(window);
  return isHalf && window.length > 1 ? window.length - 1 : window.length;
}
