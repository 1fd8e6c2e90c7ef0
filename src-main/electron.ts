import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, type BrowserWindow, dialog, session, shell as systemShell } from 'electron';
import type { CommandId } from '#contract/commands';
import { DESKTOP_WORDS } from '#contract/desktop-words';
import { chooseLocale, type Locale } from '#contract/locale';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import { SHELL_WORDS } from '#contract/shell-words';
import type { Core } from './compose.ts';
import { openElectronCipher } from './credentials/electron-cipher.ts';
import { answerCommand } from './diagnostics/answer-command.ts';
import { keyringName } from './diagnostics/check-keyring.ts';
import { guardProcess } from './diagnostics/guard-process.ts';
import { type AskedFor, readDesktopArguments } from './diagnostics/read-arguments.ts';
import { createHostLife } from './host-life.ts';
import { createElectronTransport, type ElectronTransport } from './ipc/electron-transport.ts';
import { systemClock } from './platform/clock.ts';
import { dataPaths, defaultDataDir } from './platform/paths.ts';
import { stopWithin } from './platform/stop-within.ts';
import { storedApiSwitch } from './store/stored-settings.ts';
import { isAppPage } from './windows/app-page.ts';
import { registerAppScheme, serveRenderer } from './windows/app-protocol.ts';
import { type Attention, createAttention } from './windows/attention.ts';
import { createFolderChooser } from './windows/choose-folder.ts';
import { createDesktopManners } from './windows/desktop-manners.ts';
import { collectFiles } from './windows/file-arrivals.ts';
import { handInExport } from './windows/hand-in-export.ts';
import { installedAs } from './windows/installed-as.ts';
import { collectLinks } from './windows/link-arrivals.ts';
import { lockDownContents, lockDownSession } from './windows/lock-down.ts';
import { focusWindow, goTo, importAt, isInSight, openMainWindow, sessionAt } from './windows/main-window.ts';
import { installMenu } from './windows/menu.ts';
import { notifyWhenDone } from './windows/notify-when-done.ts';
import { createOpenOutside } from './windows/open-outside.ts';
import { watchPage } from './windows/page-trouble.ts';
import { sayIn } from './windows/say-in.ts';
import { tellCrash } from './windows/tell-crash.ts';
import { createUpdateDesk } from './windows/update-desk.ts';
import { updateWay } from './windows/update-way.ts';
import { openWindowPlaces } from './windows/window-places-file.ts';

// The desktop application's entry: Electron's life cycle around the core, and nothing else. This file is out/main/electron.js
// when built; the page and the preload lie beside its folder.
const PRELOAD = join(import.meta.dirname, '..', 'preload', 'index.cjs');
const RENDERER = join(import.meta.dirname, '..', 'renderer');

interface Shell {
  core: Core;
  transport: ElectronTransport;
  attention: Attention;
}

const dataDir = defaultDataDir();
let shell: Shell | null = null;
let mainWindow: BrowserWindow | null = null;
/** The core, or the rescue in its place, answers. */
let stands = false;
let locale: Locale = 'en';
let links: { ready: () => void } | null = null;
let files: { ready: () => void } | null = null;
/** `asked`: a person decides, or answers are still to end; the window can be had back. */
let quit: 'no' | 'asked' | 'draining' | 'drained' = 'no';

const report = (thrown: unknown): void => console.error(thrown);
const words = () => DESKTOP_WORDS[locale];
const places = openWindowPlaces(join(dataDir, 'window', 'places.json'), systemClock, report);
const openOutside = createOpenOutside({ clock: systemClock, words: () => words().open, window: standingWindow });
const manners = createDesktopManners({
  clock: systemClock,
  platform: process.platform,
  words,
  window: standingWindow,
  show: showWindow,
  isEnding: () => quit === 'draining' || quit === 'drained',
  report,
});
const updates = createUpdateDesk({
  way: updateWay(installedAs()),
  version: app.getVersion(),
  clock: systemClock,
  load: async () => (await import('./windows/packaged-updater.ts')).openPackagedUpdater(),
  mayEnd: () => manners.mayQuit(),
  end: endFor,
  stay: () => showWindow(),
  report,
});

