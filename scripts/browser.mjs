// Finds a Chromium for the end-to-end tests, and on a bare Debian installs one when it may.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from './child.mjs';
import { hint } from './setup.mjs';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];

export const NO_BROWSER =
  'The end-to-end tests need a Chromium. Install one (Debian: `apt-get install chromium`; macOS and Windows: Google ' +
  'Chrome; anywhere: `npx playwright install chromium`) or set CHROMIUM_PATH to its binary.';

/**
 * Every place where a browser may be, the person's own choice first.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} platform
 * @param {string} home
 * @returns {string[]}
 */
export function browserCandidates(env, platform, home) {
  const suffix = platform === 'win32' ? '.exe' : '';
  const onPath = (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => COMMANDS.map((command) => join(folder, command + suffix)));
  /** @type {string[]} */
  let usual = [];
  if (platform === 'darwin') {
    const names = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
    usual = ['/Applications', join(home, 'Applications')].flatMap((folder) =>
      names.map((name) => join(folder, `${name}.app`, 'Contents', 'MacOS', name)),
    );
  } else if (platform === 'win32') {
    const folders = [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']];
    usual = folders
      .filter((folder) => folder !== undefined && folder !== '')
      .flatMap((folder) => [
        join(folder ?? '', 'Google', 'Chrome', 'Application', 'chrome.exe'),
        join(folder ?? '', 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
      ]);
  }
  return [...onPath, ...usual];
}

/**
 * Chromium as Playwright's own installer leaves it, the newest first.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} platform
 * @param {string} home
 * @returns {string[]}
 */
function playwrightCandidates(env, platform, home) {
  const folder =
    env['PLAYWRIGHT_BROWSERS_PATH'] ??
    (platform === 'darwin'
      ? join(home, 'Library', 'Caches', 'ms-playwright')
      : platform === 'win32'
        ? join(env['LOCALAPPDATA'] ?? home, 'ms-playwright')
        : join(home, '.cache', 'ms-playwright'));
  if (!existsSync(folder)) return [];
  const inside =
    platform === 'darwin'
      ? ['chrome-mac', 'chrome-mac-arm64', 'chrome-mac-x64'].map((part) =>
          join(part, 'Chromium.app', 'Contents', 'MacOS', 'Chromium'),
        )
      : platform === 'win32'
        ? ['chrome-win', 'chrome-win64'].map((part) => join(part, 'chrome.exe'))
        : ['chrome-linux', 'chrome-linux64'].map((part) => join(part, 'chrome'));
  return readdirSync(folder)
    .filter((name) => /^chromium-\d+$/.test(name))
    .sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)))
    .flatMap((name) => inside.map((path) => join(folder, name, path)));
}

/**
 * The browser to test with, or null. A `CHROMIUM_PATH` that leads nowhere is an error of its own: the person named a
 * browser and would get another.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ path: string } | { problem: string }}
 */
export function findBrowser(env = process.env) {
  const named = env['CHROMIUM_PATH'];
  if (named)
    return existsSync(named) ? { path: named } : { problem: `CHROMIUM_PATH names ${named}, which is not there.` };
  const home = homedir();
  const path = [
    ...browserCandidates(env, process.platform, home),
    ...playwrightCandidates(env, process.platform, home),
  ].find((candidate) => existsSync(candidate));
  return path === undefined ? { problem: NO_BROWSER } : { path };
}

function mayUseApt() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID(_LIKE)?=.*\bdebian\b/m.test(release) && existsSync('/usr/bin/apt-get');
}

/**
 * The browser to test with; as root on Debian it is installed when there is none.
 *
 * @returns {Promise<{ path: string } | { problem: string }>}
 */
export async function findOrInstallBrowser() {
  const found = findBrowser();
  if ('path' in found || process.env['CHROMIUM_PATH'] || !mayUseApt()) return found;
  hint('Set-up: no Chromium here; installing Debian’s (apt-get install chromium).');
  const options = { toStderr: true, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: 600_000 };
  const update = await run('apt-get', ['update', '-qq'], options);
  if (update.code === 0) await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
  return findBrowser();
}
