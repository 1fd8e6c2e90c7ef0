import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ok, type Result } from '#contract/errors';
import type { ChatEvent, LoggedEvent } from '#contract/events';
import { IPC_EVENT_CHANNEL, IPC_REQUEST_CHANNEL } from '#contract/routes';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import type { Viewer } from './ipc/router.ts';
import { systemClock } from './platform/clock.ts';
import { dataPaths } from './platform/paths.ts';
import { openStore } from './store/store.ts';
import { type StubFrame, stubEvent } from './testing/electron-stub.ts';
import { launchShell, loadShell } from './testing/launch-shell.ts';

const APP_PAGE = 'app://sluice/';

function stubCore() {
  const attached: Viewer[] = [];
  const detached: Viewer[] = [];
  const dispatched: { route: string; payload: unknown; viewer: Viewer | null }[] = [];
  const stops: string[] = [];
  const composed: unknown[] = [];
  const listeners = new Set<(event: LoggedEvent) => void>();
  const settings: { listener: (settings: Settings) => void } = { listener: () => undefined };
  let answer: (route: string) => Promise<Result<unknown>> = async () => ok({ said: 'yes' });
  let stopped: Promise<void> = Promise.resolve();
  let crashed: () => void = () => undefined;
  return {
    attached,
    detached,
    dispatched,
    stops,
    composed,
    settings,
    /** An event that the core has stored. */
    tell(event: LoggedEvent) {
      for (const listener of listeners) listener(event);
    },
    answerWith(next: (route: string) => Promise<Result<unknown>>) {
      answer = next;
    },
    crashWith(next: () => void) {
      crashed = next;
    },
    stopWith(next: Promise<void>) {
      stopped = next;
    },
    compose: async (options: unknown) => {
      composed.push(options);
      return {
        router: {
          dispatch(route: string, payload: unknown, viewer: Viewer | null) {
            dispatched.push({ route, payload, viewer });
            return answer(route);
          },
          attach: (viewer: Viewer) => attached.push(viewer),
          detach: (viewer: Viewer) => detached.push(viewer),
        },
        onEvent: (listener: (event: LoggedEvent) => void) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        onSettings: (listener: (settings: Settings) => void) => {
          const before = settings.listener;
          settings.listener = (next) => {
            before(next);
            listener(next);
          };
          listener(DEFAULT_SETTINGS);
          return () => undefined;
        },
        start: async () => undefined,
        crashed: (thrown: Error) => {
          crashed();
          return { message: `scrubbed ${thrown.message}` };
        },
        stop: (reason: string) => {
          stops.push(reason);
          return stopped;
        },
      };
    },
  };
}

const event = (text: string): ChatEvent => ({
  v: 1,
  session_id: 's1',
  run_id: 'r1',
  seq: 3,
  ts: 1,
  event: 'message.delta',
  message_id: 'm1',
  timestamp: 1,
  delta: text,
});

let dataDir: string;
let core: ReturnType<typeof stubCore>;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-shell-'));
  vi.stubEnv('SLUICE_DATA_DIR', dataDir);
  vi.stubEnv('SLUICE_VAULT_PASSPHRASE', '');
  // Where a start at login would be noted on Linux.
  vi.stubEnv('XDG_CONFIG_HOME', dataDir);
  core = stubCore();
});

const { platform } = process;
/** There the application goes on without a window. */
const becomeMac = () => Object.defineProperty(process, 'platform', { value: 'darwin' });

afterEach(() => {
  Object.defineProperty(process, 'platform', { value: platform });
  vi.unstubAllEnvs();
  rmSync(dataDir, { recursive: true, force: true });
});

const launch = () => launchShell({ compose: core.compose });

