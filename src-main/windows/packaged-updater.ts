import { CancellationToken } from 'builder-util-runtime';
import updaters from 'electron-updater';
import type { FoundVersion } from '#contract/updates';
import type { Updater } from './update-desk.ts';

interface Info {
  version: string;
  releaseDate?: string;
  files?: readonly { size?: number }[];
}

function read(info: Info): FoundVersion {
  const releasedAtMs = Date.parse(info.releaseDate ?? '');
  return {
    version: info.version,
    sizeBytes: info.files?.find(({ size }) => size !== undefined)?.size ?? null,
    releasedAtMs: Number.isNaN(releasedAtMs) ? null : releasedAtMs,
  };
}

/**
 * electron-updater behind our own few steps. It is loaded with the first of them only.
 *
 * Of its own accord it would fetch what it finds, install it with the next quit, take an older version for an update after
 * a change of the channel, and name this computer by an id in each request; all four are switched off
 * (electron-updater 6.8, `AppUpdater`, read 2026-11).
 */
export function openPackagedUpdater(): Updater {
  const { autoUpdater } = updaters;
  autoUpdater.autoDownload = false;
  autoUpdater.autoInstallOnAppQuit = false;
  autoUpdater.autoRunAppAfterInstall = true;
  autoUpdater.disableWebInstaller = true;
  // What fails is told by the promises; without a listener the emitter would throw.
  autoUpdater.on('error', () => undefined);
  autoUpdater.logger = null;
  // The id decides on this computer whether a staged version is for it, and stays here.
  autoUpdater.requestHeaders = { 'x-user-staging-id': 'none' };

  return {
    async look(channel, allowOlder) {
      autoUpdater.channel = channel === 'beta' ? 'beta' : 'latest';
      autoUpdater.allowPrerelease = channel === 'beta';
      // After the channel, which switches it on.
      autoUpdater.allowDowngrade = allowOlder;
      const answer = await autoUpdater.checkForUpdates();
      if (answer === null) throw new Error('This copy of Sluice cannot update itself.');
      return { found: read(answer.updateInfo), isOffered: answer.isUpdateAvailable };
    },
    async download(onPercent, signal) {
      const token = new CancellationToken();
      const cancel = () => token.cancel();
      const tell = ({ percent }: { percent: number }) => onPercent(percent);
      signal.addEventListener('abort', cancel, { once: true });
      autoUpdater.on('download-progress', tell);
      try {
        await autoUpdater.downloadUpdate(token);
        signal.throwIfAborted();
      } finally {
        autoUpdater.off('download-progress', tell);
        signal.removeEventListener('abort', cancel);
      }
    },
    install(onFailure) {
      autoUpdater.on('error', onFailure);
      autoUpdater.quitAndInstall(false, true);
    },
  };
}
