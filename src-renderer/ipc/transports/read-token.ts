/** What a person pasted to come in: the link that the host printed, or the token alone. Null where there is none in it. */
export function readToken(pasted: string): string | null {
  const text = pasted.trim();
  const at = text.indexOf('#');
  // A link without a token, and anything with spaces in it, is no token.
  if (at < 0) return text === '' || /[\s/]/.test(text) ? null : text;
  return new URLSearchParams(text.slice(at + 1)).get('token') || null;
}
