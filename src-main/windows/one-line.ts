/**
 * Text of a page or a conversation as the system may show it: one line without control or direction characters, which
 * could make it read as something else, and no longer than `maxChars`.
 */
export function oneLine(text: string, maxChars: number): string {
  const plain = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/gu, '')
    .trim();
  const characters = Array.from(plain);
  return characters.length <= maxChars ? plain : `${characters.slice(0, maxChars - 1).join('')}…`;
}
