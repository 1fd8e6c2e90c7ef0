import { BrowserWindow } from 'electron';
import { APP_URL } from './app-page.ts';
import type { WindowPlace } from './window-place.ts';

/** A place of our page, as its address has it after the `#`: a new conversation. */
export const NEW_CHAT = 'new';

/** A place of our page: this conversation. */
export function sessionAt(sessionId: string): string {
  return `session=${encodeURIComponent(sessionId)}`;
}

/** A place of our page: the preview of a file that was handed in. */
export function importAt(importId: string): string {
  return `import=${encodeURIComponent(importId)}`;
}

function pageUrl(at: string | null): string {
  return at === null ? APP_URL : `${APP_URL}#${at}`;
}

/**
 * Opens the window and loads our page. The page runs sandboxed in a world of its own, and all it has of the main process
 * are the two functions of the preload. The caller owns the window.
 *
 * @param preload the built preload, absolute; CommonJS, as a sandbox needs it.
 * @param at the place of the page to begin with; null for where it was left.
 * @param place where the window stands; null leaves it to the system.
 */
export function openMainWindow(
  preload: string,
  at: string | null = null,
  place: WindowPlace | null = null,
): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Sluice',
    width: 1240,
    height: 820,
    ...place?.bounds,
    fullscreen: place?.isFullScreen === true,
    minWidth: 480,
    minHeight: 400,
    show: false,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      disableDialogs: true,
      autoplayPolicy: 'document-user-activation-required',
      spellcheck: true,
    },
  });
  if (place?.isMaximized === true) window.maximize();
  window.once('ready-to-show', () => window.show());
  // A failed load shows an empty window with its menu; its cause is the build's, and the log of the host has the rest.
  window.loadURL(pageUrl(at)).catch(() => {
    if (!window.isDestroyed()) window.show();
  });
  return window;
}

/** Brings a window before the person, from wherever it is. */
export function focusWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** Goes to a place in a window that shows our page: only the fragment changes, so the page stays as it is. */
export function goTo(window: BrowserWindow, at: string): void {
  // A page that is still loading begins there instead; the load that gave way says so and is right.
  window.loadURL(pageUrl(at)).catch(() => undefined);
}

/** True while a person can be taken to look at the window. */
export function isInSight(window: BrowserWindow | null): boolean {
  return window !== null && !window.isDestroyed() && window.isVisible() && !window.isMinimized() && window.isFocused();
}