function standingWindow(): BrowserWindow | null {
  return mainWindow === null || mainWindow.isDestroyed() ? null : mainWindow;
}

/**
 * Shows the window, opening it if there is none. Does nothing before the core stands and after it was told to stop.
 *
 * @param at the place of the page to show in it; null for the one that it shows.
 */
function showWindow(at: string | null = null): void {
  if (shell === null || !stands || quit === 'draining' || quit === 'drained') return;
  manners.stay();
  const standing = standingWindow();
  if (standing !== null) {
    focusWindow(standing);
    if (at !== null) goTo(standing, at);
    return;
  }
  const { transport, attention } = shell;
  const window = openMainWindow(PRELOAD, at, places.place());
  mainWindow = window;
  watchPage(window, { clock: systemClock, words: () => words().page, tell: tellPageTrouble, report });
  transport.connect(window.webContents);
  places.follow(window);
  manners.adopt(window);
  window.on('focus', () => attention.seen(window));
  window.once('closed', () => {
    if (mainWindow === window) mainWindow = null;
  });
}

function tellPageTrouble(place: string, reason: string): void {
  shell?.core.router.dispatch('diagnostics.pageFailed', { place, error: reason, stack: '' }, null).catch(report);
}

function runCommand(id: CommandId): void {
  const window = standingWindow();
  if (shell === null || window === null) showWindow();
  else shell.transport.command(window.webContents, id);
}

/** The shell speaks the page's language, and its menu shows the keys that hold now. */
function follow({ language, shortcuts }: Pick<Settings, 'language' | 'shortcuts'>): void {
  locale = chooseLocale(language, app.getPreferredSystemLanguages());
  installMenu({ platform: process.platform, locale, shortcuts, onCommand: runCommand });
}

async function start(): Promise<void> {
  lockDownSession(session.defaultSession);
  serveRenderer(RENDERER, () => shell?.core.media ?? null);
  follow(DEFAULT_SETTINGS);
  const attention = createAttention(standingWindow, (sessionId) => showWindow(sessionAt(sessionId)));
  const { notify } = attention;
  // A person's own choice, which opens the same keys in the headless host.
  const passphrase = process.env['SLUICE_VAULT_PASSPHRASE'];
  const core = createHostLife({
    host: 'electron',
    dataDir,
    version: app.getVersion(),
    capabilities: {
      cipher: await openElectronCipher(process.platform),
      ...(passphrase === undefined ? {} : { vaultPassphrase: passphrase }),
      chooseFolder: createFolderChooser(standingWindow),
      ...(notify === undefined ? {} : { notify }),
      showInFolder: (path) => void systemShell.openPath(path),
      desktop: () => manners.state(),
      updates,
    },
    // The window needs no server; other programs get one when the person turns the Local API on.
    loopback: null,
    readWorkerUrl: new URL('./store-worker.js', import.meta.url),
    tokenWorkerUrl: new URL('./token-worker.js', import.meta.url),
    dataWorkerUrl: new URL('./data-worker.js', import.meta.url),
    onFatal: giveUp,
  });
  core.onSettings(follow);
  shell = { core, transport: createElectronTransport(core.router, isAppPage), attention };
  if (notify !== undefined)
    notifyWhenDone(
      core,
      () => isInSight(standingWindow()),
      notify,
      () => locale,
      report,
    );
  await core.start();
  stands = true;
  manners.attend(core);
  updates.attend(core);
  showWindow();
  links?.ready();
  files?.ready();
}

function giveUp(error: unknown): void {
  console.error(error);
  // A person who started the application from an icon sees no console.
  dialog.showErrorBox(SHELL_WORDS[locale].dialog.startFailed, sayIn(locale, error));
  app.exit(1);
}

/** Lets running answers reach the disk, but never keeps a person waiting for longer than the deadline. */
async function drain({ core, transport }: Shell): Promise<void> {
  try {
    await stopWithin(core.stop('quit'), systemClock);
  } catch (error) {
    // The log is the truth and recovery reads it: a stop that fails is told, and the application ends all the same.
    console.error(error);
  } finally {
    transport.dispose();
  }
}

