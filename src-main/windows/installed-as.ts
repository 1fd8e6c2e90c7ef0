import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import type { InstalledAs } from './update-way.ts';

/** How this copy came onto the computer, from what electron-builder put beside the application's archive. */
export function installedAs(): InstalledAs {
  const { platform, env } = process;
  // Only Electron sets it, whatever the types say.
  const folder = (process as { resourcesPath?: string }).resourcesPath ?? '';
  const typeFile = join(folder, 'package-type');
  return {
    platform,
    isPackaged: app.isPackaged,
    hasFeed: existsSync(join(folder, 'app-update.yml')),
    packageType: existsSync(typeFile) ? readFileSync(typeFile, 'utf8').trim() : null,
    env,
  };
}
