/** Beyond any conversation, and safe to add up thousands of times. */
const MAX_TOKENS = 2 ** 31 - 1;
/** From here on up a character may be more than a quarter of a token. Most texts have none, which V8 tells several times sooner. */
const FIRST_CJK = 0x2e80;
const MAYBE_CJK = /[\u2e80-\uffff]/;

/**
 * About how many tokens a text is: one and a half for a Chinese, Japanese or Korean character, one for four other UTF-16
 * units, rounded up. It is made for figures that change while somebody types: no table, no worker, about a millisecond
 * for a million units. English and code come out a tenth to a third too high or too low; emoji too low.
 */
export function estimateTokens(text: string | null): number {
  if (text === null) return 0;
  if (!MAYBE_CJK.test(text)) return Math.min(MAX_TOKENS, Math.ceil(text.length / 4));
  let cjk = 0;
  let others = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < FIRST_CJK) others++;
    else if (isCjk(code)) cjk++;
    // Rare ideographs are a pair; its first half counts for both.
    else if (code >= 0xdc00 && code <= 0xdfff && at > 0 && isIdeographLead(text.charCodeAt(at - 1))) continue;
    else others++;
  }
  return Math.min(MAX_TOKENS, Math.ceil(cjk * 1.5 + others / 4));
}

function isCjk(code: number): boolean {
  return (
    (code >= FIRST_CJK && code <= 0x9fff) ||
    (code >= 0xac00 && code <= 0xd7af) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xff00 && code <= 0xffef) ||
    isIdeographLead(code)
  );
}

/** The first half of U+20000 to U+323AF. */
function isIdeographLead(code: number): boolean {
  return code >= 0xd840 && code <= 0xd888;
}
