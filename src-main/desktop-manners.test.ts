import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ok } from '#contract/errors';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import { stubEvent } from './testing/electron-stub.ts';
import { launchShell } from './testing/launch-shell.ts';

/** A core with settings and conversations, as far as the shell asks for them. */
function stubCore() {
  let settings: Settings = DEFAULT_SETTINGS;
  const listeners = new Set<(settings: Settings) => void>();
  const asked: { route: string; payload: Record<string, unknown> }[] = [];
  const composed: { capabilities: { desktop: () => Record<string, unknown> } }[] = [];
  const stops: string[] = [];
  const busy = new Set<string>();
  const change = (values: Partial<Settings>) => {
    settings = { ...settings, ...values };
    for (const listener of listeners) listener(settings);
  };
  return {
    asked,
    composed,
    stops,
    busy,
    change,
    get settings() {
      return settings;
    },
    routes: () => asked.map(({ route }) => route),
    compose: async (options: unknown) => {
      composed.push(options as (typeof composed)[number]);
      return {
        router: {
          async dispatch(route: string, payload: Record<string, unknown>) {
            asked.push({ route, payload });
            if (route === 'settings.get') return ok(settings);
            if (route === 'settings.set') change(payload['values'] as Partial<Settings>);
            if (route === 'chat.abort') busy.delete(String(payload['session_id']));
            if (route === 'sessions.list') {
              const ids = payload['archived'] === true ? [] : [...busy];
              return ok({ sessions: [{ id: 'idle', state: 'idle' }, ...ids.map((id) => ({ id, state: 'running' }))] });
            }
            return ok({});
          },
          attach: () => undefined,
          detach: () => undefined,
        },
        onEvent: () => () => undefined,
        onSettings(listener: (settings: Settings) => void) {
          listeners.add(listener);
          listener(settings);
          return () => listeners.delete(listener);
        },
        start: async () => undefined,
        stop: async (reason: string) => {
          stops.push(reason);
        },
      };
    },
  };
}

