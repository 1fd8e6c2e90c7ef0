/** Amounts without floating point: decimal text outside, whole numbers of a small unit inside. */

const DECIMAL = /^(\d{1,12})(?:\.(\d{1,12}))?$/;

/**
 * Reads decimal text as whole units of 10^-places. Null for anything that is not a plain amount, or that has more digits
 * after the point than that unit can hold.
 */
export function parseDecimal(text: string, places: number): bigint | null {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return null;
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > places) return null;
  return BigInt((match[1] ?? '0') + fraction.padEnd(places, '0'));
}

/** Whole units of 10^-places as decimal text, without zeros that say nothing. */
export function formatDecimal(units: bigint, places: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
  return `${sign}${digits.slice(0, digits.length - places)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Digits after the point of a pico, the ledger's unit: a price by million tokens with six of them is whole picos a token. */
export const PICO_PLACES = 12;
/** Digits that a price by million tokens may have. */
export const PRICE_PLACES = 6;
