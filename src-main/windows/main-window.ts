import { BrowserWindow } from 'electron';
import type { Clock } from '../platform/clock.ts';
import { APP_URL } from './app-page.ts';

/** A page that crashes again within this time would only be reloaded for ever. */
const RELOAD_PAUSE_MS = 10_000;

/** The address of our page, at a conversation where one is named. */
function pageUrl(sessionId: string | null): string {
  return sessionId === null ? APP_URL : `${APP_URL}#session=${encodeURIComponent(sessionId)}`;
}

/**
 * Opens the window and loads our page. The page runs sandboxed in a world of its own, and all it has of the main process
 * are the two functions of the preload. The caller owns the window.
 *
 * @param preload the built preload, absolute; CommonJS, as a sandbox needs it.
 * @param sessionId the conversation to begin with; null for the last one.
 */
export function openMainWindow(preload: string, clock: Clock, sessionId: string | null = null): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Sluice',
    width: 1240,
    height: 820,
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
      spellcheck: true,
    },
  });
  window.once('ready-to-show', () => window.show());
  let reloadedAtMs = Number.NEGATIVE_INFINITY;
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit' || window.isDestroyed()) return;
    // Runs live in the main process: a page that comes back finds them where they are.
    if (clock.now() - reloadedAtMs < RELOAD_PAUSE_MS) return;
    reloadedAtMs = clock.now();
    window.webContents.reload();
  });
  // A failed load shows an empty window with its menu; its cause is the build's, and the log of the host has the rest.
  window.loadURL(pageUrl(sessionId)).catch(() => {
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

/** Opens a conversation in a window that shows our page: only the fragment changes, so the page stays as it is. */
export function showSession(window: BrowserWindow, sessionId: string): void {
  // A page that is still loading begins with the conversation instead; the load that gave way says so and is right.
  window.loadURL(pageUrl(sessionId)).catch(() => undefined);
}

/** True while a person can be taken to look at the window. */
export function isInSight(window: BrowserWindow | null): boolean {
  return window !== null && !window.isDestroyed() && window.isVisible() && !window.isMinimized() && window.isFocused();
}
