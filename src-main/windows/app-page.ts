import { MEDIA_PREFIX } from '#contract/media-url';

/** The scheme and host under which the window's page is served. A scheme of our own has an origin; `file:` has none. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'sluice';
export const APP_URL = `${APP_SCHEME}://${APP_HOST}/`;

/**
 * True for an address of our own page, by exact parts: `app://sluice.example/` and `app://sluice@x/` are others. So are the
 * files that the page shows, which are not ours: none of them stands in the window or speaks for the page.
 */
export function isAppPage(address: string): boolean {
  const url = URL.parse(address);
  return (
    url !== null &&
    url.protocol === `${APP_SCHEME}:` &&
    url.host === APP_HOST &&
    url.username === '' &&
    url.password === '' &&
    !url.pathname.startsWith(MEDIA_PREFIX)
  );
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
