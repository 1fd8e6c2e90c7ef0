import { cutText } from '#contract/message';

/** The last `chars` UTF-16 units at most, without half a character in front. */
function endOf(text: string, chars: number): string {
  const end = chars === 0 ? '' : text.slice(-chars);
  const first = end.charCodeAt(0);
  return first >= 0xdc00 && first <= 0xdfff ? end.slice(1) : end;
}

/** A text of more than `limit` characters as its beginning and end, with a word about what lies between. */
export function shortenMiddle(text: string, size: { limit: number; head: number; tail: number }): string {
  if (text.length <= size.limit) return text;
  const head = cutText(text, size.head);
  const tail = endOf(text, size.tail);
  const left = text.length - head.length - tail.length;
  return `${head}\n[… ${left} characters left out …]\n${tail}`.trimEnd();
}