function onBeforeQuit(event: { preventDefault(): void }): void {
  if (quit === 'drained' || shell === null) return;
  event.preventDefault();
  if (quit === 'no') void endWhenMay(shell);
}

/** The core is drained once nobody is in the way; otherwise the application goes on as if nobody had asked. */
async function endWhenMay(standing: Shell): Promise<void> {
  quit = 'asked';
  // A question that cannot be asked keeps nobody from quitting.
  const may = await manners.mayQuit().catch((thrown: unknown) => {
    report(thrown);
    return true;
  });
  if (!may) {
    quit = 'no';
    // The quit may have come from closing the last window; an application without one could not be found again.
    if (standingWindow() === null && process.platform !== 'darwin') showWindow();
    return;
  }
  quit = 'draining';
  await drain(standing);
  quit = 'drained';
  app.quit();
}

/** What a command line asks for instead of a window. Takes no lock and makes no folder. */
async function answerAndEnd(asked: Exclude<AskedFor, { kind: 'run' }>): Promise<void> {
  const version = app.getVersion();
  const code = await answerCommand(asked, {
    host: 'electron',
    version,
    doctor: async () => {
      // The keyring is known once Electron is ready.
      await app.whenReady();
      const { localApiEnabled, localApiPort } = await storedApiSwitch(dataPaths(dataDir).database);
      return {
        dataDir,
        version,
        ports: [{ port: localApiPort, name: 'the Local API', use: localApiEnabled ? 'this' : 'off' }],
        keyring: {
          name: keyringName(process.platform),
          hasPassphrase: (process.env['SLUICE_VAULT_PASSPHRASE'] ?? '') !== '',
          ask: async () => {
            if ((await openElectronCipher(process.platform)) === null) throw new Error('none is there');
          },
        },
      };
    },
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
  app.exit(code);
}

/** Drains the core for what takes the application's place. Where it does not come to that, the old one starts again. */
async function endFor(install: (onFailure: (thrown: unknown) => void) => void): Promise<boolean> {
  if (shell === null || quit !== 'no') return false;
  quit = 'draining';
  await drain(shell);
  quit = 'drained';
  install((thrown) => {
    report(thrown);
    dialog.showErrorBox(words().update.failed, words().update.body);
    app.relaunch();
    app.exit(1);
  });
  return true;
}

/** A file that a person opened with Sluice is looked at, and imported only when they say so on the page. */
async function openFile(path: string): Promise<void> {
  if (shell === null) return;
  try {
    showWindow(importAt(await handInExport(shell.core, path)));
  } catch (thrown) {
    report(thrown);
    dialog.showErrorBox(words().file.failed, sayIn(locale, thrown));
  }
}

function main(): void {
  app.setName('Sluice');
  const asked = readDesktopArguments(process.argv.slice(app.isPackaged ? 1 : 2));
  if (asked.kind !== 'run') {
    answerAndEnd(asked).catch(giveUp);
    return;
  }
  guardProcess((thrown, kind) => {
    console.error(thrown);
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    tellCrash(words().crash, shell?.core.crashed(thrown, kind).message ?? message);
  });
  // The lock of a single instance goes by this folder: one instance per data directory. Electron wants it to exist.
  const windowDir = join(dataDir, 'window');
  mkdirSync(windowDir, { recursive: true, mode: 0o700 });
  app.setPath('userData', windowDir);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  registerAppScheme();
  links = collectLinks((address) => {
    // The longest that the core takes; what is cut off here is refused there for its length.
    shell?.core.router.dispatch('links.offer', { address: address.slice(0, 100_000) }, null).catch(report);
    showWindow();
  });
  files = collectFiles((path) => void openFile(path));
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => lockDownContents(contents, openOutside));
  app.on('second-instance', () => showWindow());
  app.on('activate', () => showWindow());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', onBeforeQuit);
  // Not awaited at the top of the module: Electron becomes ready only after the entry has been evaluated.
  app.whenReady().then(start).catch(giveUp);
}

main();
