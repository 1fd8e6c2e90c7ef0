import i18next from 'i18next';

/** Something and what is said of it, with the colon of the language. */
export function pairText(subject: string, rest: string): string {
  return i18next.t('join.pair', { subject, rest });
}

/** Names or short facts in a row, with the comma that the language puts between them. */
export function listText(items: readonly string[]): string {
  return items.join(i18next.t('join.comma'));
}

/** Sentences one after the other; where full stops are as wide as a letter nothing stands between them. */
export function sentencesText(...sentences: readonly string[]): string {
  return sentences
    .filter((sentence) => sentence !== '')
    .reduce((first, then) => (first === '' ? then : i18next.t('join.sentences', { first, then })), '');
}

/** A title as a sentence, with the full stop of the language. */
export function endedText(text: string): string {
  return i18next.t('join.ended', { text });
}
