/** A word with the space around it; of Chinese, which has no spaces, one character. */
const PIECE = /\s*(?:\p{Script=Han}|[^\s\p{Script=Han}]+)\s*/gu;

/** A text in the pieces in which it is said. Nothing of it is left out, but a text of nothing but space has none. */
export function wordPieces(text: string): string[] {
  return text.match(PIECE) ?? [];
}

/** The demo's unit: words, counted the same way going in and coming out. */
export function countWords(text: string): number {
  return wordPieces(text).length;
}

const SENTENCES_A_PARAGRAPH = 4;

/** Exactly `count` words of a sentence that is said again and again, in paragraphs as a real long answer has them. */
export function repeatWords(sentence: string, count: number): string {
  const pieces = wordPieces(sentence);
  let text = '';
  for (let index = 0; index < count; index++) {
    const piece = pieces[index % pieces.length] ?? '';
    const endsParagraph = (index + 1) % (pieces.length * SENTENCES_A_PARAGRAPH) === 0;
    text += endsParagraph ? `${piece.trimEnd()}\n\n` : piece;
  }
  return text.trimEnd();
}
