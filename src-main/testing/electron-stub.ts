import { EventEmitter } from 'node:events';

/**
 * The part of Electron that the shell uses, for tests on plain Node: `import 'electron'` itself would start a download
 * there. What crosses between page and main process goes through `structuredClone`, as in Electron, so a value that cannot
 * be cloned fails here too. Touching something destroyed throws, as in Electron.
 */

type Handler = (event: unknown, ...args: unknown[]) => unknown;

/** A frame as the main process sees it. */
export interface StubFrame {
  url: string;
  parent: StubFrame | null;
}

/** An event that notes whether it was prevented. */
export interface StubEvent {
  defaultPrevented: boolean;
  preventDefault(): void;
}

export function stubEvent<Extra extends object>(extra: Extra): StubEvent & Extra {
  return {
    ...extra,
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true;
    },
  };
}

/** The page's end of the IPC, one per window. */
export class StubIpcRenderer extends EventEmitter {
  readonly #invoke: (channel: string, args: unknown[]) => Promise<unknown>;

  constructor(invoke: (channel: string, args: unknown[]) => Promise<unknown>) {
    super();
    this.#invoke = invoke;
  }

  invoke(channel: string, ...args: unknown[]): Promise<unknown> {
    return this.#invoke(channel, args);
  }
}

export class StubWebContents extends EventEmitter {
  readonly id: number;
  readonly mainFrame: StubFrame = { url: 'about:blank', parent: null };
  readonly ipcRenderer: StubIpcRenderer;
  /** What was pushed at the page, in order. */
  readonly sent: { channel: string; args: unknown[] }[] = [];
  /** The words that a suggestion took the place of. */
  readonly replaced: string[] = [];
  session: unknown = null;
  openHandler: ((details: { url: string }) => { action: string }) | null = null;
  reloads = 0;
  #destroyed = false;

  constructor(id: number, handlers: ReadonlyMap<string, Handler>) {
    super();
    this.id = id;
    this.ipcRenderer = new StubIpcRenderer((channel, args) => this.invokeAs(this.mainFrame, handlers, channel, args));
  }

  async invokeAs(
    senderFrame: StubFrame | null,
    handlers: ReadonlyMap<string, Handler>,
    channel: string,
    args: unknown[],
  ): Promise<unknown> {
    const cloned = structuredClone(args);
    const handler = handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return structuredClone(await handler({ sender: this, senderFrame }, ...cloned));
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  send(channel: string, ...args: unknown[]): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed');
    const cloned = structuredClone(args);
    this.sent.push({ channel, args: cloned });
    // Electron hands its own event object to the listener first; it leads to all of ipcRenderer.
    queueMicrotask(() => this.ipcRenderer.emit(channel, { sender: this.ipcRenderer, ports: [] }, ...cloned));
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }

  webRtcPolicy: string | null = null;
  setWebRTCIPHandlingPolicy(policy: string): void {
    this.webRtcPolicy = policy;
  }

  replaceMisspelling(word: string): void {
    this.replaced.push(word);
  }

  reload(): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed');
    this.reloads += 1;
    this.navigate(this.mainFrame.url);
  }

  /** Loads an address as the main process does: no `will-navigate`. */
  navigate(url: string, isSameDocument = false): void {
    this.emit('did-start-navigation', { url, isMainFrame: true, isSameDocument });
    this.mainFrame.url = url;
  }

  destroy(): void {
    this.#destroyed = true;
    this.emit('destroyed');
  }
}

export interface StubBounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface StubMenuItem {
  label?: string;
  role?: string;
  type?: string;
  enabled?: boolean;
  click?: () => void;
}

/** What the person answers to a question of the system. */
export interface StubAnswer {
  response: number;
  checkboxChecked: boolean;
}

export interface StubWindowOptions {
  webPreferences: Record<string, unknown>;
  [option: string]: unknown;
}

export interface StubMenuItem {
  id?: string;
  label?: string;
  role?: string;
  accelerator?: string;
  registerAccelerator?: boolean;
  click?: () => void;
  submenu?: StubMenuItem[];
}