describe('the window', () => {
  it('[E1-01] is sandboxed, isolated and without Node, in every option', async () => {
    const { stub } = await launch();
    const { preload, ...preferences } = stub.windows[0]?.options.webPreferences ?? {};
    expect(preferences).toEqual({
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
    });
    expect(isAbsolute(String(preload))).toBe(true);
    expect(preload).toMatch(/[/\\]preload[/\\]index\.cjs$/);
    // The sandbox holds for every renderer, also one that would be made without options.
    expect(stub.calls).toContain('enableSandbox');
  });

  it('[E1-01] shows our page from a scheme with an origin', async () => {
    const { stub } = await launch();
    expect(stub.windows[0]?.loaded).toBe(APP_PAGE);
    expect(stub.schemes).toEqual([
      {
        scheme: 'app',
        privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true, stream: true },
      },
    ]);
  });

  it('[E1-01] waits for Electron and asks for nothing before', async () => {
    const stub = await loadShell({ compose: core.compose });
    expect(stub.schemes).toHaveLength(1);
    expect(stub.windows).toHaveLength(0);
    expect(core.composed).toHaveLength(0);
  });

  it('[E1-01] a second launch starts no core and opens no window', async () => {
    const stub = await loadShell({ compose: core.compose, isSecondInstance: true });
    stub.becomeReady();
    expect(stub.app.hasQuit).toBe(true);
    expect(stub.schemes).toHaveLength(0);
    expect(core.composed).toHaveLength(0);
  });

  it('[E1-01] a second launch brings the first one’s window to the front', async () => {
    const { stub } = await launch();
    const window = stub.windows[0];
    if (window === undefined) throw new Error('There is no window.');
    window.isMinimizedNow = true;
    stub.app.emit('second-instance');
    expect(window.isMinimizedNow).toBe(false);
    expect(window.focused).toBe(1);
    expect(stub.windows).toHaveLength(1);
  });

  it('[E1-01] the lock of a single instance goes by the data directory', async () => {
    const { stub } = await launch();
    expect(stub.app.paths.get('userData')).toBe(join(dataDir, 'window'));
    expect(core.composed).toMatchObject([{ host: 'electron', dataDir }]);
  });

  it('[E1-08] the desktop application opens no port by itself', async () => {
    await launch();
    expect(core.composed).toMatchObject([{ loopback: null }]);
  });

  it.each([
    ['the system’s keyring', 'gnome_libsecret', '', { cipher: { kind: 'electron-safe-storage' } }],
    ['the passphrase that the person chose', 'gnome_libsecret', 'a passphrase', { vaultPassphrase: 'a passphrase' }],
    ['nothing, where a keyring is missing', 'none', '', { cipher: null }],
  ])('[E10-01] the core is offered %s to seal keys with', async (_name, keyring, passphrase, capabilities) => {
    vi.stubEnv('SLUICE_VAULT_PASSPHRASE', passphrase);
    await launchShell({ compose: core.compose, keyring });
    expect(core.composed).toMatchObject([{ capabilities }]);
  });

  it('[E1-01] a crashed page comes back once, and not for ever', async () => {
    const { contents } = await launch();
    contents().emit('render-process-gone', {}, { reason: 'crashed' });
    contents().emit('render-process-gone', {}, { reason: 'crashed' });
    expect(contents().reloads).toBe(1);
  });

  it('[E1-01] a core that cannot start is told to the person and ends the application', async () => {
    const stub = await loadShell({ compose: () => Promise.reject(new Error('Another Sluice holds this folder.')) });
    const silence = vi.spyOn(console, 'error').mockReturnValue(undefined);
    stub.becomeReady();
    await vi.waitFor(() => expect(stub.app.exitCode).toBe(1));
    expect(stub.calls).toContain('error: Sluice could not start: Another Sluice holds this folder.');
    expect(stub.windows).toHaveLength(0);
    silence.mockRestore();
  });
});

