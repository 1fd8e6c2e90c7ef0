import type { Session, WebContents } from 'electron';
import { APP_ORIGIN, isAppPage, isFramePage, isOwnAddress } from './app-page.ts';
import type { OpenOutside } from './open-outside.ts';

/** The one permission a chat needs: the Copy buttons write text that the person chose. */
const GRANTED_PERMISSION = 'clipboard-sanitized-write';

/** Made by the page out of what it has, or by the developer tools; none of them reaches a network or a file. */
const INNER_PROTOCOLS: ReadonlySet<string> = new Set(['data:', 'blob:', 'devtools:']);

/** What anything in a window may ask for: our own scheme and what the page holds. No `file:`, no `http:`, no socket. */
function mayRequest(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && (INNER_PROTOCOLS.has(url.protocol) || isOwnAddress(address));
}

/** What may be saved: what the page itself made, and attachments. */
function maySave(address: string): boolean {
  return address.startsWith(`blob:${APP_ORIGIN}/`) || isOwnAddress(address);
}

/** Denies every permission of the page, asked for or looked up, but writing to the clipboard from our own page. */
export function lockDownSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(permission === GRANTED_PERMISSION && isAppPage(details.requestingUrl));
  });
  session.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin) => permission === GRANTED_PERMISSION && isAppPage(requestingOrigin),
  );
  session.setDevicePermissionHandler(() => false);
  // The second wall behind the policy: whatever a page or a frame asks for, it is ours or it is not asked for.
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayRequest(details.url) }));
  session.on('will-download', (event, item) => {
    // Exports and attachments are saved by a person, who is asked where to. Nothing else is ever written to a disk.
    if (!maySave(item.getURL())) event.preventDefault();
  });
  // Nothing of ours uses these: what lies there is left from a fault, or was put there.
  session
    .clearStorageData({ storages: ['cookies', 'serviceworkers', 'cachestorage', 'filesystem'] })
    .catch(() => undefined);
}

/**
 * Holds web contents on our page: it navigates nowhere else, opens no window and embeds nothing but the frame that draws. A link to the web opens in
 * the system's browser. For every web contents of the application, also those that should never come into being.
 */
export function lockDownContents(contents: WebContents, openOutside: OpenOutside): void {
  // A script that got into a frame could ask a STUN server of its own, which no content security policy covers.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
  contents.on('will-navigate', (details) => {
    // The page may load itself again; nothing else ever stands in this window.
    if (details.isMainFrame && isAppPage(details.url)) return;
    details.preventDefault();
    if (details.isMainFrame) openOutside(details.url);
  });
  contents.on('will-frame-navigate', (details) => {
    if (!details.isMainFrame && !isFramePage(details.url)) details.preventDefault();
  });
  contents.on('will-redirect', (details) => {
    if (!isAppPage(details.url)) details.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
}