/** A fresh Electron: `module` is what `import 'electron'` gives, the rest is the test's view of it. */
export function createElectronStub(
  options: {
    isSecondInstance?: boolean;
    keyring?: string;
    showsNotices?: boolean;
    language?: string;
    hasTray?: boolean;
  } = {},
) {
  const handlers = new Map<string, Handler>();
  const windows: StubWindow[] = [];
  const exposed = new Map<string, unknown>();
  const opened: string[] = [];
  const schemes: { scheme: string; privileges: Record<string, boolean> }[] = [];
  const protocolHandlers = new Map<string, (request: Request) => Promise<Response>>();
  const calls: string[] = [];
  const notices: StubNotification[] = [];
  const menus: StubMenuItem[][] = [];
  /** What the person answers to a folder dialog, and what each dialog was asked. */
  const folderDialogs: { parent: unknown; options: Record<string, unknown> }[] = [];
  const folders: { answer: () => Promise<{ canceled: boolean; filePaths: string[] }> } = {
    answer: async () => ({ canceled: true, filePaths: [] }),
  };
  let nextId = 1;
  let ready: () => void = () => undefined;
  const whenReady = new Promise<void>((resolve) => {
    ready = resolve;
  });

  class StubApp extends EventEmitter {
    readonly paths = new Map<string, string>();
    exitCode: number | null = null;
    badgeCount = 0;
    hasQuit = false;

    setName(): void {}
    getPreferredSystemLanguages(): string[] {
      return [options.language ?? 'en-GB'];
    }
    getVersion(): string {
      return '0.0.0-test';
    }
    setPath(name: string, path: string): void {
      this.paths.set(name, path);
    }
    requestSingleInstanceLock(): boolean {
      return options.isSecondInstance !== true;
    }
    readonly isPackaged = true;
    readonly protocols: string[] = [];
    loginItem = false;
    setAsDefaultProtocolClient(scheme: string): boolean {
      this.protocols.push(scheme);
      return true;
    }
    getLoginItemSettings(): { openAtLogin: boolean } {
      return { openAtLogin: this.loginItem };
    }
    setLoginItemSettings({ openAtLogin }: { openAtLogin: boolean }): void {
      this.loginItem = openAtLogin;
    }
    setBadgeCount(count: number): boolean {
      this.badgeCount = count;
      return true;
    }
    enableSandbox(): void {
      calls.push('enableSandbox');
    }
    whenReady(): Promise<void> {
      return whenReady;
    }
    /** As Electron: `before-quit` may prevent it; otherwise the windows go and the process ends. */
    quit(): void {
      const event = stubEvent({});
      this.emit('before-quit', event);
      if (event.defaultPrevented) return;
      for (const window of windows) if (!window.isDestroyed()) window.close();
      // A window that refuses to close takes the quit back, as in Electron.
      if (windows.some((window) => !window.isDestroyed())) return;
      this.hasQuit = true;
      this.emit('will-quit', stubEvent({}));
      this.emit('quit');
    }
    exit(code: number): void {
      this.exitCode = code;
    }
    relaunches = 0;
    relaunch(): void {
      this.relaunches += 1;
    }
  }
  const app = new StubApp();

  /** Displays as the system lists them; the first one is the primary one. */
  const displays: { bounds: StubBounds; workArea: StubBounds }[] = [
    {
      bounds: { x: 0, y: 0, width: 1920, height: 1080 },
      workArea: { x: 0, y: 30, width: 1920, height: 1050 },
    },
  ];
  const listDisplays = () => displays.map((display, id) => ({ id, ...display }));

  const trays: StubTray[] = [];
  class StubTray extends EventEmitter {
    menu: StubMenuItem[] = [];
    isDestroyed = false;

    constructor(_icon: unknown) {
      super();
      if (options.hasTray === false) throw new Error('There is no tray.');
      trays.push(this);
    }
    setToolTip(): void {}
    setContextMenu(menu: StubMenuItem[]): void {
      this.menu = menu;
    }
    destroy(): void {
      this.isDestroyed = true;
    }
  }

  /** Keys that are heard from anywhere; those in `takenKeys` belong to another program. */
  const globalKeys = new Map<string, () => void>();
  const takenKeys = new Set<string>();
  const popups: StubMenuItem[][] = [];
  const copied: string[] = [];
  const powerMonitor = new EventEmitter();
  const questions: { parent: unknown; options: Record<string, unknown> }[] = [];
  const answers: { next: () => Promise<StubAnswer> } = { next: async () => ({ response: 0, checkboxChecked: false }) };

  class StubSession extends EventEmitter {
    isSpellChecked = true;
    spellLanguages: string[] = [];
    readonly availableSpellCheckerLanguages = ['de', 'en-GB', 'en-US', 'fr'];
    readonly cleared: string[][] = [];
    readonly learnt: string[] = [];
    beforeRequest: ((details: { url: string }, answer: (said: { cancel?: boolean }) => void) => void) | null = null;
    readonly webRequest = {
      onBeforeRequest: (listener: NonNullable<StubSession['beforeRequest']>) => {
        this.beforeRequest = listener;
      },
    };

    setPermissionRequestHandler(handler: typeof permissions.request): void {
      permissions.request = handler;
    }
    setPermissionCheckHandler(handler: typeof permissions.check): void {
      permissions.check = handler;
    }
    setDevicePermissionHandler(handler: typeof permissions.device): void {
      permissions.device = handler;
    }
    async clearStorageData({ storages }: { storages: string[] }): Promise<void> {
      this.cleared.push(storages);
    }
    setSpellCheckerEnabled(isOn: boolean): void {
      this.isSpellChecked = isOn;
    }
    setSpellCheckerLanguages(languages: string[]): void {
      this.spellLanguages = languages;
    }
    addWordToSpellCheckerDictionary(word: string): boolean {
      this.learnt.push(word);
      return true;
    }
  }
  const session = new StubSession();

  class StubNotification extends EventEmitter {
    static isSupported(): boolean {
      return options.showsNotices !== false;
    }
    readonly options: { title: string; body: string };
    isShown = false;

    constructor(noticeOptions: { title: string; body: string }) {
      super();
      this.options = noticeOptions;
      notices.push(this);
    }
    show(): void {
      this.isShown = true;
    }
    close(): void {
      this.isShown = false;
      this.emit('close');
    }
  }

  class StubWindow extends EventEmitter {
    readonly options: StubWindowOptions;
    readonly webContents: StubWebContents;
    isMinimizedNow = false;
    isVisibleNow = true;
    isFocusedNow = false;
    isMaximizedNow = false;
    isFullScreenNow: boolean;
    bounds: StubBounds;
    isFlashing = false;
    focused = 0;
    loaded: string | null = null;
    #destroyed = false;

    constructor(windowOptions: StubWindowOptions) {
      super();
      this.options = windowOptions;
      const { x = 0, y = 0, width = 800, height = 600 } = windowOptions as Partial<StubBounds>;
      this.bounds = { x, y, width, height };
      this.isFullScreenNow = windowOptions['fullscreen'] === true;
      this.webContents = new StubWebContents(nextId++, handlers);
      this.webContents.session = session;
      windows.push(this);
      app.emit('web-contents-created', {}, this.webContents);
    }
    /** As Electron: another fragment of the same page is no load. */
    async loadURL(url: string): Promise<void> {
      const [page, fragment] = url.split('#');
      const isSameDocument = fragment !== undefined && this.webContents.mainFrame.url.split('#')[0] === page;
      this.loaded = url;
      this.webContents.navigate(url, isSameDocument);
    }
    show(): void {
      calls.push('show');
      this.isVisibleNow = true;
    }
    focus(): void {
      this.focused += 1;
      this.isFocusedNow = true;
      this.emit('focus');
    }
    /** The person looks elsewhere. */
    blur(): void {
      this.isFocusedNow = false;
      this.emit('blur');
    }
    isFocused(): boolean {
      return this.isFocusedNow;
    }
    isVisible(): boolean {
      return this.isVisibleNow;
    }
    flashFrame(flashing: boolean): void {
      if (this.#destroyed) throw new TypeError('Object has been destroyed');
      this.isFlashing = flashing;
    }
    restore(): void {
      this.isMinimizedNow = false;
    }
    isMinimized(): boolean {
      return this.isMinimizedNow;
    }
    isDestroyed(): boolean {
      return this.#destroyed;
    }
    getNormalBounds(): StubBounds {
      return this.bounds;
    }
    isMaximized(): boolean {
      return this.isMaximizedNow;
    }
    maximize(): void {
      this.isMaximizedNow = true;
      this.emit('maximize');
    }
    isFullScreen(): boolean {
      return this.isFullScreenNow;
    }
    hide(): void {
      this.isVisibleNow = false;
    }
    /** As a person closing it, which may be prevented: the contents go first. */
    close(): void {
      if (this.#destroyed) return;
      const event = stubEvent({});
      this.emit('close', event);
      if (event.defaultPrevented) return;
      this.#destroyed = true;
      this.webContents.destroy();
      this.emit('closed');
      if (windows.every((window) => window.isDestroyed())) app.emit('window-all-closed');
    }
  }

  const permissions: {
    request:
      | ((contents: unknown, permission: string, answer: (granted: boolean) => void, details: object) => void)
      | null;
    check: ((contents: unknown, permission: string, origin: string, details: object) => boolean) | null;
    device: ((details: object) => boolean) | null;
  } = { request: null, check: null, device: null };

  const module = {
    app,
    BrowserWindow: StubWindow,
    Notification: StubNotification,
    ipcMain: {
      handle: (channel: string, handler: Handler) => handlers.set(channel, handler),
      removeHandler: (channel: string) => handlers.delete(channel),
    },
    /** The preload sees its own window's end: the newest one. */
    get ipcRenderer(): StubIpcRenderer {
      const window = windows.at(-1);
      if (window === undefined) throw new Error('A preload runs in a window.');
      return window.webContents.ipcRenderer;
    },
    contextBridge: { exposeInMainWorld: (name: string, api: unknown) => exposed.set(name, api) },
    protocol: {
      registerSchemesAsPrivileged: (added: typeof schemes) => schemes.push(...added),
      handle: (scheme: string, handler: (request: Request) => Promise<Response>) =>
        protocolHandlers.set(scheme, handler),
    },
    session: { defaultSession: session },
    screen: { getPrimaryDisplay: () => listDisplays()[0], getAllDisplays: () => listDisplays().toReversed() },
    Tray: StubTray,
    nativeImage: { createFromBuffer: (data: Buffer) => ({ size: data.length }) },
    globalShortcut: {
      register: (keys: string, onPress: () => void) => {
        if (takenKeys.has(keys)) return false;
        globalKeys.set(keys, onPress);
        return true;
      },
      unregister: (keys: string) => globalKeys.delete(keys),
      unregisterAll: () => globalKeys.clear(),
    },
    powerMonitor,
    clipboard: {
      writeText: async (text: string) => {
        copied.push(text);
      },
    },
    shell: {
      openExternal: async (url: string) => {
        opened.push(url);
      },
    },
    Menu: {
      buildFromTemplate: (template: StubMenuItem[]) =>
        Object.assign(template, { popup: () => void popups.push(template) }),
      setApplicationMenu: (menu: StubMenuItem[]) => {
        calls.push('menu');
        menus.push(menu);
      },
    },
    dialog: {
      showErrorBox: (title: string, text: string) => calls.push(`error: ${title}: ${text}`),
      showMessageBox: (...args: unknown[]) => {
        const [parent, dialogOptions] = args.length === 1 ? [null, args[0]] : args;
        questions.push({ parent, options: dialogOptions as Record<string, unknown> });
        return answers.next();
      },
      showOpenDialog: (...args: unknown[]) => {
        const [parent, dialogOptions] = args.length === 1 ? [null, args[0]] : args;
        folderDialogs.push({ parent, options: dialogOptions as Record<string, unknown> });
        return folders.answer();
      },
    },
    safeStorage: {
      isAsyncEncryptionAvailable: async () => options.keyring !== 'none',
      getSelectedStorageBackend: () => options.keyring ?? 'gnome_libsecret',
      encryptStringAsync: async (plain: string) => Buffer.from([...Buffer.from(plain)].map((byte) => byte ^ 0x5a)),
      decryptStringAsync: async (sealed: Buffer) => {
        if (sealed.length === 0) throw new Error('Error while decrypting the ciphertext');
        return { shouldReEncrypt: false, result: Buffer.from([...sealed].map((byte) => byte ^ 0x5a)).toString() };
      },
    },
  };

  return {
    module,
    app,
    windows,
    exposed,
    opened,
    schemes,
    protocolHandlers,
    permissions,
    calls,
    handlers,
    notices,
    menus,
    folderDialogs,
    folders,
    displays,
    trays,
    globalKeys,
    takenKeys,
    popups,
    copied,
    powerMonitor,
    questions,
    answers,
    session,
    /** Lets `app.whenReady()` go on. */
    becomeReady: () => ready(),
  };
}

export type ElectronStub = ReturnType<typeof createElectronStub>;
