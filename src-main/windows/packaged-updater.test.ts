import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Updater } from './update-desk.ts';

/** electron-updater as far as it is used, with its own defaults, and with the setter that allows older versions. */
class StubAutoUpdater extends EventEmitter {
  autoDownload = true;
  autoInstallOnAppQuit = true;
  autoRunAppAfterInstall = false;
  disableWebInstaller = false;
  allowPrerelease = false;
  allowDowngrade = false;
  requestHeaders: Record<string, string> | null = null;
  logger: unknown = console;
  readonly looks: object[] = [];
  readonly installs: unknown[][] = [];
  answer: unknown = null;
  token: { cancel(): void; onCancel(listener: () => void): void } | null = null;
  fetch: () => Promise<void> = () => Promise.resolve();
  #channel: string | null = null;

  get channel(): string | null {
    return this.#channel;
  }
  set channel(value: string | null) {
    this.#channel = value;
    this.allowDowngrade = true;
  }
  async checkForUpdates(): Promise<unknown> {
    const { channel, allowPrerelease, allowDowngrade, requestHeaders } = this;
    this.looks.push({ channel, allowPrerelease, allowDowngrade, requestHeaders });
    return this.answer;
  }
  downloadUpdate(token: NonNullable<StubAutoUpdater['token']>): Promise<void> {
    this.token = token;
    return this.fetch();
  }
  quitAndInstall(...args: unknown[]): void {
    this.installs.push(args);
  }
}

let stub: StubAutoUpdater;
let updater: Updater;
beforeEach(async () => {
  vi.resetModules();
  stub = new StubAutoUpdater();
  vi.doMock('electron-updater', () => ({ default: { autoUpdater: stub } }));
  updater = (await import('./packaged-updater.ts')).openPackagedUpdater();
  stub.answer = {
    isUpdateAvailable: true,
    updateInfo: { version: '2.0.0', releaseDate: '2026-11-01T00:00:00.000Z', files: [{ size: 90_000_000 }] },
  };
});

describe('electron-updater behind its few steps', () => {
  it('[E12] fetches nothing by itself and installs nothing with a quit', () => {
    expect([stub.autoDownload, stub.autoInstallOnAppQuit]).toEqual([false, false]);
  });

  it('[E12] names this computer to nobody', async () => {
    await updater.look('stable', false);
    expect(stub.looks[0]).toMatchObject({ requestHeaders: { 'x-user-staging-id': 'none' } });
  });

  it('[E12] never takes a lower version but where that was asked for, whatever the channel was', async () => {
    await updater.look('beta', false);
    await updater.look('stable', false);
    await updater.look('stable', true);
    expect(stub.looks).toMatchObject([
      { channel: 'beta', allowPrerelease: true, allowDowngrade: false },
      { channel: 'latest', allowPrerelease: false, allowDowngrade: false },
      { channel: 'latest', allowPrerelease: false, allowDowngrade: true },
    ]);
  });

  it('[E12] says what was found, and whether it is for this computer yet', async () => {
    expect(await updater.look('stable', false)).toEqual({
      found: { version: '2.0.0', sizeBytes: 90_000_000, releasedAtMs: Date.UTC(2026, 10, 1) },
      isOffered: true,
    });
    stub.answer = { isUpdateAvailable: false, updateInfo: { version: '2.0.0' } };
    expect(await updater.look('stable', false)).toEqual({
      found: { version: '2.0.0', sizeBytes: null, releasedAtMs: null },
      isOffered: false,
    });
    stub.answer = null;
    await expect(updater.look('stable', false)).rejects.toThrow('cannot update itself');
  });

  it('[E12] a download tells how far it is and can be stopped', async () => {
    const told: number[] = [];
    const stop = new AbortController();
    stub.fetch = () => new Promise((_resolve, reject) => stub.token?.onCancel(() => reject(new Error('cancelled'))));
    const fetching = updater.download((percent) => told.push(percent), stop.signal);
    stub.emit('download-progress', { percent: 12 });
    stop.abort();
    await expect(fetching).rejects.toThrow();
    stub.emit('download-progress', { percent: 13 });
    expect(told).toEqual([12]);
  });

  it('[E12] an installer that cannot be started is told', () => {
    const told: unknown[] = [];
    updater.install((thrown) => told.push(thrown));
    const failure = new Error('no');
    stub.emit('error', failure);
    expect([told, stub.installs]).toEqual([[failure], [[false, true]]]);
  });
});
