// npm run dev: builds after every change and starts the host again: the desktop application where it can be shown, otherwise
// the headless host. There is no development server: its inline scripts and its second origin would need holes in the
// page's security policy and in the sender check, and a whole build takes three seconds.
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { isStopping, startChild } from './child.mjs';
import { findElectron, hasDisplay } from './electron-binary.mjs';
import {
  ensureBuilt,
  ensureInstalled,
  hint,
  isBuildSource,
  projectEnv,
  projectNode,
  ROOT,
  runScript,
  SetupError,
} from './setup.mjs';

/** An editor that saves writes several times in a row. */
const QUIET_MS = 200;

/** @returns {[string, string[]]} */
function hostCommand() {
  const binary = findElectron();
  if (binary !== null && hasDisplay()) return [binary, [ROOT]];
  hint(`No ${binary === null ? 'Electron binary' : 'display'} here: running the headless host.`);
  return [projectNode(), [join(ROOT, 'out', 'main', 'headless.js')]];
}

/**
 * Keeps one host running.
 *
 * @param {[string, string[]]} command
 */
function keepHost([command, args]) {
  /** @type {Promise<void>} */
  let ended = Promise.resolve();
  /** @type {import('node:child_process').ChildProcess | null} */
  let child = null;
  return {
    async restart() {
      child?.kill('SIGTERM');
      await ended;
      if (isStopping()) return;
      const started = startChild(command, args, {
        cwd: ROOT,
        env: projectEnv(),
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      child = started;
      ended = new Promise((resolve) => {
        started.once('error', (error) => {
          hint(error.message);
          resolve();
        });
        started.once('exit', () => resolve());
      });
    },
  };
}

await runScript(async () => {
  await ensureInstalled();
  const host = keepHost(hostCommand());
  let working = false;
  let again = false;
  const update = async () => {
    if (working) {
      again = true;
      return;
    }
    working = true;
    do {
      again = false;
      try {
        await ensureBuilt();
        await host.restart();
      } catch (error) {
        // A source that does not build is the normal state of somebody typing: the host goes on as it is.
        if (!(error instanceof SetupError)) throw error;
        hint(error.message);
      }
    } while (again && !isStopping());
    working = false;
  };
  /** @type {NodeJS.Timeout | undefined} */
  let quiet;
  const watchers = ['src-main', 'src-preload', 'src-renderer', 'resources']
    .map((folder) => join(ROOT, folder))
    .filter((folder) => existsSync(folder))
    .map((folder) =>
      watch(folder, { recursive: true }, (_event, name) => {
        if (name === null || !isBuildSource(name.replaceAll('\\', '/'))) return;
        clearTimeout(quiet);
        quiet = setTimeout(() => void update(), QUIET_MS);
      }),
    );
  const stop = () => {
    clearTimeout(quiet);
    for (const watcher of watchers) watcher.close();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await update();
  hint('Watching the sources; Ctrl-C stops.');
  return 0;
});
