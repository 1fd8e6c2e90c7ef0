import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import type { InstalledAs } from './update-way.ts';

/** How this copy came onto the computer, from what electron-builder put beside the application's archive. */
export function installedAs(): InstalledAs {
  const { resourcesPath, platform, env } = process;
  const typeFile = join(resourcesPath ?? '', 'package-type');
  return {
    platform,
    isPackaged: app.isPackaged,
    hasFeed: existsSync(join(resourcesPath ?? '', 'app-update.yml')),
    packageType: existsSync(typeFile) ? readFileSync(typeFile, 'utf8').trim() : null,
    env,
  };
}
