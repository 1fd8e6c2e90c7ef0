// Set-up for every other script: packages as the lockfile says, a build of the sources as they are. Plain JavaScript on
// Node's own modules, because it runs before anything is installed and on any Node from 20 on.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './child.mjs';

/** The repository's folder. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** Where the scripts remember things between runs; goes with node_modules. */
export const CACHE = join(ROOT, 'node_modules', '.cache', 'sluice');
/** Where test runs leave their machine-readable reports. */
export const REPORTS = join(ROOT, 'test-results', 'reports');

/**
 * Flags of the Node that a headless host runs on. V8 lets the young generation grow to 134 MB under load, and the old one to
 * twice of what is held, and gives none of it back. With 16 MB a half the young one ends at 34 MB, the old one is collected
 * when it has grown by 80 %, and requests cost no more (docs/benchmarks.md, endpoints-memory).
 */
export const HOST_FLAGS = ['--max-semi-space-size=16', '--heap-growing-percent=80'];

/**
 * What glibc's allocator reads when such a host starts, and nobody else does: two arenas instead of eight a core, and memory
 * that is free at an arena's end goes back beyond 128 KB. 40 MB less after a load (docs/benchmarks.md, relay).
 */
const HOST_MEMORY = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/**
 * The environment of a headless host; what somebody chose for the allocator stays.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function hostEnv(env) {
  return { ...HOST_MEMORY, ...env };
}

const BUILD_STAMP = join('out', 'build-stamp.json');
const BUILD_OUTPUTS = [
  'out/main/electron.js',
  'out/main/headless.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
];
const SOURCE_FOLDERS = ['src-main', 'src-preload', 'src-renderer', 'resources'];
const SOURCE_FILES = ['electron.vite.config.ts', 'package.json', 'package-lock.json'];

/** A set-up step that failed, with the sentence to show; no stack trace helps there. */
export class SetupError extends Error {}

