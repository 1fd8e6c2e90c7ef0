import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failed, ok } from '#contract/errors';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import type { HostUpdates } from './platform/host-capabilities.ts';
import { stubEvent } from './testing/electron-stub.ts';
import { launchShell } from './testing/launch-shell.ts';

type Look = { found: { version: string; sizeBytes: null; releasedAtMs: null }; isOffered: boolean };

interface StubCore {
  log: string[];
  busy: boolean;
  backupFails: boolean;
  received: Buffer[];
  updates: HostUpdates | null;
  change(values: Partial<Settings>): void;
  compose(options: { capabilities: { updates: HostUpdates } }): Promise<unknown>;
}

/** A core as far as updates and handed-in files ask for it. */
function stubCore(): StubCore {
  let settings: Settings = DEFAULT_SETTINGS;
  const listeners = new Set<(settings: Settings) => void>();
  return {
    log: [],
    busy: false,
    backupFails: false,
    received: [],
    updates: null,
    change(values: Partial<Settings>) {
      settings = { ...settings, ...values };
      for (const listener of listeners) listener(settings);
    },
    async compose(options) {
      this.updates = options.capabilities.updates;
      return {
        router: {
          dispatch: async (route: string, payload: Record<string, unknown>) => {
            if (route.startsWith('data.')) this.log.push(`${route} ${String(payload['reason'] ?? '')}`.trim());
            switch (route) {
              case 'settings.get':
                return ok(settings);
              case 'sessions.list':
                return ok({ sessions: this.busy ? [{ id: 's', state: 'running' }] : [] });
              case 'data.backUp':
                return this.backupFails
                  ? failed({ code: 'storage_full', message: 'The disk is full.', retry: { kind: 'no' } })
                  : ok({});
              case 'data.importBegin':
                return payload['sizeBytes'] === 4
                  ? failed({ code: 'queue_full', message: 'Several files wait.', retry: { kind: 'no' } })
                  : ok({ importId: 'i1', chunkBytes: 8 });
              case 'data.importAppend':
                this.received.push(Buffer.from(String(payload['data']), 'base64'));
                return ok({ receivedBytes: Buffer.concat(this.received).length });
              default:
                return ok({});
            }
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
        stop: async () => {
          core.log.push('stopped');
        },
      };
    },
  };
}

/** What fetches and installs, played. */
function stubUpdater() {
  return {
    loads: 0,
    looks: [] as unknown[][],
    next: { found: { version: '9.0.0', sizeBytes: null, releasedAtMs: null }, isOffered: true } as Look | Error,
    finish: () => undefined as void,
    async look(...args: unknown[]): Promise<Look> {
      this.looks.push(args);
      if (this.next instanceof Error) throw this.next;
      return this.next;
    },
    download(onPercent: (percent: number) => void, signal: AbortSignal): Promise<void> {
      onPercent(40);
      return new Promise((resolve, reject) => {
        this.finish = resolve;
        signal.addEventListener('abort', () => reject(new Error('cancelled')));
      });
    },
    install(onFailure: (thrown: unknown) => void): void {
      core.log.push('installed');
      installFailed = onFailure;
    },
  };
}

let folder: string;
let core: StubCore;
let source: ReturnType<typeof stubUpdater>;
let installFailed: (thrown: unknown) => void;
const { platform, resourcesPath } = process;
const become = (name: 'platform' | 'resourcesPath', value: unknown) =>
  Object.defineProperty(process, name, { value, configurable: true });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-updates-'));
  writeFileSync(join(folder, 'app-update.yml'), 'provider: generic\n');
  vi.stubEnv('SLUICE_DATA_DIR', join(folder, 'data'));
  vi.stubEnv('APPIMAGE', '/home/ada/Sluice.AppImage');
  become('platform', 'linux');
  become('resourcesPath', folder);
  vi.spyOn(console, 'error').mockReturnValue(undefined);
  core = stubCore();
  source = stubUpdater();
  vi.doMock('./windows/packaged-updater.ts', () => ({
    openPackagedUpdater: () => {
      source.loads += 1;
      return source;
    },
  }));
});
afterEach(() => {
  become('platform', platform);
  become('resourcesPath', resourcesPath);
  vi.doUnmock('./windows/packaged-updater.ts');
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const launch = () => launchShell({ compose: (options) => core.compose(options as never) });
function updates(): HostUpdates {
  if (core.updates === null) throw new Error('The host offers no updates.');
  return core.updates;
}
const reaches = (phase: string) => vi.waitFor(() => expect(updates().state().phase).toBe(phase));
async function fetched() {
  const shell = await launch();
  updates().check();
  await reaches('available');
  updates().download(false);
  await vi.waitFor(() => expect(updates().state().percent).toBe(40));
  source.finish();
  await reaches('ready');
  return shell;
}

describe('new versions', () => {
  it('[E12] nothing is loaded and nobody is asked until a person says so', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await launch();
    await vi.advanceTimersByTimeAsync(3 * 86_400_000);
    core.change({ updateChecks: 'off' });
    await vi.advanceTimersByTimeAsync(3 * 86_400_000);
    expect([source.loads, updates().state()]).toMatchObject([0, { way: 'self', phase: 'idle', checkedAtMs: null }]);
  });

  it('[E12] once agreed to, it is looked a minute later and then daily, and no more when it is taken back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await launch();
    core.change({ updateChecks: 'on', updateChannel: 'beta' });
    await vi.advanceTimersByTimeAsync(59_000);
    expect(source.looks).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(source.looks).toEqual([['beta', false]]);
    await vi.advanceTimersByTimeAsync(2 * 86_400_000);
    expect(source.looks).toHaveLength(3);
    core.change({ updateChecks: 'off' });
    await vi.advanceTimersByTimeAsync(5 * 86_400_000);
    expect(source.looks).toHaveLength(3);
    // What was found was looked at and nothing else.
    expect([updates().state().phase, core.log]).toEqual(['available', []]);
  });

  it('[E12] a look that fails says why, and the next one may succeed', async () => {
    await launch();
    source.next = Object.assign(new Error('x'), { code: 'ENOTFOUND' });
    updates().check();
    await vi.waitFor(() => expect(updates().state().problem?.kind).toBe('offline'));
    source.next = { found: { version: '0.0.0-test', sizeBytes: null, releasedAtMs: null }, isOffered: false };
    updates().check();
    await reaches('current');
    expect(updates().state()).toMatchObject({ problem: null, found: { version: '0.0.0-test' } });
  });

  it('[E12] an older version is shown as one, is no update, and is fetched only when it is asked for as such', async () => {
    await launch();
    source.next = { found: { version: '0.0.0-alpha', sizeBytes: null, releasedAtMs: null }, isOffered: false };
    updates().check();
    await reaches('older');
    expect(() => updates().download(false)).toThrow();
    expect(source.looks).toEqual([['stable', false]]);
    updates().download(true);
    await vi.waitFor(() =>
      expect(source.looks).toEqual([
        ['stable', false],
        ['stable', true],
      ]),
    );
  });

  it('[E12] another version than the one that was shown is not fetched', async () => {
    await launch();
    updates().check();
    await reaches('available');
    source.next = { found: { version: '9.1.0', sizeBytes: null, releasedAtMs: null }, isOffered: true };
    updates().download(false);
    await vi.waitFor(() => expect(updates().state().problem?.message).toContain('9.1.0'));
    expect(updates().state().phase).toBe('available');
  });

  it('[E12] a download can be stopped and begun again', async () => {
    await launch();
    updates().check();
    await reaches('available');
    updates().download(false);
    await vi.waitFor(() => expect(updates().state().percent).toBe(40));
    updates().cancel();
    await reaches('available');
    expect(updates().state().problem).toBeNull();
    updates().download(false);
    await reaches('downloading');
  });

  it('[E12] nothing is installed that was not fetched', async () => {
    await launch();
    expect(() => updates().install()).toThrow();
    expect(core.log).toEqual([]);
  });

  it('[E12] an install makes a backup, stores what there is, and only then ends', async () => {
    const { stub } = await fetched();
    updates().install();
    await vi.waitFor(() => expect(core.log).toEqual(['data.backUp upgrade', 'stopped', 'installed']));
    // What electron-updater does next.
    stub.app.quit();
    expect(stub.app.hasQuit).toBe(true);
    expect(core.log).toHaveLength(3);
  });

  it('[E12] without a backup nothing is installed, and the sentence says so', async () => {
    await fetched();
    core.backupFails = true;
    updates().install();
    await reaches('ready');
    await vi.waitFor(() =>
      expect(updates().state().problem).toEqual({ during: 'install', kind: 'backup', message: 'The disk is full.' }),
    );
    expect(core.log).toEqual(['data.backUp'].map((each) => `${each} upgrade`));
  });

  it('[E12] while answers are being made it asks as a quit does, and a no keeps everything as it is', async () => {
    const { stub } = await fetched();
    core.busy = true;
    stub.answers.next = async () => ({ response: 2, checkboxChecked: false });
    updates().install();
    await vi.waitFor(() => expect(stub.questions).toHaveLength(1));
    await reaches('ready');
    expect([core.log, stub.app.hasQuit]).toEqual([[], false]);
  });

  it('[E12] answers that finished in the background, and then no backup: the window comes back', async () => {
    const { stub } = await fetched();
    core.busy = true;
    core.backupFails = true;
    stub.answers.next = async () => {
      // They end while the question stands.
      core.busy = false;
      return { response: 0, checkboxChecked: false };
    };
    updates().install();
    await vi.waitFor(() => expect(updates().state().problem?.kind).toBe('backup'));
    await vi.waitFor(() => expect(stub.windows[0]?.isVisibleNow).toBe(true));
    expect(stub.windows[0]?.focused).toBeGreaterThan(0);
    expect(stub.app.hasQuit).toBe(false);
  });

  it('[E12] an installer that does not start brings the old version back', async () => {
    const { stub } = await fetched();
    updates().install();
    await vi.waitFor(() => expect(core.log).toContain('installed'));
    installFailed(new Error('spawn EACCES'));
    expect([stub.app.relaunches, stub.app.exitCode]).toEqual([1, 1]);
    expect(stub.calls.join()).toContain('The update was not installed');
  });

  it('[E12] a copy that a package manager owns says so and refuses', async () => {
    vi.stubEnv('APPIMAGE', undefined);
    writeFileSync(join(folder, 'package-type'), 'deb');
    await launch();
    expect(updates().state().way).toBe('deb');
    expect(() => updates().check()).toThrow(/updated by whatever installed it/);
    expect(source.loads).toBe(0);
  });
});

