/** The parts of the window that F6 leads through, in the order of the eye. */
const PARTS = [
  'aside [data-row][tabindex="0"]',
  'main',
  '[data-testid="composer-input"]',
  '[data-testid="drawer"] button',
];

/** Moves the keyboard to the next part of the window that is there, or to the one before; round and round. */
export function moveFocus(by: 1 | -1): void {
  const found = PARTS.flatMap((selector) => document.querySelector<HTMLElement>(selector) ?? []);
  const at = found.findLastIndex((part) => part.contains(document.activeElement) || isInPart(part));
  const next = found[(at + by + found.length) % found.length];
  next?.focus();
}

/** A row stands for its whole sidebar, a button for its whole drawer. */
function isInPart(part: HTMLElement): boolean {
  const whole = part.closest('aside');
  return whole !== null && whole.contains(document.activeElement);
}