/** @param {string} line */
export function hint(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * The path of the Node that the project runs on, from the `node` package; null while nothing is installed.
 *
 * @param {string} root
 * @returns {string | null}
 */
export function findProjectNode(root = ROOT) {
  const path = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(path) ? path : null;
}

/** @returns {string} */
export function projectNode() {
  const path = findProjectNode();
  if (path !== null) return path;
  throw new SetupError(
    'The `node` package brought no Node binary. Its install script has to run: check that npm does not ignore scripts ' +
      '(`npm config get ignore-scripts`), remove node_modules and try again.',
  );
}

/**
 * The environment for children: the project's own tools and its Node come first on PATH.
 *
 * @param {NodeJS.ProcessEnv} extra
 * @returns {NodeJS.ProcessEnv}
 */
export function projectEnv(extra = {}) {
  const bin = join(ROOT, 'node_modules', '.bin');
  const separator = process.platform === 'win32' ? ';' : ':';
  const path = process.env['PATH'] ?? '';
  return { ...process.env, PATH: path.split(separator)[0] === bin ? path : `${bin}${separator}${path}`, ...extra };
}

/**
 * Runs a package's command-line script with the project's Node, without the shell files of `.bin`.
 *
 * @param {string} script path below node_modules
 * @param {readonly string[]} args
 * @param {NonNullable<Parameters<typeof run>[2]>} options
 */
export function runTool(script, args, options = {}) {
  return run(projectNode(), [join(ROOT, 'node_modules', script), ...args], {
    cwd: ROOT,
    env: projectEnv(),
    ...options,
  });
}

/**
 * Why the installed packages are not what the lockfile asks for, or null when they are. npm writes
 * `node_modules/.package-lock.json` at the very end of an install, so a broken-off install has none; versions are compared
 * because modification times say nothing in a fresh clone. Packages for other platforms are rightly absent.
 *
 * @param {unknown} wanted the parsed package-lock.json
 * @param {unknown} installed the parsed node_modules/.package-lock.json, null when there is none
 * @returns {string | null}
 */
export function whyInstall(wanted, installed) {
  if (installed === null) return 'nothing is installed yet';
  const present = packagesOf(installed);
  for (const [path, entry] of Object.entries(packagesOf(wanted))) {
    if (path === '' || entry.link === true) continue;
    const found = present[path];
    if (found === undefined) {
      if (entry.optional === true || entry.devOptional === true) continue;
      return `${path} is missing`;
    }
    if (found.version !== entry.version) return `${path} is ${found.version}, the lockfile says ${entry.version}`;
  }
  return null;
}

/**
 * @param {unknown} lock
 * @returns {Record<string, { version?: string, link?: boolean, optional?: boolean, devOptional?: boolean }>}
 */
function packagesOf(lock) {
  if (typeof lock !== 'object' || lock === null || !('packages' in lock)) return {};
  return /** @type {ReturnType<typeof packagesOf>} */ (lock.packages);
}

/**
 * A file's JSON, or null where there is no such file or no JSON in it.
 *
 * @param {string} path
 * @returns {unknown}
 */
export function readJson(path) {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * The Node that runs npm. `npm run` finds the project's own Node first, and `npm ci` removes it in mid-flight: then the
 * machine's own goes on.
 *
 * @param {string} running the path of the Node that runs now
 * @param {string} root the repository's folder
 * @param {readonly string[]} folders where programs are looked for
 * @param {(path: string) => boolean} exists
 */
export function lastingNode(running, root, folders, exists) {
  const packages = join(root, 'node_modules');
  const isOwn = (/** @type {string} */ path) => path === packages || path.startsWith(packages + sep);
  if (!isOwn(running)) return running;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return (
    folders
      .filter((folder) => folder !== '' && !isOwn(folder))
      .map((folder) => join(folder, name))
      .find(exists) ?? running
  );
}

/**
 * Runs npm, the one that runs this script where there is one. Its output goes to stderr. Throws SetupError.
 *
 * @param {string[]} args
 */
async function npm(args) {
  const path = process.env['npm_execpath'];
  const node = lastingNode(process.execPath, ROOT, (process.env['PATH'] ?? '').split(delimiter), existsSync);
  const { code } =
    path?.endsWith('.js') === true
      ? await run(node, [path, ...args], { cwd: ROOT, toStderr: true })
      : await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { cwd: ROOT, toStderr: true });
  if (code !== 0) throw new SetupError(`npm ${args[0]} failed with exit code ${code}; what it said stands above.`);
}

/** Installs the packages of the lockfile where they are missing or others. Throws SetupError. */
export async function ensureInstalled() {
  const reason =
    whyInstall(readJson(join(ROOT, 'package-lock.json')), readJson(join(ROOT, 'node_modules', '.package-lock.json'))) ??
    (findProjectNode() === null ? 'the project’s own Node is missing' : null);
  if (reason === null) return;
  const onWindowsInUse = process.platform === 'win32' && process.execPath.startsWith(join(ROOT, 'node_modules'));
  // `npm ci` removes node_modules first. Windows cannot remove the Node that runs this very script.
  const command = onWindowsInUse ? 'install' : 'ci';
  hint(`Set-up: npm ${command} (${reason}); this takes about half a minute.`);
  // Install scripts stay off: npm would run node-gyp for better-sqlite3, whose binaries lie in its package, and that wants
  // Python, a compiler and Node's headers. Only the project's own Node needs its script.
  await npm([command, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  await npm(['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error']);
  projectNode();
}

/**
 * Whether a file takes part in a build: tests, their support and documentation do not.
 *
 * @param {string} path with forward slashes, relative to the repository
 */
export function isBuildSource(path) {
  return !/\.test\.tsx?$|\/testing\/|\.md$|(^|\/)\.[^/]+$|~$/.test(path);
}

/**
 * One hash over every source's path and bytes. Contents instead of modification times: a clone, a branch switch and a
 * touched file all give the right answer, and reading the whole tree takes about 20 ms.
 *
 * @param {string} root
 * @returns {string}
 */
export function hashSources(root = ROOT) {
  const hash = createHash('sha256');
  for (const path of listSources(root)) {
    hash.update(`${path}\0`);
    hash.update(readFileSync(join(root, path)));
    hash.update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @returns {string[]} sorted, with forward slashes
 */
function listSources(root) {
  const found = SOURCE_FILES.filter((file) => existsSync(join(root, file)));
  for (const folder of SOURCE_FOLDERS) {
    if (!existsSync(join(root, folder))) continue;
    // Plain names instead of directory entries: those gained their parentPath only within Node 20.
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      const path = `${folder}/${name.split(sep).join('/')}`;
      if (!isBuildSource(path) || statSync(join(root, path), { throwIfNoEntry: false })?.isFile() !== true) continue;
      found.push(path);
    }
  }
  return found.sort();
}

/**
 * Why the build is not of these sources, or null when it is.
 *
 * @param {string} root
 * @param {string} sources the hash of the sources
 * @returns {string | null}
 */
export function whyBuild(root, sources) {
  const missing = BUILD_OUTPUTS.find((file) => !existsSync(join(root, file)));
  if (missing !== undefined) return `${missing} is missing`;
  const stamp = readJson(join(root, BUILD_STAMP));
  const built = typeof stamp === 'object' && stamp !== null && 'sources' in stamp ? stamp.sources : null;
  return built === sources ? null : 'the sources have changed';
}

/** Builds, whatever the last build was. Throws SetupError. */
export async function build() {
  // Taken before the build: a file that changes meanwhile makes the stamp old, not wrong.
  const sources = hashSources();
  forgetBuild();
  const { code, output } = await runTool(join('electron-vite', 'bin', 'electron-vite.js'), ['build'], {
    capture: true,
  });
  if (code !== 0) {
    process.stderr.write(output);
    throw new SetupError(`The build failed with exit code ${code}; what it said stands above.`);
  }
  mkdirSync(join(ROOT, 'out'), { recursive: true });
  writeFileSync(join(ROOT, BUILD_STAMP), `${JSON.stringify({ sources })}\n`);
}

/** Makes the next set-up build again, for whoever writes into `out` by another way. */
export function forgetBuild() {
  rmSync(join(ROOT, BUILD_STAMP), { force: true });
}

/** Builds when the sources are not those of the last build. Throws SetupError. */
export async function ensureBuilt() {
  const reason = whyBuild(ROOT, hashSources());
  if (reason === null) return;
  hint(`Set-up: building (${reason}).`);
  await build();
}

/**
 * Everything a command needs before it starts. Throws SetupError.
 *
 * @returns {Promise<string>} the path of the project's Node
 */
export async function setUp() {
  await ensureInstalled();
  await ensureBuilt();
  return projectNode();
}

/**
 * Runs a script's body; a failed set-up becomes one line and exit code 1.
 *
 * @param {() => Promise<number>} body returns the exit code
 */
export async function runScript(body) {
  try {
    const code = await body();
    if (code !== 0) process.exitCode = code;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    hint(error.message);
    process.exitCode ||= 1;
  }
}
