// Where the Electron binary is, whether a window could be shown, and the one try to fetch a missing binary.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, hint, ROOT, runTool } from './setup.mjs';

const FETCH_TIMEOUT_MS = 60_000;
const FAILED_STAMP = join(CACHE, 'electron-fetch-failed');

/**
 * Whether a window can be shown here. Linux needs a display server; macOS and Windows always have one.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} platform
 */
export function hasDisplay(env = process.env, platform = process.platform) {
  if (platform === 'darwin' || platform === 'win32') return true;
  return Boolean(env['DISPLAY']) || Boolean(env['WAYLAND_DISPLAY']);
}

/**
 * The path of the Electron binary, or null. `ELECTRON_EXEC_PATH` names the binary, `ELECTRON_OVERRIDE_DIST_PATH` its
 * folder; otherwise the one that `install-electron` put under node_modules. Never loads the `electron` package: on plain
 * Node that starts a download.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} root
 * @returns {string | null}
 */
export function findElectron(env = process.env, root = ROOT) {
  const named = env['ELECTRON_EXEC_PATH'];
  if (named) return existsSync(named) ? named : null;
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  const inside = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : null;
  const override = env['ELECTRON_OVERRIDE_DIST_PATH'];
  const binary = override
    ? join(override, inside ?? (process.platform === 'win32' ? 'electron.exe' : 'electron'))
    : inside === null
      ? null
      : join(folder, 'dist', inside);
  return binary !== null && existsSync(binary) ? binary : null;
}

/**
 * The binary, fetched if it is missing. A failed fetch is remembered: without a network every start would wait for it.
 *
 * @returns {Promise<string | null>}
 */
export async function findOrFetchElectron() {
  const found = findElectron();
  if (found !== null || existsSync(FAILED_STAMP)) return found;
  hint('The Electron binary is missing; fetching it once (at most a minute).');
  const { code } = await runTool(join('electron', 'install.js'), [], { capture: true, timeoutMs: FETCH_TIMEOUT_MS });
  const fetched = findElectron();
  if (fetched === null) {
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(FAILED_STAMP, `exit code ${code}\n`);
  }
  return fetched;
}
