import type { JsonObject } from '../json.ts';

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

/**
 * What every such number has in it somewhere, written out so that V8 skips through a text instead of looking at each character:
 * an eighth of the time of `SUSPECT`, or less.
 */
const LONG = new RegExp('[\\d.]'.repeat(16));
const EXPONENT = /\d[eE][-+\d]/;
/** A number that a double may not hold: sixteen characters and more, or an exponent. Also matches inside texts; that is slower only. */
const SUSPECT = /(?:^|[[,:\s])-?(?:[\d.]{16}|[\d.]{1,15}[eE])/;
/** The same within an object, where no number begins the text. */
const SUSPECT_WITHIN = /[[,:\s]-?(?:[\d.]{16}|[\d.]{1,15}[eE])/;
/** Bytes that are looked at together; each lot begins with the last ones of the lot before, as many as a suspect may take. */
const LOT_BYTES = 32 * 1024;
const OVERLAP_BYTES = 24;

/** Throws a SyntaxError for text that is no JSON. */
export function parseExactJson(text: string): unknown {
  return maybeLong(text) && SUSPECT.test(text) ? parseEach(text) : JSON.parse(text);
}

/**
 * The same for an object that was read before, which is most often all that there is to read: another reading of a long
 * conversation takes as long as its translation.
 *
 * @param bytes the JSON in UTF-8.
 * @param read what `JSON.parse` gave for it, given back where no number of it can have lost anything.
 */
export function exactly(bytes: Buffer, read: JsonObject): JsonObject {
  for (let at = 0; at < bytes.length; at += LOT_BYTES) {
    // One character a byte is enough to look for digits, and short texts are forgotten at no cost.
    const text = bytes.toString('latin1', Math.max(0, at - OVERLAP_BYTES), at + LOT_BYTES);
    if (maybeLong(text) && SUSPECT_WITHIN.test(text)) return parseEach(bytes.toString('utf8')) as JsonObject;
  }
  return read;
}

function maybeLong(text: string): boolean {
  return LONG.test(text) || EXPONENT.test(text);
}

function parseEach(text: string): unknown {
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
