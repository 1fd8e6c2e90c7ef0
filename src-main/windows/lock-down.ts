import { type Session, shell, type WebContents } from 'electron';
import { isAppPage, isFramePage, openableUrl } from './app-page.ts';

/** The one permission a chat needs: the Copy buttons write text that the person chose. */
const GRANTED_PERMISSION = 'clipboard-sanitized-write';

/** Denies every permission of the page, asked for or looked up, but writing to the clipboard from our own page. */
export function lockDownSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(permission === GRANTED_PERMISSION && isAppPage(details.requestingUrl));
  });
  session.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin) => permission === GRANTED_PERMISSION && isAppPage(requestingOrigin),
  );
  session.setDevicePermissionHandler(() => false);
}

function openOutside(address: string): void {
  const url = openableUrl(address);
  if (url === null) return;
  // Nothing to do about a system without a browser: the link stays where it is.
  shell.openExternal(url).catch(() => undefined);
}

/**
 * Holds web contents on our page: it navigates nowhere else, opens no window and embeds nothing but the frame that draws. A link to the web opens in
 * the system's browser. For every web contents of the application, also those that should never come into being.
 */
export function lockDownContents(contents: WebContents): void {
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
