/**
 * Prepares a field for a long text before it is there: once it is, it would be spell-checked and its height measured before
 * anybody could say that neither is wanted. The field keeps both as its text asks for with its next change.
 */
export function expectLongText(field: HTMLTextAreaElement): void {
  field.spellcheck = false;
  field.dataset['long'] = 'true';
}