let folder: string;
let core: ReturnType<typeof stubCore>;
const { platform } = process;
const become = (value: NodeJS.Platform) => Object.defineProperty(process, 'platform', { value });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-manners-'));
  vi.stubEnv('SLUICE_DATA_DIR', folder);
  vi.stubEnv('XDG_CONFIG_HOME', join(folder, 'config'));
  vi.stubEnv('APPIMAGE', undefined);
  core = stubCore();
});
afterEach(() => {
  become(platform);
  vi.useRealTimers();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const launch = (options: { hasTray?: boolean } = {}) => launchShell({ compose: core.compose, ...options });
const theWindow = ({ stub }: Awaited<ReturnType<typeof launch>>) => {
  const window = stub.windows.at(-1);
  if (window === undefined) throw new Error('There is no window.');
  return window;
};
const placesFile = () => join(folder, 'window', 'places.json');

describe('where the window stands', () => {
  it('[E12] it comes back to where it was closed, and maximised', async () => {
    const first = await launch();
    theWindow(first).bounds = { x: 100, y: 200, width: 900, height: 700 };
    theWindow(first).isMaximizedNow = true;
    theWindow(first).close();
    const again = await launch();
    expect(theWindow(again).options).toMatchObject({ x: 100, y: 200, width: 900, height: 700 });
    expect(theWindow(again).isMaximizedNow).toBe(true);
  });

  it('[E12] full screen is kept, and a damaged file costs the place and nothing else', async () => {
    const first = await launch();
    theWindow(first).isFullScreenNow = true;
    theWindow(first).close();
    expect(theWindow(await launch()).options['fullscreen']).toBe(true);
    writeFileSync(placesFile(), readFileSync(placesFile(), 'utf8').slice(0, -5));
    expect(theWindow(await launch()).options).toMatchObject({ width: 1240, height: 820, fullscreen: false });
  });

  it('[E12] a place on a display that is gone is not used, and the file is never half written', async () => {
    mkdirSync(join(folder, 'window'), { recursive: true });
    const place = { displays: '0,0,1,1', bounds: { x: 4000, y: 0, width: 900, height: 700 } };
    writeFileSync(placesFile(), JSON.stringify([place]));
    expect(theWindow(await launch()).options).toMatchObject({ x: 340, y: 145, width: 1240, height: 820 });
    expect(existsSync(`${placesFile()}.new`)).toBe(false);
  });
});

describe('the tray', () => {
  it('[E12] is not there until it is wanted; closing ends the window', async () => {
    const shell = await launch();
    expect(shell.stub.trays).toEqual([]);
    theWindow(shell).close();
    expect(theWindow(shell).isDestroyed()).toBe(true);
  });

  it('[E12] keeps a closed window, which comes back by the icon, and ends with Quit', async () => {
    const shell = await launch();
    core.change({ closeToTray: true });
    theWindow(shell).close();
    expect([theWindow(shell).isDestroyed(), theWindow(shell).isVisibleNow]).toEqual([false, false]);
    const [tray] = shell.stub.trays;
    const labels = tray?.menu.map(({ label }) => label);
    expect(labels).toEqual(['Show Sluice', 'New chat', 'Quick question', undefined, 'Quit']);
    tray?.menu[0]?.click?.();
    expect(theWindow(shell).isVisibleNow).toBe(true);
    tray?.menu[1]?.click?.();
    expect(theWindow(shell).loaded).toBe('app://sluice/#new');
    tray?.menu[4]?.click?.();
    await vi.waitFor(() => expect(shell.stub.app.hasQuit).toBe(true));
    expect(theWindow(shell).isDestroyed()).toBe(true);
  });

  it('[E12] that a desktop does not have never hides a window for good, and is told', async () => {
    const told = vi.spyOn(console, 'error').mockReturnValue(undefined);
    const shell = await launch({ hasTray: false });
    core.change({ closeToTray: true });
    expect(core.composed[0]?.capabilities.desktop()).toMatchObject({ tray: 'failed' });
    theWindow(shell).close();
    expect(theWindow(shell).isDestroyed()).toBe(true);
    told.mockRestore();
  });
});

describe('keys that are heard from anywhere', () => {
  it('[E12] are none by default, bring a new conversation forward, and are given back', async () => {
    const shell = await launch();
    expect(shell.stub.globalKeys.size).toBe(0);
    core.change({ quickKeys: 'Alt+Space' });
    shell.stub.globalKeys.get('Alt+Space')?.();
    expect(theWindow(shell).loaded).toBe('app://sluice/#new');
    expect(theWindow(shell).focused).toBe(1);
    core.change({ quickKeys: 'CommandOrControl+Alt+Q' });
    expect([...shell.stub.globalKeys.keys()]).toEqual(['CommandOrControl+Alt+Q']);
    core.change({ quickKeys: null });
    expect(shell.stub.globalKeys.size).toBe(0);
  });

  it('[E12] that another program has are told as taken, and taken once they are free', async () => {
    const { stub } = await launch();
    const state = () => core.composed[0]?.capabilities.desktop()['quickKeys'];
    stub.takenKeys.add('Alt+Space');
    core.change({ quickKeys: 'Alt+Space' });
    expect(state()).toBe('taken');
    stub.takenKeys.clear();
    core.change({ theme: 'dark' });
    expect(state()).toBe('on');
  });
});

describe('a start at login', () => {
  const entry = () => join(folder, 'config', 'autostart', 'sluice.desktop');

  it('[E12] is an autostart file on Linux, which goes again', async () => {
    become('linux');
    vi.stubEnv('APPIMAGE', '/home/ada/My "apps"/$x%f.AppImage');
    await launch();
    expect(existsSync(entry())).toBe(false);
    core.change({ openAtLogin: true });
    expect(readFileSync(entry(), 'utf8')).toContain('\nExec="/home/ada/My \\\\"apps\\\\"/\\\\$x%%f.AppImage"\n');
    core.change({ openAtLogin: false });
    expect(existsSync(entry())).toBe(false);
  });

  it('[E12] is the system’s own elsewhere, and the system has the last word', async () => {
    become('win32');
    const { stub } = await launch();
    core.change({ openAtLogin: true });
    expect(stub.app.loginItem).toBe(true);
    // Taken away in the system's settings: at the next start the setting follows.
    const before = core.settings;
    core = stubCore();
    core.change(before);
    await launch();
    await vi.waitFor(() => expect(core.settings.openAtLogin).toBe(false));
  });
});

describe('spelling', () => {
  it.each([
    ['linux', 'auto', false],
    ['win32', 'auto', false],
    ['darwin', 'auto', true],
    ['linux', 'on', true],
    ['darwin', 'off', false],
  ] as const)(
    '[E12] on %s with %s: %s, as a dictionary is fetched only where that was asked for',
    async (on, spellCheck, isOn) => {
      become(on);
      const { stub } = await launch();
      core.change({ spellCheck });
      expect(stub.session.isSpellChecked).toBe(isOn);
      expect(stub.session.spellLanguages).toEqual(isOn && on !== 'darwin' ? ['en-GB'] : []);
    },
  );

  const place = {
    misspelledWord: '',
    dictionarySuggestions: [] as string[],
    isEditable: false,
    selectionText: '',
    linkURL: '',
    editFlags: { canCut: true, canCopy: true, canPaste: true, canSelectAll: true },
  };
  const labels = (menu: { label?: string }[] | undefined) => menu?.map(({ label }) => label ?? '—');

  it('[E12] the right button offers suggestions, the dictionary and editing', async () => {
    const { stub, contents } = await launch();
    const misspelled = {
      ...place,
      isEditable: true,
      misspelledWord: 'slucie',
      dictionarySuggestions: ['sluice', 'slice'],
    };
    contents().emit('context-menu', {}, misspelled);
    const [menu] = stub.popups;
    expect(labels(menu)).toEqual(['sluice', 'slice', 'Add to dictionary', '—', 'Cut', 'Copy', 'Paste', 'Select all']);
    menu?.[0]?.click?.();
    menu?.[2]?.click?.();
    expect([contents().replaced, stub.session.learnt]).toEqual([['sluice'], ['slucie']]);
  });

  it('[E12] [E1-03] it copies a link that could be opened, and nothing else; an empty place has no menu', async () => {
    const { stub, contents } = await launch();
    contents().emit('context-menu', {}, place);
    contents().emit('context-menu', {}, { ...place, linkURL: 'javascript:alert(1)' });
    contents().emit('context-menu', {}, { ...place, linkURL: 'https://example.com', selectionText: 'words' });
    expect(stub.popups.map(labels)).toEqual([['Copy link', '—', 'Copy']]);
    stub.popups[0]?.[0]?.click?.();
    expect(stub.copied).toEqual(['https://example.com/']);
  });
});

describe('a link from outside', () => {
  const offered = () =>
    core.asked.filter(({ route }) => route === 'links.offer').map(({ payload }) => payload['address']);

  it('[E12] [E10-02] is handed to the core from a second start and from the system, and brings the window', async () => {
    const shell = await launch();
    expect(shell.stub.app.protocols).toEqual(['sluice']);
    shell.stub.app.emit('second-instance', {}, ['/usr/bin/sluice', '--flag', 'sluice://new?text=a']);
    const event = stubEvent({});
    shell.stub.app.emit('open-url', event, 'SLUICE://session?id=1');
    expect(event.defaultPrevented).toBe(true);
    expect(offered()).toEqual(['sluice://new?text=a', 'SLUICE://session?id=1']);
    expect(theWindow(shell).focused).toBeGreaterThan(0);
  });

  it('[E12] nothing else among the arguments is one, and an endless one is cut', async () => {
    const { stub } = await launch();
    stub.app.emit('second-instance', {}, ['--inspect', 'https://evil.example/?sluice:', 'x sluice://new']);
    stub.app.emit('second-instance', {}, [`sluice://new?text=${'x'.repeat(500_000)}`]);
    expect(offered().map((address) => String(address).length)).toEqual([100_000]);
  });
});

describe('a quit while answers are being made', () => {
  const quitWith = async (response: number, checkboxChecked = false) => {
    const shell = await launch();
    core.busy.add('s1');
    shell.stub.answers.next = async () => ({ response, checkboxChecked });
    shell.stub.app.quit();
    await vi.waitFor(() => expect(shell.stub.questions).toHaveLength(1));
    return shell;
  };

  it('[E12] asks, and not where there are none', async () => {
    const shell = await quitWith(2);
    expect(shell.stub.questions[0]).toMatchObject({
      parent: theWindow(shell),
      options: {
        message: 'An answer is being made.',
        cancelId: 2,
        buttons: ['Finish in the background', 'Stop and quit', 'Do not quit'],
      },
    });
    core.busy.clear();
    shell.stub.app.quit();
    await vi.waitFor(() => expect(shell.stub.app.hasQuit).toBe(true));
    expect(shell.stub.questions).toHaveLength(1);
  });

  it('[E12] taken back, changes nothing', async () => {
    const { stub } = await quitWith(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect([stub.app.hasQuit, core.stops, core.routes().includes('chat.abort')]).toEqual([false, [], false]);
    expect(core.busy.size).toBe(1);
  });

  it('[E12] stopping them pauses their queues first, stops each, and then ends', async () => {
    const { stub } = await quitWith(1, true);
    await vi.waitFor(() => expect(stub.app.hasQuit).toBe(true));
    const order = core.routes().filter((route) => route.startsWith('chat.'));
    expect(order).toEqual(['chat.queue_pause', 'chat.abort']);
    expect(core.stops).toEqual(['quit']);
    expect(core.settings.quitWhileBusy).toBe('stop');
  });

  it('[E12] finishing hides the window, starts nothing more, and ends with the last answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const shell = await quitWith(0);
    await vi.advanceTimersByTimeAsync(5000);
    expect(theWindow(shell).isVisibleNow).toBe(false);
    expect([shell.stub.app.hasQuit, core.stops]).toEqual([false, []]);
    expect(core.routes()).toContain('chat.queue_pause');
    core.busy.clear();
    await vi.advanceTimersByTimeAsync(1000);
    expect([shell.stub.app.hasQuit, core.stops]).toEqual([true, ['quit']]);
    expect(core.routes()).not.toContain('chat.abort');
  });

  it('[E12] a person who comes back meanwhile keeps the application', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const shell = await quitWith(0);
    await vi.advanceTimersByTimeAsync(1000);
    shell.stub.app.emit('second-instance');
    core.busy.clear();
    await vi.advanceTimersByTimeAsync(5000);
    expect([shell.stub.app.hasQuit, theWindow(shell).isVisibleNow]).toEqual([false, true]);
  });

  it('[E12] a remembered choice and a system that goes down ask nobody', async () => {
    const shell = await launch();
    core.busy.add('s1');
    core.change({ quitWhileBusy: 'stop' });
    shell.stub.app.quit();
    await vi.waitFor(() => expect(shell.stub.app.hasQuit).toBe(true));
    core = stubCore();
    const other = await launch();
    core.busy.add('s1');
    other.stub.powerMonitor.emit('shutdown');
    other.stub.app.quit();
    await vi.waitFor(() => expect(other.stub.app.hasQuit).toBe(true));
    expect([...shell.stub.questions, ...other.stub.questions]).toEqual([]);
    expect(core.routes()).not.toContain('chat.abort');
  });
});

describe('what leaves the window', () => {
  it.each([
    'https://user:secret@example.com/',
    'mailto:a@example.com,b@example.com',
    'mailto:a@example.com?attach=/etc/passwd',
    'mailto:a@example.com?bcc=spy@example.com',
    `https://example.com/?${'q'.repeat(3000)}`,
  ])('[E1-03] %s is asked about first, and opened only on a yes', async (address) => {
    const { stub, contents } = await launch();
    stub.answers.next = async () => ({ response: 0, checkboxChecked: false });
    contents().openHandler?.({ url: address });
    await vi.waitFor(() => expect(stub.questions).toHaveLength(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(stub.opened).toEqual([]);
    stub.answers.next = async () => ({ response: 1, checkboxChecked: false });
    contents().openHandler?.({ url: address });
    await vi.waitFor(() => expect(stub.opened).toHaveLength(1));
  });

  it('[E1-03] a page that opens one after the other is stopped by a question, and asks only once at a time', async () => {
    const { stub, contents } = await launch();
    stub.answers.next = () => new Promise(() => undefined);
    for (let at = 0; at < 50; at++) contents().openHandler?.({ url: `https://evil.example/${at}` });
    expect([stub.opened.length, stub.questions.length]).toEqual([5, 1]);
  });

  it.each([
    ['app://sluice/assets/index.js', true],
    ['data:image/png;base64,AA==', true],
    ['blob:app://sluice/0000', true],
    ['https://evil.example/', false],
    ['http://127.0.0.1:1/', false],
    ['ws://127.0.0.1:1/', false],
    ['file:///etc/passwd', false],
    ['app://sluice.example/', false],
    ['chrome-extension://x/y', false],
    ['ftp://evil.example/', false],
    ['', false],
  ])('[E1-03] a request for %j is let through: %s', async (url, isAllowed) => {
    const { stub } = await launch();
    const answers: unknown[] = [];
    stub.session.beforeRequest?.({ url }, (said) => answers.push(said));
    expect(answers).toEqual([{ cancel: !isAllowed }]);
  });

  it('[E1-03] no frame asks a server of its own for its address', async () => {
    const { contents } = await launch();
    expect(contents().webRtcPolicy).toBe('disable_non_proxied_udp');
  });

  it('[E1-03] only what the page made and attachments are saved', async () => {
    const { stub } = await launch();
    const saves = (url: string) => {
      const event = stubEvent({});
      stub.session.emit('will-download', event, { getURL: () => url });
      return !event.defaultPrevented;
    };
    expect(saves('blob:app://sluice/0000')).toBe(true);
    expect(saves('app://sluice/media/x')).toBe(true);
    for (const url of [
      'https://evil.example/x.exe',
      'data:text/html,x',
      'blob:https://evil.example/1',
      'file:///x',
      'blob:null/1',
    ])
      expect(saves(url), url).toBe(false);
    expect(stub.session.cleared).toEqual([['cookies', 'serviceworkers', 'cachestorage', 'filesystem']]);
  });
});
