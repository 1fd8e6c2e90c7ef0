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
  options: { isSecondInstance?: boolean; keyring?: string; showsNotices?: boolean; language?: string } = {},
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
      this.hasQuit = true;
      this.emit('quit');
    }
    exit(code: number): void {
      this.exitCode = code;
    }
  }
  const app = new StubApp();

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
    isFlashing = false;
    focused = 0;
    loaded: string | null = null;
    #destroyed = false;

    constructor(windowOptions: StubWindowOptions) {
      super();
      this.options = windowOptions;
      this.webContents = new StubWebContents(nextId++, handlers);
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
    /** As a person closing it: the contents go first. */
    close(): void {
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
    session: {
      defaultSession: {
        setPermissionRequestHandler: (handler: typeof permissions.request) => {
          permissions.request = handler;
        },
        setPermissionCheckHandler: (handler: typeof permissions.check) => {
          permissions.check = handler;
        },
        setDevicePermissionHandler: (handler: typeof permissions.device) => {
          permissions.device = handler;
        },
      },
    },
    shell: {
      openExternal: async (url: string) => {
        opened.push(url);
      },
    },
    Menu: {
      buildFromTemplate: (template: StubMenuItem[]) => template,
      setApplicationMenu: (menu: StubMenuItem[]) => {
        calls.push('menu');
        menus.push(menu);
      },
    },
    dialog: {
      showErrorBox: (title: string, text: string) => calls.push(`error: ${title}: ${text}`),
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
    /** Lets `app.whenReady()` go on. */
    becomeReady: () => ready(),
  };
}

export type ElectronStub = ReturnType<typeof createElectronStub>;
