/**
 * A secret in every form in which it can come back inside other text: as it is, escaped for JSON, percent-encoded where it has
 * to be or throughout, in hexadecimal, and in Base64 at each of the three places at which it can begin in a longer text. Of
 * Base64 only the characters are taken that the secret alone decides; those at its edges depend on its neighbours. Not as
 * `\u` escapes throughout: twelve characters of those are two of the secret, and would blank out what is none; `SecretMatcher` reads them.
 */
export function secretForms(secret: string): string[] {
  const percent = encodeURIComponent(secret);
  const forms = [secret, JSON.stringify(secret).slice(1, -1), percent, lowerEscapes(percent), form(percent)];
  const bytes = Buffer.from(secret, 'utf8');
  const hex = bytes.toString('hex');
  const everyByte = hex.replace(/../g, '%$&');
  forms.push(hex, hex.toUpperCase(), everyByte, everyByte.toUpperCase());
  for (let offset = 0; offset < 3; offset++) {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // Six bits a character: with an offset the first 2 or 3 hold bits of what stands before.
    const from = offset === 0 ? 0 : offset + 1;
    const isWhole = (offset + bytes.length) % 3 === 0;
    const core = text.slice(from, isWhole ? undefined : -1);
    forms.push(core, core.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return [...new Set(forms)].filter((each) => each.length >= 8);
}

/** `%2B` as `%2b`. */
function lowerEscapes(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

/** As an HTML form encodes: the characters that `encodeURIComponent` leaves alone. */
function form(text: string): string {
  return text.replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
