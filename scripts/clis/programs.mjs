// The programs that the model endpoints are tried with: Claude Code and Codex from npm, the official SDKs for Python from pip.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, hint, SetupError } from '../setup.mjs';

const VERSIONS = { '@anthropic-ai/claude-code': '2.1.330', '@openai/codex': '0.169.0' };
const SDKS = ['anthropic', 'openai'];
const CLIS = process.env['SLUICE_CLI_DIR'] ?? join(CACHE, 'clis');
const RUN_WITHIN_MS = 120_000;
/** Some hundred megabytes, over whatever line there is. */
const INSTALL_WITHIN_MS = 20 * 60_000;

/**
 * Runs a program to its end, or kills it after a time, two minutes where none is given, and says so.
 *
 * @param {string} command @param {string[]} args @param {{ cwd: string, env: Record<string, string | undefined> }} options
 */
export async function runProgram(command, args, options, withinMs = RUN_WITHIN_MS) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (part) => (stdout += part));
  child.stderr.on('data', (part) => (stderr += part));
  child.once('error', (thrown) => (stderr += thrown.message));
  const timer = setTimeout(() => {
    stderr += `\n${command} was ended: it took longer than ${withinMs / 60_000} minutes.\n`;
    child.kill('SIGKILL');
  }, withinMs);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { code, stdout, stderr, said: stdout + stderr };
}

/** Installs both command-line programs, where they are not there in these versions yet. */
export async function installClis() {
  const entries = Object.entries(VERSIONS);
  // Looked for by what is run: an installation that was ended in the middle leaves the folders of the packages behind.
  if (Object.values(programPaths()).every((path) => existsSync(path))) return;
  mkdirSync(CLIS, { recursive: true });
  writeFileSync(join(CLIS, 'package.json'), '{"private": true}\n');
  const wanted = entries.map(([name, version]) => `${name}@${version}`);
  hint(`test:cli: installing ${wanted.join(' and ')}`);
  const { code, stderr } = await runProgram(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...wanted],
    { cwd: CLIS, env: process.env },
    INSTALL_WITHIN_MS,
  );
  if (code !== 0) throw new SetupError(`The programs could not be installed:\n${stderr}`);
}

/** @type {Record<string, string>} */
const TRIPLES = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'darwin-arm64': 'aarch64-apple-darwin',
  'darwin-x64': 'x86_64-apple-darwin',
};

/** Where the platform packages' own programs are: the wrappers want install scripts. */
function programPaths() {
  const { platform, arch } = process;
  const triple = TRIPLES[`${platform}-${arch}`] ?? '';
  const modules = join(CLIS, 'node_modules');
  return {
    claude: join(modules, '@anthropic-ai', `claude-code-${platform}-${arch}`, 'claude'),
    codex: join(modules, '@openai', `codex-${platform}-${arch}`, 'vendor', triple, 'bin', 'codex'),
  };
}

/** The programs that are run. */
export function cliPrograms() {
  const found = programPaths();
  for (const path of Object.values(found))
    if (!existsSync(path)) throw new SetupError(`There is no program at ${path}.`);
  return found;
}

/**
 * A Python with the newest official SDKs.
 *
 * @returns {Promise<{ python: string, versions: string } | { missing: string }>} why there is none, where there is none.
 */
export async function pythonWithSdks() {
  const folder = join(CLIS, 'python');
  const python = join(folder, 'bin', 'python3');
  const options = { cwd: CLIS, env: process.env };
  const list = [
    '-c',
    `from importlib.metadata import version\nprint([(n, version(n)) for n in ${JSON.stringify(SDKS)}])`,
  ];
  let versions = await runProgram(python, list, options);
  if (versions.code !== 0) {
    hint(`test:cli: installing ${SDKS.join(' and ')} for Python`);
    const made = await runProgram('python3', ['-m', 'venv', folder], options);
    if (made.code !== 0) return { missing: made.said };
    const installed = await runProgram(python, ['-m', 'pip', 'install', '-q', '--retries', '0', ...SDKS], options);
    if (installed.code !== 0) return { missing: installed.said };
    versions = await runProgram(python, list, options);
  }
  return versions.code === 0 ? { python, versions: versions.stdout.trim() } : { missing: versions.said };
}
