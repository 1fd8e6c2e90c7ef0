import type { UpdateWay } from '#contract/updates';

/** What is known of how this copy came onto the computer. */
export interface InstalledAs {
  platform: NodeJS.Platform;
  isPackaged: boolean;
  /** The package names a place where new versions are. */
  hasFeed: boolean;
  /** What electron-builder wrote beside a Linux package: `deb`, `rpm` …; null where there is no such file. */
  packageType: string | null;
  env: NodeJS.ProcessEnv;
}

/**
 * How this copy gets a new version. Only an AppImage, an installed Windows program and a macOS application can take the
 * place of themselves; a package belongs to the system's package manager, an archive to whoever unpacked it.
 *
 * `APPIMAGE` is set by the AppImage's own start, `PORTABLE_EXECUTABLE_FILE` by electron-builder's portable target
 * (electron-builder 26, read 2026-11).
 */
export function updateWay({ platform, isPackaged, hasFeed, packageType, env }: InstalledAs): UpdateWay {
  if (!isPackaged) return 'sources';
  if (env['PORTABLE_EXECUTABLE_FILE'] !== undefined) return 'portable';
  if (platform === 'linux' && env['APPIMAGE'] === undefined) return packageType === null ? 'archive' : 'deb';
  return hasFeed ? 'self' : 'unnamed';
}
