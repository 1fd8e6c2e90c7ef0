// What people write where an amount of money is asked for, as the core takes it.

/** "12,50" as "12.50"; a comma is what half of the world writes. Null where nothing was written. */
export function readAmount(written: string): string | null {
  return written.trim().replace(',', '.') || null;
}

/** "usd" as "USD"; null for what cannot be the code of a currency. */
export function readCurrency(written: string): string | null {
  const code = written.trim().toUpperCase();
  return /^[A-Z]{3}$/.test(code) ? code : null;
}
