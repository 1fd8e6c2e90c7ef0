/** Days and months as people in a time zone count them, over changes of the clock. */

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;

/** The zone of the machine that Sluice runs on. */
export function hostTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Whether this Node knows a zone of that name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (thrown) {
    if (thrown instanceof RangeError) return false;
    throw thrown;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-21`: the day that it is in a zone at a moment. */
export function localDay(atMs: number, timeZone: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    // Canadian English writes a date as ISO 8601 does.
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(timeZone, format);
  }
  return format.format(atMs);
}

/** The day so many days after another. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

/** `2026-11` of a day of it, or the month so many months after that. */
export function monthOf(day: string, plus = 0): string {
  const date = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + plus);
  return date.toISOString().slice(0, 7);
}

/**
 * The first quarter hour of a local day, as Unix milliseconds: usually midnight, an hour later where the clock is put
 * forward at midnight. Every zone in use changes at whole quarter hours, and its date never goes back.
 *
 * @param guessMs where it probably is: looked at before it is searched for.
 */
export function startOfDay(day: string, timeZone: string, guessMs?: number): number {
  if (guessMs !== undefined) {
    const isStart = localDay(guessMs, timeZone) === day && localDay(guessMs - QUARTER_MS, timeZone) < day;
    if (isStart) return guessMs;
  }
  const utc = Date.parse(`${day}T00:00:00Z`);
  // No zone is further from UTC than this.
  let before = utc - 16 * 4 * QUARTER_MS;
  let from = utc + 16 * 4 * QUARTER_MS;
  while (from - before > QUARTER_MS) {
    const middle = before + Math.floor((from - before) / 2 / QUARTER_MS) * QUARTER_MS;
    if (localDay(middle, timeZone) >= day) from = middle;
    else before = middle;
  }
  return from;
}

/** The starts of so many days from one on, and the end of the last: neighbours enclose a day of 23, 24 or 25 hours. */
export function dayBounds(firstDay: string, count: number, timeZone: string): number[] {
  const bounds = [startOfDay(firstDay, timeZone)];
  for (let index = 1; index <= count; index++) {
    const before = bounds.at(-1) ?? 0;
    bounds.push(startOfDay(addDays(firstDay, index), timeZone, before + DAY_MS));
  }
  return bounds;
}

/** The days of a month. */
export function daysOfMonth(month: string): { first: string; count: number } {
  const first = `${month}-01`;
  const next = Date.parse(`${monthOf(first, 1)}-01T00:00:00Z`);
  return { first, count: Math.round((next - Date.parse(`${first}T00:00:00Z`)) / DAY_MS) };
}
