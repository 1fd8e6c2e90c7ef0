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

/** Formatters are dear to make, and lists ask for hundreds; a language keeps its own. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(shape: keyof typeof SHAPES): Intl.DateTimeFormat {
  const name = `${i18next.language} ${shape}`;
  let made = formatters.get(name);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(i18next.language, SHAPES[shape]);
    formatters.set(name, made);
  }
  return made;
}

const SHAPES = {
  /** 24 hours: shorter than AM and PM and never read wrongly. */
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short' },
  dayOfYear: { day: 'numeric', month: 'short', year: 'numeric' },
  moment: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  momentOfYear: {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** "14:03". */
export function formatTime(atMs: number): string {
  return formatter('time').format(atMs);
}

/** "14:03:12", for what happens more than once a minute. */
export function formatClockTime(atMs: number): string {
  return formatter('clock').format(atMs);
}

/** "14:03" today, "3 Nov, 14:03" on another day, with the year where that is another. */
export function formatMoment(atMs: number, nowMs = Date.now()): string {
  if (isSameDay(atMs, nowMs)) return formatTime(atMs);
  return formatter(isSameYear(atMs, nowMs) ? 'moment' : 'momentOfYear').format(atMs);
}

/** "14:03" today, "3 Nov" on another day, with the year where that is another. */
export function formatDay(atMs: number, nowMs = Date.now()): string {
  return isSameDay(atMs, nowMs) ? formatTime(atMs) : dateOf(atMs, nowMs);
}

function isSameDay(atMs: number, nowMs: number): boolean {
  return new Date(atMs).toDateString() === new Date(nowMs).toDateString();
}

function isSameYear(atMs: number, nowMs: number): boolean {
  return new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
}

function dateOf(atMs: number, nowMs: number): string {
  return formatter(isSameYear(atMs, nowMs) ? 'day' : 'dayOfYear').format(atMs);
}
