import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, dayBounds, daysOfMonth, localDay, monthOf, startOfDay } from './local-days.ts';

const HOUR_MS = 3_600_000;
const hoursOf = (day: string, zone: string) => {
  const [from = 0, to = 0] = dayBounds(day, 1, zone);
  return (to - from) / HOUR_MS;
};

describe('days of a time zone', () => {
  it.each([
    ['an ordinary one', '2026-11-21', 'Europe/Berlin', 24],
    ['the clock put forward', '2026-03-29', 'Europe/Berlin', 23],
    ['the clock put back', '2026-10-25', 'Europe/Berlin', 25],
    ['half an hour forward', '2026-10-04', 'Australia/Lord_Howe', 23.5],
    ['half an hour back', '2026-04-05', 'Australia/Lord_Howe', 24.5],
    ['forward at midnight', '2026-03-29', 'Asia/Beirut', 23],
    ['a day that a country left out', '2011-12-30', 'Pacific/Apia', 0],
  ])('[E7-16] %s', (_what, day, zone, hours) => {
    expect(hoursOf(day, zone)).toBe(hours);
  });

  it.each([
    ['UTC', '2026-11-21T00:00:00Z'],
    ['Asia/Shanghai', '2026-11-20T16:00:00Z'],
    ['Asia/Kathmandu', '2026-11-20T18:15:00Z'],
    ['Pacific/Chatham', '2026-11-20T10:15:00Z'],
    ['Pacific/Kiritimati', '2026-11-20T10:00:00Z'],
    ['Pacific/Pago_Pago', '2026-11-21T11:00:00Z'],
  ])('[E7-16] begins where it begins in %s', (zone, begins) => {
    expect(new Date(startOfDay('2026-11-21', zone)).toISOString()).toBe(begins.replace('Z', '.000Z'));
  });

  it('[E7-16] every moment is in exactly the day that its zone says, in every zone there is', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        // Since 1970 some zones had odd minutes; since 1990 all are whole quarter hours.
        fc.integer({ min: Date.parse('1990-01-01'), max: Date.parse('2040-01-01') }),
        (zone, atMs) => {
          const day = localDay(atMs, zone);
          const [from = 0, to = 0] = dayBounds(day, 1, zone);
          expect(from % 900_000).toBe(0);
          expect(atMs).toBeGreaterThanOrEqual(from);
          expect(atMs).toBeLessThan(to);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('[E7-16] a year of days is made of neighbours, each found as it is by itself', () => {
    for (const zone of ['Europe/Berlin', 'Australia/Lord_Howe', 'America/Havana', 'Pacific/Apia', 'Asia/Kathmandu']) {
      const bounds = dayBounds('2011-03-01', 366, zone);
      expect(bounds).toEqual(bounds.map((_, index) => startOfDay(addDays('2011-03-01', index), zone)));
    }
  });

  it('[E7-16] days and months are counted over their ends', () => {
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(monthOf('2026-12-31', 1)).toBe('2027-01');
    expect(monthOf('2026-01-31', -1)).toBe('2025-12');
    expect(daysOfMonth('2028-02')).toEqual({ first: '2028-02-01', count: 29 });
    expect(daysOfMonth('2026-11').count).toBe(30);
  });
});
