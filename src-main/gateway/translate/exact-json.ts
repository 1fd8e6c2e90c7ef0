/**
 * JSON whose numbers survive: an integer that a double cannot hold, or a number with more digits than one keeps, stays the
 * text that it was when the value is written again. Ordinary JSON costs one scan more than `JSON.parse`.
 */

interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}

/** In every engine that Sluice runs on (Node 24); TypeScript's library does not know them yet. */
const EXACT = JSON as unknown as ExactJson;

/** A number that a double may not hold: sixteen characters and more, or an exponent. Also matches inside texts; that is slower only. */
const SUSPECT = /(?:^|[[,:\s])-?(?:[\d.]{16}|[\d.]{1,15}[eE])/;

/** Throws a SyntaxError for text that is no JSON. */
export function parseExactJson(text: string): unknown {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  return EXACT.parse(text, (_key, value, context) => {
    if (typeof value !== 'number' || context.source === undefined) return value;
    return sameNumber(value, context.source) ? value : EXACT.rawJSON(context.source);
  });
}

/** Fifteen characters hold no more digits than a double keeps; only an exponent can still be out of its range. */
function sameNumber(value: number, source: string): boolean {
  if (String(value) === source) return true;
  return source.length <= 15 && Number.isFinite(value) && (value !== 0 || !/^-?[0.]*[1-9]/.test(source));
}
