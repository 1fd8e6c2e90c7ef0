import i18next from 'i18next';

/** Formatters are dear to make, and lists ask for hundreds; a language keeps its own. */
const formatters = new Map<string, Intl.NumberFormat>();

function formatter(shape: string, options?: Intl.NumberFormatOptions): Intl.NumberFormat {
  const name = `${i18next.language} ${shape}`;
  let made = formatters.get(name);
  if (made === undefined) {
    made = new Intl.NumberFormat(i18next.language, options);
    formatters.set(name, made);
  }
  return made;
}

/**
 * "$41.27"; below ten cents to a tenth of a cent, "$0.031"; less than that says so. Exact amounts are in the export.
 *
 * @param amount decimal text, as the core tells it.
 */
export function formatMoney(amount: string, currency: string): string {
  const value = Number(amount);
  const show = (shown: number, digits: number) =>
    formatter(`${currency} ${digits}`, {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(shown);
  const size = Math.abs(value);
  if (value === 0 || size >= 0.1) return show(value, 2);
  return size < 0.001 ? `< ${show(0.001, 3)}` : show(value, 3);
}

/** "63 %", "0.4 %"; `null` is unknown and becomes a dash. */
export function formatShare(share: number | null): string {
  if (share === null) return '–';
  const percent = share * 100;
  return i18next.t('unit.percent', { value: percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent) });
}

/** "5,282". */
export function formatCount(count: number): string {
  return formatter('count').format(count);
}
