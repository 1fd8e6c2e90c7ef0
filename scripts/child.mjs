// Child processes for the scripts: run to the end, keep the output, pass signals on, leave no orphan.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @type {Set<import('node:child_process').ChildProcess>} */
const live = new Set();
let listening = false;
let stopping = false;

/** True once the person asked this script to stop: nothing new is started then. */
export function isStopping() {
  return stopping;
}

/**
 * Passes SIGINT, SIGTERM and SIGHUP on to every live child. The script itself ends when its children have ended. A second
 * signal more than a second later means that a child does not listen: it is killed. (A terminal and npm both deliver the
 * same Ctrl-C, so two signals at once are one.)
 */
function passSignalsOn() {
  if (listening) return;
  listening = true;
  let firstMs = 0;
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    const nowMs = Date.now();
    if (stopping && nowMs - firstMs < 1000) return;
    const hard = stopping;
    if (!stopping) firstMs = nowMs;
    stopping = true;
    process.exitCode = exitCodeOf(null, signal);
    for (const child of live) child.kill(hard ? 'SIGKILL' : signal === 'SIGHUP' ? 'SIGTERM' : signal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  watchParent(() => onSignal('SIGTERM'));
}

/**
 * npm starts scripts through a shell, and a shell that is told to end does so without telling its child. Where npm started
 * this script, a parent that is gone means the same as SIGTERM; elsewhere a script may well outlive its shell.
 *
 * @param {() => void} onGone
 */
function watchParent(onGone) {
  if (process.env['npm_lifecycle_event'] === undefined || process.platform === 'win32') return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, 500);
  timer.unref();
}

/**
 * The exit code of a shell: the child's own, or 128 plus the number of the signal that ended it.
 *
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
export function exitCodeOf(code, signal) {
  if (code !== null) return code;
  return 128 + (signal === null ? 1 : (constants.signals[signal] ?? 1));
}

/**
 * Starts a child that receives this script's signals until it ends.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export function startChild(command, args, options) {
  passSignalsOn();
  const child = spawn(command, [...args], options);
  live.add(child);
  const forget = () => live.delete(child);
  child.once('exit', forget);
  child.once('error', forget);
  return child;
}

/**
 * @typedef {object} Ended
 * @property {number} code the exit code, 128 + n for a signal, 127 when it could not be started
 * @property {string} output what it wrote, both streams in the order they came; empty unless captured
 * @property {number} durationMs
 */

/**
 * Runs a command to its end. Never rejects: a command that cannot be started ends with code 127 and says why.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, capture?: boolean, toStderr?: boolean, timeoutMs?: number }} [options]
 *   `capture` keeps the output instead of showing it; `toStderr` shows the child's stdout on this script's stderr.
 * @returns {Promise<Ended>}
 */
export function run(command, args, options = {}) {
  const startedMs = Date.now();
  if (stopping) return Promise.resolve({ code: 130, output: '', durationMs: 0 });
  return new Promise((resolve) => {
    const stdout = options.capture === true ? 'pipe' : options.toStderr === true ? 2 : 'inherit';
    const child = startChild(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', stdout, options.capture === true ? 'pipe' : 'inherit'],
      // npm and npx are command files on Windows, which only a shell can start.
      shell: process.platform === 'win32' && /\.cmd$/i.test(command),
    });
    let output = '';
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      output += chunk.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const deadline =
      options.timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
    /** @param {number} code */
    const end = (code) => {
      clearTimeout(deadline);
      resolve({ code, output, durationMs: Date.now() - startedMs });
    };
    child.once('error', (error) => {
      output += `${command} could not be started: ${error.message}\n`;
      if (options.capture !== true) console.error(output);
      end(127);
    });
    child.once('close', (code, signal) => end(exitCodeOf(code, signal)));
  });
}
