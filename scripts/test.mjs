// npm test: set-up, npm run check, npm run e2e. The last line is the sum of everything that was tested.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findOrInstallBrowser } from './browser.mjs';
import { isStopping, run } from './child.mjs';
import { addCounts, formatCounts, judgeRun, NO_COUNTS, playwrightCounts, secondTries } from './counts.mjs';
import {
  ensureBuilt,
  ensureInstalled,
  hint,
  projectEnv,
  projectNode,
  REPORTS,
  ROOT,
  readJson,
  SetupError,
} from './setup.mjs';

const ONE_FAILED = { ...NO_COUNTS, failed: 1 };
const ONE_PASSED = { ...NO_COUNTS, passed: 1 };

/**
 * A set-up step as a test: a failure is said and counted, and the rest still runs.
 *
 * @param {() => Promise<void>} body
 * @returns {Promise<import('./counts.mjs').Counts>}
 */
async function counted(body) {
  try {
    await body();
    return ONE_PASSED;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    hint(error.message);
    return ONE_FAILED;
  }
}

/**
 * @param {string} script
 * @param {string[]} args
 */
function runOwn(script, ...args) {
  return run(projectNode(), [join(ROOT, 'scripts', script), ...args], { cwd: ROOT, env: projectEnv() });
}

/** @returns {Promise<import('./counts.mjs').Counts>} */
async function check() {
  process.stdout.write('check\n');
  const { code } = await runOwn('check.mjs');
  const report = readJson(join(REPORTS, 'check.json'));
  if (typeof report !== 'object' || report === null || !('totals' in report)) return ONE_FAILED;
  return judgeRun(/** @type {import('./counts.mjs').Counts} */ (report.totals), code);
}

/** @returns {Promise<{ counts: import('./counts.mjs').Counts, host: string }>} */
async function endToEnd() {
  process.stdout.write('e2e\n');
  const { code } = await runOwn('e2e.mjs', '--retries=1');
  const choice = readJson(join(REPORTS, 'e2e-host.json'));
  const host = typeof choice === 'object' && choice !== null && 'host' in choice ? String(choice.host) : 'none';
  const report = readJson(join(REPORTS, 'e2e.json'));
  for (const title of secondTries(report)) hint(`Passed only at the second try: ${title}`);
  return { counts: judgeRun(playwrightCounts(report), code), host };
}

async function main() {
  // A report that an earlier run left behind must not be counted again.
  rmSync(REPORTS, { recursive: true, force: true });
  const installed = await counted(ensureInstalled);
  if (installed.failed > 0) return { totals: installed, host: 'none' };
  const built = await counted(ensureBuilt);
  // Said at once, not after the minutes that the check takes; what is missing then fails the end-to-end step.
  const browser = await findOrInstallBrowser();
  if ('problem' in browser) hint(browser.problem);
  const checked = isStopping() ? ONE_FAILED : await check();
  if (built.failed > 0 || isStopping()) return { totals: addCounts(built, checked), host: 'none' };
  const { counts, host } = await endToEnd();
  return { totals: addCounts(built, checked, counts), host };
}

/** @type {{ totals: import('./counts.mjs').Counts, host: string }} */
let outcome = { totals: ONE_FAILED, host: 'none' };
try {
  outcome = await main();
} catch (error) {
  // A bug of these scripts: shown, counted, and the last line still says that something failed.
  console.error(error);
}
if (isStopping() && outcome.totals.failed === 0) outcome.totals = addCounts(outcome.totals, ONE_FAILED);
process.exitCode = outcome.totals.failed === 0 ? 0 : process.exitCode || 1;
process.stdout.write(`Host tested: ${outcome.host}\n${formatCounts(outcome.totals)}\n`);
