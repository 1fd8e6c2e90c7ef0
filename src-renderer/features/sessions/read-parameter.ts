import { PARAMETER_RANGES } from '#contract/model-parameters';

export type NumberParameter = keyof typeof PARAMETER_RANGES;

/**
 * What a field of a parameter holds: null when it is empty and so left to the model, `undefined` for what is no number in its
 * range. A comma parts decimals in half of the world and groups digits in the other, so it does the one where that can be meant.
 */
export function readParameter(name: NumberParameter, text: string): number | null | undefined {
  const written = text.trim();
  if (written === '') return null;
  const isWhole = name === 'maxOutputTokens';
  const plain = isWhole ? written.replace(/[\s,.']/g, '') : written.replace(',', '.');
  if (!(isWhole ? /^\d{1,9}$/ : /^(\d{1,3}(\.\d{0,6})?|\.\d{1,6})$/).test(plain)) return undefined;
  const value = Number(plain);
  const { min, max } = PARAMETER_RANGES[name];
  return value >= min && value <= max ? value : undefined;
}
