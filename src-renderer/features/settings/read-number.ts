export interface NumberRange {
  min: number;
  max: number;
}

/** The whole number that a field holds, or null for one that is none or lies outside. Spaces and commas group digits. */
export function readNumber(text: string, { min, max }: NumberRange): number | null {
  const digits = text.replace(/[\s,]/g, '');
  if (!/^\d{1,9}$/.test(digits)) return null;
  const value = Number(digits);
  return value >= min && value <= max ? value : null;
}
