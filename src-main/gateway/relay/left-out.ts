import type { Dropped } from '../translate/translation.ts';

const HEADER = 'x-sluice-left-out';
/** More than anybody reads; headers of all sizes are not taken everywhere. */
const MAX_CHARS = 1000;

/**
 * Tells a program what of its request another protocol could not carry, by its places in the body: nothing is left out in
 * silence. A header, because the answer's own shape has no room for it.
 */
export function leftOut(dropped: readonly Dropped[]): Record<string, string> {
  // Names of unknown fields are the program's own words.
  const places = dropped.map(({ path }) => path.replace(/[^\x21-\x7e ]/g, '?'));
  let text = '';
  for (const place of places) {
    if (text.length + place.length > MAX_CHARS) break;
    text += text === '' ? place : `, ${place}`;
  }
  return text === '' ? {} : { [HEADER]: text };
}