describe('a page in trouble', () => {
  const crash = (shell: { contents(): { emit(name: string, ...args: unknown[]): boolean } }) =>
    shell.contents().emit('render-process-gone', {}, { reason: 'crashed' });

  it('[E12] [E1-01] that crashes again at once is a question: reload, or close the window', async () => {
    const shell = await launch();
    shell.stub.answers.next = async () => ({ response: 0, checkboxChecked: false });
    crash(shell);
    expect(shell.stub.questions).toHaveLength(0);
    crash(shell);
    await vi.waitFor(() => expect(shell.contents().reloads).toBe(2));
    expect(shell.stub.questions[0]?.options).toMatchObject({ buttons: ['Reload', 'Close the window'] });
    expect(core.dispatched.filter(({ route }) => route === 'diagnostics.pageFailed')).toHaveLength(2);
  });

  it('[E12] is closed where the person wants that, and asked about once at a time', async () => {
    becomeMac();
    const shell = await launch();
    const answered: (() => void)[] = [];
    shell.stub.answers.next = () =>
      new Promise((resolve) => answered.push(() => resolve({ response: 1, checkboxChecked: false })));
    crash(shell);
    crash(shell);
    crash(shell);
    expect(shell.stub.questions).toHaveLength(1);
    answered[0]?.();
    await vi.waitFor(() => expect(shell.stub.windows[0]?.isDestroyed()).toBe(true));
    expect(shell.contents().reloads).toBe(1);
  });

  it('[E12] that hangs is waited for, or its process is ended and the page loaded anew', async () => {
    const shell = await launch();
    shell.stub.answers.next = async () => ({ response: 1, checkboxChecked: false });
    shell.stub.windows[0]?.emit('unresponsive');
    await vi.waitFor(() => expect(shell.stub.questions).toHaveLength(1));
    expect(shell.stub.questions[0]?.options).toMatchObject({ buttons: ['Reload', 'Wait'], cancelId: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    expect([shell.contents().forcedCrashes, shell.contents().reloads]).toEqual([0, 0]);
    shell.stub.answers.next = async () => ({ response: 0, checkboxChecked: false });
    shell.stub.windows[0]?.emit('unresponsive');
    await vi.waitFor(() => expect(shell.contents().reloads).toBe(1));
    // Ending it on purpose is no crash of its own: nobody is asked again.
    expect(shell.contents().forcedCrashes).toBe(1);
    expect(shell.stub.questions).toHaveLength(2);
  });
});

describe('an exception that nobody caught', () => {
  const silence = () => vi.spyOn(console, 'error').mockReturnValue(undefined);

  it.each([
    [0, 1],
    [1, 0],
  ])('[E12] puts the store away first, then asks; answer %i starts it again %i times', async (answer, relaunches) => {
    const quiet = silence();
    const { stub } = await launch();
    const order: string[] = [];
    core.crashWith(() => order.push('stored'));
    stub.answers.nextSync = () => {
      order.push('asked');
      return answer;
    };
    stub.crash(new Error('planted'));
    expect(order).toEqual(['stored', 'asked']);
    expect([stub.app.exitCode, stub.app.relaunches]).toEqual([1, relaunches]);
    expect(stub.questions.at(-1)?.options).toMatchObject({ message: 'Sluice ended unexpectedly' });
    expect(String(stub.questions.at(-1)?.options['detail'])).toContain('scrubbed planted');
    quiet.mockRestore();
  });

  it('[E12] before the application is ready is told without a choice', async () => {
    const quiet = silence();
    const stub = await loadShell({ compose: core.compose });
    stub.crash(new Error('early'));
    expect(stub.calls).toContain('error: Sluice ended unexpectedly: early');
    expect(stub.app.exitCode).toBe(1);
    quiet.mockRestore();
  });
});

describe('a command line', () => {
  const { argv } = process;
  afterEach(() => {
    process.argv = argv;
  });

  it.each([
    [['--version'], 'Sluice 0.0.0-test\n'],
    [['--help'], 'SLUICE_DATA_DIR'],
    [['doctor', '--json'], '"well": true'],
  ])('[E12] %j is answered without a window, a lock, a core or a folder', async (args, said) => {
    rmSync(dataDir, { recursive: true });
    process.argv = ['electron', ...args];
    const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      const stub = await loadShell({ compose: core.compose, isSecondInstance: true });
      stub.becomeReady();
      await vi.waitFor(() => expect(stub.app.exitCode).toBe(0), { timeout: 10_000 });
      expect(out.mock.calls.map(([text]) => String(text)).join('')).toContain(said);
      expect([stub.windows.length, core.composed.length, stub.app.hasQuit]).toEqual([0, 0, false]);
      expect(() => statSync(dataDir)).toThrow(/ENOENT/);
    } finally {
      out.mockRestore();
    }
  });
});

describe('what the doctor asks about the Local API', () => {
  const { argv } = process;
  afterEach(() => {
    process.argv = argv;
  });

  /** The finding about the port, with the application's exit code. */
  async function findPort(): Promise<{ code: number | null; facts: unknown; state: string }> {
    process.argv = ['electron', 'doctor', '--json'];
    const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      const stub = await loadShell({ compose: core.compose });
      stub.becomeReady();
      await vi.waitFor(() => expect(stub.app.exitCode).not.toBeNull(), { timeout: 10_000 });
      const report = JSON.parse(out.mock.calls.map(([text]) => String(text)).join('')) as {
        findings: { id: string; state: string; facts: unknown }[];
      };
      const { facts, state } = report.findings.find(({ id }) => id === 'port') ?? { facts: null, state: 'missing' };
      return { code: stub.app.exitCode, facts, state };
    } finally {
      out.mockRestore();
    }
  }

  it.each(['beside a running host', 'by itself'])('[E12] is the port that a person chose, read %s', async (when) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const store = openStore(dataPaths(dataDir), { clock: systemClock });
    await store.committer.commit(() => store.settings.write({ localApiPort: port, localApiEnabled: true }));
    if (when === 'by itself') store.close();
    else onTestFinished(() => store.close());
    // Somebody else has it, and the server would not come up there.
    expect(await findPort()).toEqual({
      code: 1,
      state: 'problem',
      facts: { port, name: 'the Local API', state: 'taken' },
    });
  });

  it('[E12] is the usual one, where nothing was chosen or nothing can be read', async () => {
    const usual = { port: DEFAULT_SETTINGS.localApiPort, name: 'the Local API' };
    expect((await findPort()).facts).toMatchObject(usual);
    writeFileSync(join(dataDir, 'sluice.db'), 'no database at all');
    expect((await findPort()).facts).toMatchObject(usual);
  });
});