describe('an export that is opened with Sluice', () => {
  const file = (name: string, bytes: string) => {
    mkdirSync(join(folder, 'files'), { recursive: true });
    const path = join(folder, 'files', name);
    writeFileSync(path, bytes);
    return path;
  };

  it('[E12] is handed in whole and shown for a look; nothing is imported by it', async () => {
    const shell = await launch();
    const path = file('talks.sluice', 'twenty bytes of text');
    shell.stub.app.emit('second-instance', {}, ['/usr/bin/sluice', '--flag', 'talks.sluice'], join(folder, 'files'));
    await vi.waitFor(() => expect(shell.stub.windows[0]?.loaded).toBe('app://sluice/#import=i1'));
    expect(Buffer.concat(core.received)).toEqual(readFileSync(path));
    expect(core.log).toEqual(['data.importBegin', ...Array.from({ length: 3 }, () => 'data.importAppend')]);
  });

  it('[E12] comes by the event of macOS, too, and nothing else does', async () => {
    const shell = await launch();
    const event = stubEvent({});
    shell.stub.app.emit('open-file', event, file('Talks.SLUICE', 'eight by'));
    expect(event.defaultPrevented).toBe(true);
    await vi.waitFor(() => expect(shell.stub.windows[0]?.loaded).toBe('app://sluice/#import=i1'));
    const before = core.log.length;
    shell.stub.app.emit('open-file', stubEvent({}), file('keys.json', '{}'));
    shell.stub.app.emit('second-instance', {}, ['/x/a.sluice', '--open=b.sluice', 'sluice://new', 'c.sluice.exe'], '/');
    await new Promise((resolve) => setImmediate(resolve));
    expect(core.log).toHaveLength(before);
  });

  it('[E12] that cannot be taken is told in a sentence, and leaves nothing behind', async () => {
    const shell = await launch();
    shell.stub.app.emit('open-file', stubEvent({}), file('a.sluice', 'four'));
    await vi.waitFor(() => expect(shell.stub.calls.join()).toContain('Several files wait.'));
    mkdirSync(join(folder, 'b.sluice'));
    shell.stub.app.emit('open-file', stubEvent({}), join(folder, 'b.sluice'));
    await vi.waitFor(() => expect(shell.stub.calls.join()).toMatch(/is not a file|EISDIR/));
    shell.stub.app.emit('open-file', stubEvent({}), join(folder, 'gone.sluice'));
    await vi.waitFor(() => expect(shell.stub.calls.join()).toContain('ENOENT'));
    expect(core.log).toEqual(['data.importBegin']);
  });
});
