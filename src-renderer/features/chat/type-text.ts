/**
 * Puts text into a field as if it was typed, in place of what stands from `from` to its end: undo takes it out again, and what
 * was typed before can still be undone.
 *
 * @returns false where the field takes none; nothing has changed then.
 */
export function typeText(field: HTMLTextAreaElement, text: string, from: number): boolean {
  field.focus();
  // A question that stands over the page keeps the keyboard: what is typed now would go into it.
  if (document.activeElement !== field) return false;
  field.setSelectionRange(from, field.value.length);
  // Setting the value would empty the field's history, and nothing else than this fills it.
  if (text === '') return from === field.value.length || document.execCommand('delete');
  return document.execCommand('insertText', false, text);
}
