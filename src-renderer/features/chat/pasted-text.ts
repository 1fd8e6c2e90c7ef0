/**
 * A longer paste becomes a file: some 5,000 tokens or 400 lines, more than anybody reads in the field, and less than what makes its
 * keys slow (a field lays out all of its text anew with each of them).
 */
export const MOST_PASTED_CHARS = 20_000;

/** Whether a paste becomes a file. `asTyped`: somebody asked for the plain text, with Shift. */
export function isFilePaste(text: string, asTyped: boolean): boolean {
  return !asTyped && text.length > MOST_PASTED_CHARS;
}

/** Ctrl or Cmd with Shift and V: the text itself is wanted. */
export function asksForText(key: { key: string; shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): boolean {
  return key.shiftKey && (key.ctrlKey || key.metaKey) && key.key.toLowerCase() === 'v';
}

/** A name that no other file of the message has: `Pasted text.txt`, `Pasted text 2.txt`. */
export function pastedName(title: string, taken: readonly string[]): string {
  const used = new Set(taken);
  for (let count = 1; ; count++) {
    const name = `${title}${count === 1 ? '' : ` ${count}`}.txt`;
    if (!used.has(name)) return name;
  }
}

/** Whether a text is more than the field is made for: it is not spell-checked, and its height is not measured. */
export function isLongText(text: string): boolean {
  return text.length > MOST_PASTED_CHARS;
}
