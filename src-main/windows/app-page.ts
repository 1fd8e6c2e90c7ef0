import { DIAGRAM_FRAME, FRAME_PREFIX } from '#contract/frame-url';
import { MEDIA_PREFIX } from '#contract/media-url';

/** The scheme and host under which the window's page is served. A scheme of our own has an origin; `file:` has none. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'sluice';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;
export const APP_URL = `${APP_ORIGIN}/`;

/** An address under our scheme and host, by exact parts: `app://sluice.example/` and `app://sluice@x/` are others. */
function parseOwn(address: string): URL | null {
  const url = URL.parse(address);
  if (url === null || url.protocol !== `${APP_SCHEME}:` || url.host !== APP_HOST) return null;
  return url.username === '' && url.password === '' ? url : null;
}

/** True for anything under our scheme and host: the page, its frames and its files. */
export function isOwnAddress(address: string): boolean {
  return parseOwn(address) !== null;
}

/**
 * True for an address of our own page. The files that it shows are not ours, and what stands in its frames has no say:
 * none of them stands in the window or speaks for the page.
 */
export function isAppPage(address: string): boolean {
  const url = parseOwn(address);
  return url !== null && !url.pathname.startsWith(MEDIA_PREFIX) && !url.pathname.startsWith(FRAME_PREFIX);
}

/** True for what belongs to the frames of our page. */
export function isFrameAsset(address: string): boolean {
  return parseOwn(address)?.pathname.startsWith(FRAME_PREFIX) === true;
}

/** True for the one address that a frame of our page may show. */
export function isFramePage(address: string): boolean {
  return parseOwn(address)?.pathname === DIAGRAM_FRAME;
}

const OPENABLE_PROTOCOLS: ReadonlySet<string> = new Set(['https:', 'http:', 'mailto:']);

/**
 * The address to hand to the system's browser, or null. Only what a browser or a mail program opens: anything else may
 * start a program. The parsed form is returned, so what was checked is what is opened.
 */
export function openableUrl(address: string): string | null {
  const url = URL.parse(address);
  if (url === null || !OPENABLE_PROTOCOLS.has(url.protocol)) return null;
  return url.href;
}

/** What a mail link may fill in without a question; `attach` and the like reach for files, `cc` and `bcc` hide a reader. */
const PLAIN_MAIL_FIELDS: ReadonlySet<string> = new Set(['subject', 'body']);
const MAX_PLAIN_CHARS = 2048;

/**
 * True for an address that a person is to see before it is opened: it names a user in front of the host, writes to several
 * people or fills in more than a subject and a text, or is too long to be read.
 */
export function isOddAddress(href: string): boolean {
  const url = URL.parse(href);
  if (url === null || href.length > MAX_PLAIN_CHARS) return true;
  if (url.protocol !== 'mailto:') return url.username !== '' || url.password !== '';
  const isToMany = /[,;]|%2c|%3b/i.test(url.pathname);
  return isToMany || [...url.searchParams.keys()].some((name) => !PLAIN_MAIL_FIELDS.has(name.toLowerCase()));
}
