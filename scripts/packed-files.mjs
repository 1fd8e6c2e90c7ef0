// What may and what must be in the packed application. Pure.

/** The archive without native parts: what every start reads its index of. */
const MOST_ASAR_BYTES = 15_000_000;

/** Without these the application does not start, count, search or draw. */
const NEEDED = [
  /^package\.json$/,
  /^out\/main\/electron\.js$/,
  /^out\/main\/headless\.js$/,
  /^out\/main\/store-worker\.js$/,
  /^out\/main\/token-worker\.js$/,
  /^out\/preload\/index\.cjs$/,
  /^out\/renderer\/index\.html$/,
  /^out\/renderer\/frames\/diagram\.html$/,
  /^out\/renderer\/frames\/mermaid\.js(\.gz)?$/,
  /^node_modules\/better-sqlite3\/lib\/index\.js$/,
  /^node_modules\/better-sqlite3\/prebuilds\/[a-z0-9]+-(x64|arm64)\.node$/,
  /^node_modules\/@napi-rs\/keyring\/index\.js$/,
  /^node_modules\/@napi-rs\/keyring-[a-z0-9-]+\/keyring\.[a-z0-9-]+\.node$/,
  /^LICENSE$/,
];

/** What belongs to the making of the application, and what may hold what nobody is to have. */
const FORBIDDEN = [
  { what: 'a source map', path: /\.map$/ },
  { what: 'a source file', path: /\.(tsx?|mts|cts)$/ },
  { what: 'a test', path: /(^|\/)(e2e|bench|test|tests|__tests__|testing|test-results)\/|\.(test|spec|bench)\./ },
  { what: 'a file of the workshop', path: /^(src-main|src-renderer|src-preload|scripts|docs|\.github|\.ci)\// },
  { what: 'a hidden file', path: /(^|\/)\.[^/]+$/ },
  {
    what: 'a key or a store',
    path: /\.(pem|key|p12|pfx|db|sqlite|sqlite3|log)$|(^|\/)(id_rsa|credentials)(\.[^/]*)?$/,
  },
];

/** What is needed of packages at all: everything else is bundled. */
const PACKAGES = /^node_modules\/(better-sqlite3|@napi-rs\/keyring(-[a-z0-9-]+)?)\//;

/**
 * @param {{ path: string, bytes: number, isUnpacked: boolean }[]} files of the archive, paths with forward slashes
 * @param {{ platform: string, arch: string }} target as Node names them
 * @returns {string[]} what is wrong, a sentence each; empty where nothing is
 */
export function judgePackedFiles(files, target) {
  const problems = [];
  for (const needed of NEEDED) {
    if (!files.some(({ path }) => needed.test(path))) problems.push(`Nothing matches ${needed.source}.`);
  }
  for (const { path, isUnpacked } of files) {
    for (const { what, path: forbidden } of FORBIDDEN) {
      if (forbidden.test(path)) problems.push(`${path} is ${what}.`);
    }
    if (path.startsWith('node_modules/') && !PACKAGES.test(path))
      problems.push(`${path} is of a package that is bundled.`);
    if (!path.endsWith('.node')) continue;
    if (!isUnpacked) problems.push(`${path} is native and cannot be loaded from within the archive.`);
    if (!path.includes(`${target.platform}-${target.arch}`)) problems.push(`${path} is for another system.`);
  }
  const bytes = asarBytes(files);
  if (bytes > MOST_ASAR_BYTES) problems.push(`The archive has ${bytes} bytes; ${MOST_ASAR_BYTES} are allowed.`);
  return problems;
}

/** @param {{ bytes: number, isUnpacked: boolean }[]} files */
export function asarBytes(files) {
  return files.reduce((sum, { bytes, isUnpacked }) => sum + (isUnpacked ? 0 : bytes), 0);
}
