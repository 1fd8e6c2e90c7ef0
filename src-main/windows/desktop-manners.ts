import { app, type BrowserWindow, globalShortcut, powerMonitor, session } from 'electron';
import type { DesktopState } from '#contract/desktop';
import type { DesktopWords } from '#contract/desktop-words';
import type { Result } from '#contract/errors';
import type { Settings } from '#contract/settings';
import type { Clock } from '../platform/clock.ts';
import { addContextMenu } from './context-menu.ts';
import { NEW_CHAT } from './main-window.ts';
import { loginItem } from './open-at-login.ts';
import { createQuickKeys } from './quick-keys.ts';
import { createQuitDesk, type QuitDesk } from './quit-desk.ts';
import { checksSpelling, setSpellCheck } from './spell-check.ts';
import { createTray } from './tray.ts';

/** What the manners need of the core. */
interface MannersCore {
  router: { dispatch(route: string, payload: unknown, viewer: null): Promise<Result<unknown>> };
  onSettings(listener: (settings: Settings) => void): () => void;
}

export interface DesktopManners {
  /** What the system made of the wishes in the settings. */
  state(): DesktopState;
  /** Follows the settings of a core from now on. */
  attend(core: MannersCore): void;
  /** Gives a window its context menu, and keeps it in the tray where that is wanted. */
  adopt(window: BrowserWindow): void;
  /** Whether a quit may go on; see `QuitDesk`. */
  mayQuit(): Promise<boolean>;
  /** The person wants the window: a quit that waits for answers is off. */
  stay(): void;
}

/**
 * What a program of the desktop is expected to do besides showing its window: the tray, keys heard from anywhere, a start
 * at login, spelling, the menu of the right button, and a question before it ends in the middle of something.
 *
 * @param parts.show shows the window, at a place of the page or as it is.
 * @param parts.isEnding true once a quit goes on: then a closed window is closed.
 */
export function createDesktopManners(parts: {
  clock: Clock;
  platform: NodeJS.Platform;
  words: () => DesktopWords;
  window: () => BrowserWindow | null;
  show: (at: string | null) => void;
  isEnding: () => boolean;
  report: (thrown: unknown) => void;
}): DesktopManners {
  const { clock, platform, words, window, show, isEnding, report } = parts;
  const login = loginItem(platform, process.env);
  const newChat = () => show(NEW_CHAT);
  const tray = createTray({ show: () => show(null), newChat, quickQuestion: newChat, quit: () => app.quit() }, report);
  const quickKeys = createQuickKeys(newChat);
  let held: Settings | null = null;
  let quitDesk: QuitDesk | null = null;
  let isShuttingDown = false;

  /** What fails here is told and costs this one manner. */
  function attempt(task: () => void): void {
    try {
      task();
    } catch (thrown) {
      report(thrown);
    }
  }

  function isLoginOn(): boolean {
    let isOn = false;
    attempt(() => {
      isOn = login.isOn();
    });
    return isOn;
  }

  function follow(core: MannersCore, settings: Settings): void {
    const before = held;
    held = settings;
    tray.set(settings.closeToTray, words().tray);
    quickKeys.set(settings.quickKeys);
    const isChecked = checksSpelling(settings.spellCheck, platform);
    attempt(() => setSpellCheck(session.defaultSession, isChecked, platform, app.getPreferredSystemLanguages()));
    if (before !== null && before.openAtLogin !== settings.openAtLogin) attempt(() => login.set(settings.openAtLogin));
    // The person may have changed it in the system's own settings, which have the last word.
    if (before === null && isLoginOn() !== settings.openAtLogin) {
      core.router.dispatch('settings.set', { values: { openAtLogin: isLoginOn() } }, null).catch(report);
    }
  }

  return {
    state: () => ({
      platform: platform === 'darwin' || platform === 'win32' ? platform : 'linux',
      quickKeys: quickKeys.state,
      opensAtLogin: isLoginOn(),
      tray: tray.state,
      spellCheck: held !== null && checksSpelling(held.spellCheck, platform),
    }),
    attend(core) {
      // A system that goes down waits for nobody's answer; what runs is taken up at the next start.
      powerMonitor.on('shutdown', () => {
        isShuttingDown = true;
      });
      app.on('will-quit', () => globalShortcut.unregisterAll());
      quitDesk = createQuitDesk({ core, clock, words: () => words().quit, window });
      core.onSettings((settings) => follow(core, settings));
    },
    adopt(opened) {
      addContextMenu(opened, words);
      opened.on('close', (event) => {
        if (tray.state !== 'on' || isEnding()) return;
        event.preventDefault();
        opened.hide();
      });
    },
    mayQuit: async () => isShuttingDown || quitDesk === null || (await quitDesk.mayEnd()),
    stay: () => quitDesk?.stay(),
  };
}