describe('what the page may not do', () => {
  const navigation = (url: string, isMainFrame = true) => stubEvent({ url, isMainFrame });

  it.each([
    ['https://example.com/', ['https://example.com/']],
    ['file:///etc/passwd', []],
    ['app://sluice.evil/', []],
    ['app://user@sluice/', []],
    ['data:text/html,hello', []],
    ['javascript:alert(1)', []],
  ])('[E1-03] navigating to %s is denied', async (url, opened) => {
    const { stub, contents } = await launch();
    for (const name of ['will-navigate', 'will-redirect']) {
      const attempt = navigation(url);
      contents().emit(name, attempt);
      expect(attempt.defaultPrevented, name).toBe(true);
    }
    expect(stub.opened).toEqual(opened);
  });

  it('[E1-03] the page may load itself again, but only in the main frame', async () => {
    const { contents } = await launch();
    const reload = navigation(APP_PAGE);
    contents().emit('will-navigate', reload);
    expect(reload.defaultPrevented).toBe(false);
    const frame = navigation(APP_PAGE, false);
    contents().emit('will-frame-navigate', frame);
    expect(frame.defaultPrevented).toBe(true);
  });

  it('[E6-07] a frame shows the page that draws, which never stands in the window, and nothing else', async () => {
    const { contents } = await launch();
    const denied = (url: string, isMainFrame: boolean) => {
      const attempt = navigation(url, isMainFrame);
      contents().emit(isMainFrame ? 'will-navigate' : 'will-frame-navigate', attempt);
      return attempt.defaultPrevented;
    };
    expect(denied('app://sluice/frames/diagram.html', false)).toBe(false);
    expect(denied('app://sluice/frames/diagram.html', true)).toBe(true);
    for (const url of [
      'https://evil.example/?source',
      'app://sluice/frames/x.html',
      'about:srcdoc',
      'data:text/html,x',
    ]) {
      expect(denied(url, false), url).toBe(true);
    }
  });

  it.each([
    ['https://example.com/a?b#c', 'https://example.com/a?b#c'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['mailto:ada@example.com', 'mailto:ada@example.com'],
    ['HTTPS://EXAMPLE.com', 'https://example.com/'],
    ['file:///etc/passwd', null],
    ['smb://server/share', null],
    ['ms-msdt:/id', null],
    ['javascript:alert(1)', null],
    ['vbscript:x', null],
    ['app://sluice/', null],
    ['https', null],
    [' ', null],
    ['', null],
  ])('[E1-03] window.open(%j) opens no window; outside it opens %j', async (url, outside) => {
    const { stub, contents } = await launch();
    expect(contents().openHandler?.({ url })).toEqual({ action: 'deny' });
    expect(stub.opened).toEqual(outside === null ? [] : [outside]);
  });

  it('[E1-03] embedding a page is denied', async () => {
    const { contents } = await launch();
    const attempt = stubEvent({});
    contents().emit('will-attach-webview', attempt);
    expect(attempt.defaultPrevented).toBe(true);
  });

  it('[E1-03] contents that came into being in another way are held as well', async () => {
    const { stub } = await launch();
    const stray = new stub.module.BrowserWindow({ webPreferences: {} });
    const attempt = navigation('https://example.com/');
    stray.webContents.emit('will-navigate', attempt);
    expect(attempt.defaultPrevented).toBe(true);
    expect(stray.webContents.openHandler?.({ url: 'file:///' })).toEqual({ action: 'deny' });
  });

  it.each([
    ['media', APP_PAGE, false],
    ['geolocation', APP_PAGE, false],
    ['notifications', APP_PAGE, false],
    ['clipboard-read', APP_PAGE, false],
    ['openExternal', APP_PAGE, false],
    ['fileSystem', APP_PAGE, false],
    ['clipboard-sanitized-write', APP_PAGE, true],
    ['clipboard-sanitized-write', 'https://example.com/', false],
  ])('[E1-03] the permission %s for %s: %s', async (permission, url, granted) => {
    const { stub } = await launch();
    const answers: boolean[] = [];
    const { request, check, device } = stub.permissions;
    request?.(null, permission, (answer) => answers.push(answer), { requestingUrl: url });
    expect(answers).toEqual([granted]);
    expect(check?.(null, permission, url, {})).toBe(granted);
    expect(device?.({})).toBe(false);
  });
});

describe('the page’s files', () => {
  const POLICY =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; " +
    "font-src 'self'; connect-src 'self'; frame-src app://sluice/frames/; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types default";

  it('[E1-01] every answer carries the strict policy, errors included', async () => {
    const { stub } = await launch();
    const serve = stub.protocolHandlers.get('app');
    for (const request of [
      new Request('app://sluice/nothing-here.js'),
      new Request('app://sluice/..%2f..%2fpackage.json'),
      new Request('app://sluice/', { method: 'POST' }),
    ]) {
      const response = await serve?.(request);
      expect(response?.ok).toBe(false);
      expect(response?.headers.get('content-security-policy')).toBe(POLICY);
      expect(response?.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });
});

describe('requests', () => {
  it('[E1-03] a request of our page reaches the core with its viewer, cloned both ways', async () => {
    const { sluice } = await launch();
    const input = { limit: 5 };
    const result = await sluice.request('sessions.list', input);
    expect(result).toEqual({ ok: true, data: { said: 'yes' } });
    expect(core.dispatched).toMatchObject([{ route: 'sessions.list', payload: { limit: 5 } }]);
    expect(core.dispatched[0]?.payload).not.toBe(input);
    expect(core.dispatched[0]?.viewer).toBe(core.attached.at(-1));
  });

  const own: StubFrame = { url: APP_PAGE, parent: null };
  const disposed: StubFrame = {
    get url(): string {
      throw new Error('Render frame was disposed before WebFrameMain could be accessed');
    },
    parent: null,
  };

  it.each<[string, StubFrame | null]>([
    ['a foreign origin', { url: 'https://example.com/', parent: null }],
    ['a look-alike host', { url: 'app://sluice.example/', parent: null }],
    ['a look-alike user', { url: 'app://sluice@example/', parent: null }],
    ['a blank page', { url: 'about:blank', parent: null }],
    ['an address that is none', { url: '', parent: null }],
    ['our page within a frame', { url: APP_PAGE, parent: own }],
    ['a frame that is gone', null],
    ['a frame that goes while it is looked at', disposed],
  ])('[E1-03] %s is a forbidden sender', async (_name, frame) => {
    const { stub, contents } = await launch();
    const result = await contents().invokeAs(frame, stub.handlers, IPC_REQUEST_CHANNEL, ['app.info', {}]);
    expect(result).toMatchObject({ ok: false, error: { code: 'forbidden_sender' } });
    expect(core.dispatched).toEqual([]);
  });

  it('[E1-03] our page in contents that are no window of ours is a forbidden sender', async () => {
    const { stub } = await launch();
    const stray = new stub.module.BrowserWindow({ webPreferences: {} });
    const result = await stray.webContents.invokeAs(own, stub.handlers, IPC_REQUEST_CHANNEL, ['app.info', {}]);
    expect(result).toMatchObject({ ok: false, error: { code: 'forbidden_sender' } });
  });

  it('[E1-03] a window that is gone is a forbidden sender', async () => {
    const { stub, contents } = await launch();
    contents().destroy();
    const result = await contents().invokeAs(own, stub.handlers, IPC_REQUEST_CHANNEL, ['app.info', {}]);
    expect(result).toMatchObject({ ok: false, error: { code: 'forbidden_sender' } });
  });

  it.each([[undefined], [7], [null], [{ toString: 'x' }], [['app.info']]])(
    '[E1-03] %j is no route, and says so',
    async (route) => {
      const { stub, contents } = await launch();
      const result = await contents().invokeAs(contents().mainFrame, stub.handlers, IPC_REQUEST_CHANNEL, [route, {}]);
      expect(result).toMatchObject({ ok: false, error: { code: 'invalid_payload' } });
    },
  );

  it('[E1-03] what the core throws arrives as a Result without its text', async () => {
    const { sluice } = await launch();
    core.answerWith(() => Promise.reject(new Error('SELECT secret FROM credentials')));
    const result = await sluice.request('app.info', {});
    expect(result).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(JSON.stringify(result)).not.toContain('SELECT');
  });
});

describe('the preload', () => {
  it('[E1-01] exposes two frozen functions and nothing else', async () => {
    const { stub, sluice } = await launch();
    expect([...stub.exposed.keys()]).toEqual(['sluice']);
    expect(Object.isFrozen(sluice)).toBe(true);
    expect(Reflect.ownKeys(sluice)).toEqual(['request', 'onEvent']);
    expect(Object.values(sluice).map((value) => typeof value)).toEqual(['function', 'function']);
  });

  it('[E1-01] passes the pushed event on alone: Electron’s event object stays behind', async () => {
    const { sluice } = await launch();
    const calls: unknown[][] = [];
    sluice.onEvent((...args: unknown[]) => calls.push(args));
    core.attached.at(-1)?.send(event('Hello'));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls).toEqual([[event('Hello')]]);
  });

  it('[E1-01] a page names no channel of its own', async () => {
    const { stub, sluice } = await launch();
    const secret = vi.fn();
    stub.handlers.set('other-channel', secret);
    await (sluice.request as (...args: unknown[]) => Promise<unknown>)('other-channel', {}, 'other-channel');
    expect(secret).not.toHaveBeenCalled();
    expect(core.dispatched).toMatchObject([{ route: 'other-channel' }]);
  });

  it('[E1-01] an ended subscription hears nothing more, the others do', async () => {
    const { sluice } = await launch();
    const one: ChatEvent[] = [];
    const two: ChatEvent[] = [];
    const endOne = sluice.onEvent((pushed) => one.push(pushed));
    sluice.onEvent((pushed) => two.push(pushed));
    endOne();
    core.attached.at(-1)?.send(event('a'));
    await vi.waitFor(() => expect(two).toHaveLength(1));
    expect(one).toEqual([]);
  });
});

describe('pushed events', () => {
  it('[E1-04] arrive in the order they were sent', async () => {
    const { sluice } = await launch();
    const texts: string[] = [];
    sluice.onEvent((pushed) => {
      if (pushed.event === 'message.delta') texts.push(pushed.delta);
    });
    for (let index = 0; index < 100; index++) core.attached.at(-1)?.send(event(String(index)));
    await vi.waitFor(() => expect(texts).toHaveLength(100));
    expect(texts).toEqual(Array.from({ length: 100 }, (_, index) => String(index)));
  });

  it('[E1-04] a push to a destroyed window does not throw, and its viewer is detached', async () => {
    const { contents } = await launch();
    const viewer = core.attached.at(-1);
    contents().destroy();
    expect(() => viewer?.send(event('late'))).not.toThrow();
    expect(contents().sent).toEqual([]);
    expect(core.detached).toContain(viewer);
  });

  it('[E1-04] contents that die without a word are noticed before the push', async () => {
    const { contents } = await launch();
    const viewer = core.attached.at(-1);
    contents().removeAllListeners('destroyed');
    contents().destroy();
    expect(() => viewer?.send(event('late'))).not.toThrow();
  });

  it('[E1-04] a reloaded page is another viewer, and what was meant for the old one does not reach it', async () => {
    const { contents } = await launch();
    const before = core.attached.at(-1);
    contents().navigate(APP_PAGE);
    const after = core.attached.at(-1);
    expect(after).not.toBe(before);
    expect(after?.id).not.toBe(before?.id);
    expect(core.detached).toContain(before);
    before?.send(event('stale'));
    expect(contents().sent).toEqual([]);
    after?.send(event('fresh'));
    expect(contents().sent).toEqual([{ channel: IPC_EVENT_CHANNEL, args: [event('fresh')] }]);
  });

  it('[E1-04] a link within the page keeps its viewer', async () => {
    const { contents } = await launch();
    const before = core.attached.at(-1);
    contents().emit('did-start-navigation', { url: `${APP_PAGE}#x`, isMainFrame: true, isSameDocument: true });
    contents().emit('did-start-navigation', { url: 'about:blank', isMainFrame: false, isSameDocument: false });
    expect(core.attached.at(-1)).toBe(before);
    expect(core.detached).not.toContain(before);
  });

  it('[E1-04] every viewer that was attached is detached when the application ends', async () => {
    const { stub, contents } = await launch();
    contents().navigate(APP_PAGE);
    contents().emit('render-process-gone', {}, { reason: 'crashed' });
    stub.app.quit();
    await vi.waitFor(() => expect(stub.app.hasQuit).toBe(true));
    expect(new Set(core.detached)).toEqual(new Set(core.attached));
    expect(core.detached).toHaveLength(core.attached.length);
  });
});

describe('an answer that ends while nobody looks', () => {
  const ended = (change: Partial<LoggedEvent> = {}) =>
    ({
      v: 1,
      session_id: 's1',
      run_id: 'r1',
      seq: 9,
      ts: 1,
      event: 'run.completed',
      output: 'The words of the answer',
      usage: null,
      finish_reason: 'stop',
      queue_remaining: 0,
      ...change,
    }) as LoggedEvent;

  /** A shell whose window is out of sight, with one conversation. */
  async function lookAway(session: object = {}, settings: object = { notifyWhenDone: true }) {
    const shell = await launch();
    core.answerWith(async (route) =>
      ok(route === 'settings.get' ? settings : { id: 's1', title: 'Tax questions', state: 'idle', ...session }),
    );
    shell.stub.windows[0]?.blur();
    return shell;
  }
  /** Lets everything that was started in this turn come to its end. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('[E2-23] is told by the system, with the conversation’s name and none of its words', async () => {
    const { stub } = await lookAway();
    core.tell(ended());
    await settle();
    expect(stub.notices.map((notice) => [notice.options, notice.isShown])).toEqual([
      [{ title: 'Tax questions', body: 'The answer is ready.' }, true],
    ]);
    expect(stub.app.badgeCount).toBe(1);
    expect(stub.windows[0]?.isFlashing).toBe(true);
  });

  it('[E12] [E2-23] is told in the language that was chosen', async () => {
    const { stub } = await lookAway();
    core.settings.listener({ ...DEFAULT_SETTINGS, language: 'zh-CN' });
    core.tell(ended());
    await settle();
    expect(stub.notices[0]?.options).toEqual({ title: 'Tax questions', body: '回答已完成。' });
  });

  it.each([
    ['run.failed', { status: 'error' }, 'The answer failed.'],
    ['run.failed', { status: 'interrupted' }, null],
    ['approval.requested', { command: 'rm -rf /', description: 'delete all' }, 'It waits for you.'],
    ['clarify.requested', { question: 'Which one?' }, 'It waits for you.'],
    ['abort.completed', {}, null],
    ['run.cancelled', {}, null],
    ['message.delta', { delta: 'Hello' }, null],
  ])('[E2-23] %s %j reads %j', async (event, extra, body) => {
    const { stub } = await lookAway();
    core.tell(ended({ event, ...extra } as Partial<LoggedEvent>));
    await settle();
    expect(stub.notices.map((notice) => notice.options.body)).toEqual(body === null ? [] : [body]);
  });

  it('[E2-23] is no news to a person who looks, or who comes back meanwhile', async () => {
    const { stub } = await lookAway();
    stub.windows[0]?.focus();
    core.tell(ended());
    await settle();
    stub.windows[0]?.blur();
    core.tell(ended());
    stub.windows[0]?.focus();
    await settle();
    expect(stub.notices).toEqual([]);
  });

  it.each([
    ['minimized', (window: { isMinimizedNow: boolean }) => (window.isMinimizedNow = true)],
    ['hidden', (window: { isVisibleNow: boolean }) => (window.isVisibleNow = false)],
    ['closed', (window: { close(): void }) => window.close()],
  ])('[E2-23] a window that is %s is out of sight, whatever else it says', async (_name, hide) => {
    const { stub } = await lookAway();
    const window = stub.windows[0];
    if (window === undefined) throw new Error('There is no window.');
    becomeMac();
    window.focus();
    hide(window);
    core.tell(ended());
    await settle();
    expect(stub.notices).toHaveLength(1);
  });

  it('[E2-23] waits for the end while queued messages follow, and keeps silent when told to', async () => {
    const { stub } = await lookAway({ state: 'preparing' });
    core.tell(ended());
    await settle();
    core.answerWith(async (route) => ok(route === 'settings.get' ? { notifyWhenDone: false } : { state: 'idle' }));
    core.tell(ended());
    await settle();
    expect(stub.notices).toEqual([]);
    expect(stub.app.badgeCount).toBe(0);
  });

  it('[E2-23] a name that would read as something else is made plain', async () => {
    const { stub } = await lookAway({ title: `Invoice\u202efdp.exe\n${'long '.repeat(50)}` });
    core.tell(ended());
    await settle();
    const title = stub.notices[0]?.options.title ?? '';
    expect(title).toMatch(/^Invoicefdp\.exe long .*…$/);
    expect(Array.from(title)).toHaveLength(80);
  });

  it('[E2-23] a click brings the window to the front and opens the conversation; the page stays', async () => {
    const { stub } = await lookAway();
    const viewer = core.attached.at(-1);
    core.tell(ended());
    await settle();
    stub.notices[0]?.emit('click');
    expect(stub.windows[0]?.focused).toBe(1);
    expect(stub.windows[0]?.loaded).toBe('app://sluice/#session=s1');
    expect(core.attached.at(-1)).toBe(viewer);
    expect(stub.windows).toHaveLength(1);
  });

  it('[E2-23] a click after the window was closed opens another one with the conversation', async () => {
    const { stub } = await lookAway();
    becomeMac();
    stub.windows[0]?.close();
    core.tell(ended());
    await settle();
    stub.notices[0]?.emit('click');
    expect(stub.windows).toHaveLength(2);
    expect(stub.windows[1]?.loaded).toBe('app://sluice/#session=s1');
  });

  it('[E2-23] the signs go when the person is back, and one conversation has one notice', async () => {
    const { stub } = await lookAway();
    core.tell(ended());
    await settle();
    core.tell(ended());
    await settle();
    expect(stub.notices.map((notice) => notice.isShown)).toEqual([false, true]);
    stub.windows[0]?.focus();
    expect(stub.app.badgeCount).toBe(0);
    expect(stub.windows[0]?.isFlashing).toBe(false);
    expect(stub.notices.some((notice) => notice.isShown)).toBe(false);
  });

  it('[E2-23] a system that refuses to show it costs the notice and nothing else', async () => {
    const { stub } = await lookAway();
    const told = vi.spyOn(console, 'error').mockReturnValue(undefined);
    vi.spyOn(stub.module.Notification.prototype, 'show').mockImplementation(() => {
      throw new Error('no notification server');
    });
    core.tell(ended());
    await settle();
    expect(told).toHaveBeenCalledOnce();
    told.mockRestore();
  });

  it('[E2-23] a deleted conversation is not told', async () => {
    const { stub } = await lookAway();
    core.answerWith(async (route) =>
      route === 'settings.get'
        ? ok({ notifyWhenDone: true })
        : { ok: false, error: { code: 'not_found', message: 'Gone.', retry: { kind: 'no' } } },
    );
    core.tell(ended());
    await settle();
    expect(stub.notices).toEqual([]);
  });

  it('[E2-23] is told by the real core too: a demo answer, by the name of its conversation', async () => {
    const { stub, sluice } = await launchShell();
    const info = await sluice.request('app.info', {});
    expect(info).toMatchObject({ ok: true, data: { abilities: { chooseFolder: true, notify: true } } });
    stub.windows[0]?.blur();
    await sluice.request('chat.run', { session_id: 'demo-1', input: '/echo Locks and gates' });
    await vi.waitFor(() => expect(stub.notices).toHaveLength(1), { timeout: 10_000 });
    expect(stub.notices[0]?.options).toEqual({ title: '/echo Locks and gates', body: 'The answer is ready.' });
    stub.app.quit();
    await vi.waitFor(() => expect(stub.app.hasQuit).toBe(true), { timeout: 10_000 });
  });

  it('[E2-23] the core knows whether this system shows notices', async () => {
    await launch();
    await launchShell({ compose: core.compose, showsNotices: false });
    const capabilities = core.composed.map((each) => (each as { capabilities: Record<string, unknown> }).capabilities);
    expect(capabilities.map((each) => 'notify' in each)).toEqual([true, false]);
  });
});

describe('the folder dialog', () => {
  const choose = (at = 0) =>
    (core.composed[at] as { capabilities: { chooseFolder: (title: string) => Promise<string | null> } }).capabilities
      .chooseFolder;

  it('[E6-09] stands above the window, offers folders only and answers with the path', async () => {
    const { stub } = await launch();
    stub.folders.answer = async () => ({ canceled: false, filePaths: ['/home/ada/project'] });
    expect(await choose()('Working\nfolder\u202e')).toBe('/home/ada/project');
    expect(stub.folderDialogs).toEqual([
      {
        parent: stub.windows[0],
        options: {
          title: 'Working folder',
          message: 'Working folder',
          properties: ['openDirectory', 'createDirectory'],
        },
      },
    ]);
  });

  it('[E6-09] that is closed without a choice answers with none', async () => {
    const { stub } = await launch();
    stub.folders.answer = async () => ({ canceled: true, filePaths: [] });
    expect(await choose()('Folder')).toBeNull();
  });

  it('[E6-09] opens once, however often it is asked for, and again after its answer', async () => {
    const { stub } = await launch();
    let close = (): void => undefined;
    stub.folders.answer = () =>
      new Promise((resolve) => {
        close = () => resolve({ canceled: false, filePaths: ['/a'] });
      });
    const both = [choose()('Folder'), choose()('Folder')];
    expect(stub.folderDialogs).toHaveLength(1);
    close();
    expect(await Promise.all(both)).toEqual(['/a', '/a']);
    void choose()('Folder');
    expect(stub.folderDialogs).toHaveLength(2);
  });

  it('[E6-09] a dialog that fails is told to its caller and does not block the next', async () => {
    const { stub } = await launch();
    stub.folders.answer = () => Promise.reject(new Error('no portal'));
    await expect(choose()('Folder')).rejects.toThrow('no portal');
    stub.folders.answer = async () => ({ canceled: true, filePaths: [] });
    expect(await choose()('Folder')).toBeNull();
  });
});

describe('the menu', () => {
  const item = (stub: Awaited<ReturnType<typeof launch>>['stub'], id: string) =>
    stub.menus
      .at(-1)
      ?.flatMap((menu) => menu.submenu ?? [])
      .find((each) => each.id === id);

  it('[E12] has the page carry a command out', async () => {
    const { stub, sluice } = await launch();
    const heard: ChatEvent[] = [];
    sluice.onEvent((event) => heard.push(event));
    item(stub, 'newChat')?.click?.();
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toMatchObject({ event: 'app.command', command: 'newChat', seq: 0 });
  });

  it('[E12] opens the window where there is none', async () => {
    becomeMac();
    const { stub } = await launch();
    stub.windows[0]?.close();
    item(stub, 'newChat')?.click?.();
    expect(stub.windows.filter((window) => !window.isDestroyed())).toHaveLength(1);
  });

  it('[E12] follows the settings: keys and language, as soon as they change', async () => {
    const { stub } = await launch();
    expect(item(stub, 'newChat')).toMatchObject({ label: 'New chat', accelerator: 'CommandOrControl+N' });
    core.settings.listener({ ...DEFAULT_SETTINGS, language: 'zh-CN', shortcuts: { newChat: 'Mod+J' } });
    expect(item(stub, 'newChat')).toMatchObject({ label: '新对话', accelerator: 'CommandOrControl+J' });
  });

  it('[E12] speaks the system’s language where none was chosen, and notices do too', async () => {
    const { stub } = await launchShell({ compose: core.compose, language: 'zh-Hant-TW' });
    expect(stub.menus.at(-1)?.[0]?.label).toBe('文件');
  });
});

describe('quitting', () => {
  it('[E1-01] waits for the core to store what is running, and asks it once', async () => {
    const { stub } = await launch();
    let stored = (): void => undefined;
    core.stopWith(
      new Promise((resolve) => {
        stored = resolve;
      }),
    );
    stub.app.quit();
    stub.app.quit();
    await vi.waitFor(() => expect(core.stops).toEqual(['quit']));
    expect(stub.app.hasQuit).toBe(false);
    stored();
    await vi.waitFor(() => expect(stub.app.hasQuit).toBe(true));
    expect(core.stops).toEqual(['quit']);
    expect(stub.handlers.has(IPC_REQUEST_CHANNEL)).toBe(false);
  });

  it('[E1-01] a core that does not end keeps nobody waiting for ever', async () => {
    const { stub } = await launch();
    vi.useFakeTimers();
    try {
      core.stopWith(new Promise(() => undefined));
      stub.app.quit();
      await vi.advanceTimersByTimeAsync(9_999);
      expect(stub.app.hasQuit).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(stub.app.hasQuit).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('[E1-01] a core that fails to end is told, and the application ends', async () => {
    const { stub } = await launch();
    const told = vi.spyOn(console, 'error').mockReturnValue(undefined);
    core.stopWith(Promise.reject(new Error('disk gone')));
    stub.app.quit();
    await vi.waitFor(() => expect(stub.app.hasQuit).toBe(true));
    expect(told).toHaveBeenCalledOnce();
    told.mockRestore();
  });

  it('[E1-01] a window that is closed while the application drains is not opened again', async () => {
    const { stub } = await launch();
    core.stopWith(new Promise(() => undefined));
    stub.app.quit();
    await vi.waitFor(() => expect(core.stops).toEqual(['quit']));
    stub.windows[0]?.close();
    stub.app.emit('activate');
    stub.app.emit('second-instance');
    expect(stub.windows).toHaveLength(1);
  });
});
