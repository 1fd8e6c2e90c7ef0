// npm start: the desktop application where it can be shown, otherwise the headless host and its address.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeOf, startChild } from './child.mjs';
import { findElectron, findOrFetchElectron, hasDisplay } from './electron-binary.mjs';
import { HOST_FLAGS, hint, hostEnv, projectEnv, ROOT, readJson, runScript, SetupError, setUp } from './setup.mjs';
import { chooseHost, parseListening, readStartOptions, START_HELP } from './start-options.mjs';

/**
 * Waits for a child's end.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function exitOf(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      hint(`It could not be started: ${error.message}`);
      resolve(127);
    });
    child.once('close', (code, signal) => resolve(exitCodeOf(code, signal)));
  });
}

/**
 * The owner's token of a headless host: from the environment or from the data directory's private file.
 *
 * @param {string | null} dataDir
 * @returns {string | null}
 */
function readToken(dataDir) {
  const given = process.env['SLUICE_TOKEN'];
  if (given) return given;
  const file = dataDir === null ? null : join(dataDir, 'token');
  return file !== null && existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

/** @param {string} node */
function startHeadless(node) {
  const child = startChild(node, [...HOST_FLAGS, join(ROOT, 'out', 'main', 'headless.js')], {
    cwd: process.cwd(),
    env: hostEnv(projectEnv()),
    // The host ends when this channel breaks: not even a SIGKILL here leaves it behind.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    // A group of its own: Ctrl-C in a terminal reaches this script alone, which passes it on once.
    detached: process.platform !== 'win32',
  });
  let line = '';
  let announced = false;
  child.stdout?.on('data', (/** @type {Buffer} */ chunk) => {
    process.stdout.write(chunk);
    if (announced) return;
    line += chunk.toString();
    const end = line.indexOf('\n');
    if (end < 0) return;
    announced = true;
    const listening = parseListening(line.slice(0, end));
    if (listening === null) return;
    const token = readToken(listening.dataDir ?? (process.env['SLUICE_DATA_DIR'] || null));
    const fragment = token === null ? '' : `/#token=${encodeURIComponent(token)}`;
    process.stdout.write(`Sluice is running: ${listening.url}${fragment}\n`);
    process.stdout.write('Open this address in a browser on this machine. Ctrl-C stops it.\n');
  });
  return exitOf(child);
}

/**
 * @param {string} binary
 * @param {readonly string[]} passedOn
 */
function startElectron(binary, passedOn) {
  // ELECTRON_RUN_AS_NODE, as editors set it for their own children, would start a plain Node instead of the application.
  const { ELECTRON_RUN_AS_NODE: _asNode, ...env } = projectEnv();
  return exitOf(startChild(binary, [ROOT, ...passedOn], { cwd: process.cwd(), env, stdio: 'inherit' }));
}

process.stdout.on('error', () => {
  // The reader of a pipe went away: the host goes on, nobody reads its lines.
});

await runScript(async () => {
  const options = readStartOptions(process.argv.slice(2), process.env);
  if ('problem' in options) throw new SetupError(`${options.problem}\n${START_HELP}`);
  if (options.help) {
    process.stdout.write(`${START_HELP}\n`);
    return 0;
  }
  if (options.version) {
    const manifest = /** @type {{ version: string }} */ (readJson(join(ROOT, 'package.json')));
    process.stdout.write(`Sluice ${manifest.version}\n`);
    return 0;
  }
  const node = await setUp();
  if (options.asked.length > 0 && options.host !== 'electron') {
    const entry = join(ROOT, 'out', 'main', 'headless.js');
    process.exitCode = await exitOf(
      startChild(node, [entry, ...options.asked], { cwd: process.cwd(), env: projectEnv(), stdio: 'inherit' }),
    );
    return process.exitCode;
  }
  const display = hasDisplay();
  const wantsElectron = options.host === 'electron' || (options.host === null && display);
  const binary = wantsElectron ? await findOrFetchElectron() : findElectron();
  const choice = chooseHost({ wanted: options.host, display, binary: binary !== null });
  if ('problem' in choice) throw new SetupError(choice.problem);
  if (choice.reason !== null) hint(choice.reason);
  const code =
    choice.host === 'electron' && binary !== null
      ? await startElectron(binary, [...options.passedOn, ...options.asked])
      : await startHeadless(node);
  // The host's own code counts, also after Ctrl-C: a host that ended in order ends this command in order.
  process.exitCode = code;
  return code;
});
