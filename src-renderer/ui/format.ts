import i18next from 'i18next';

const SECOND_MS = 1000;
const MINUTE_S = 60;

/** "12 s", "2 min 5 s", "1 h 4 min"; below ten seconds with a tenth where `tenths` is asked for. */
export function formatDuration(durationMs: number, tenths = false): string {
  const seconds = Math.max(0, durationMs) / SECOND_MS;
  if (tenths && seconds < 10) return i18next.t('unit.seconds', { value: seconds.toFixed(1) });
  const whole = Math.floor(seconds);
  if (whole < MINUTE_S) return i18next.t('unit.seconds', { value: whole });
  const minutes = Math.floor(whole / MINUTE_S);
  if (minutes < 60) return i18next.t('unit.minutes', { minutes, seconds: whole % MINUTE_S });
  return i18next.t('unit.hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** "0:12" or "1:04:09", for a row that has little room. */
export function formatClock(durationMs: number): string {
  const whole = Math.floor(Math.max(0, durationMs) / SECOND_MS);
  const seconds = String(whole % 60).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours === 0 ? `${minutes}:${seconds}` : `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`;
}

/** "812", "38.2k", "1.2M". `null` is unknown and becomes a dash, which is not zero. */
export function formatTokens(tokens: number | null): string {
  if (tokens === null) return '–';
  if (tokens < 1000) return String(tokens);
  if (tokens < 1_000_000) return `${(tokens / 1000).toFixed(1)}k`;
  return `${(tokens / 1_000_000).toFixed(1)}M`;
}

/** The same without a tenth of nothing: "200k", "1M". For limits, which are round. */
export function formatTokenLimit(tokens: number): string {
  return formatTokens(tokens).replace('.0', '');
}

/** The time of day, in 24 hours: shorter than AM and PM and never read wrongly. */
export function formatTime(atMs: number): string {
  return new Intl.DateTimeFormat(i18next.language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
    atMs,
  );
}

/** "14:03" today, "3 Nov, 14:03" on another day. */
export function formatMoment(atMs: number, nowMs = Date.now()): string {
  const time = formatTime(atMs);
  if (new Date(atMs).toDateString() === new Date(nowMs).toDateString()) return time;
  const day = new Intl.DateTimeFormat(i18next.language, { day: 'numeric', month: 'short' }).format(atMs);
  return `${day}, ${time}`;
}

/** The day in few words: the time today, "9 November" this year, else with the year. */
export function formatDay(atMs: number, nowMs = Date.now()): string {
  const at = new Date(atMs);
  const now = new Date(nowMs);
  if (at.toDateString() === now.toDateString()) return formatTime(atMs);
  return new Intl.DateTimeFormat(i18next.language, {
    day: 'numeric',
    month: 'short',
    ...(at.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  }).format(atMs);
}
