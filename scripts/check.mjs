// npm run check: format, lint, types, boundaries with their canary, schema freshness, unit and property tests.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStopping, run } from './child.mjs';
import { addCounts, formatCounts, judgeRun, NO_COUNTS, vitestCounts } from './counts.mjs';
import { ensureInstalled, projectEnv, projectNode, REPORTS, ROOT, readJson, runScript, runTool } from './setup.mjs';

const UNIT_REPORT = join(REPORTS, 'unit.json');
const VITEST_REPORT = join(REPORTS, 'vitest.json');
const CHECK_REPORT = join(REPORTS, 'check.json');

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<import('./child.mjs').Ended>} start
 * @property {(exitCode: number) => import('./counts.mjs').Counts} count
 */

/** @param {number} exitCode */
const asOne = (exitCode) => (exitCode === 0 ? { ...NO_COUNTS, passed: 1 } : { ...NO_COUNTS, failed: 1 });

/**
 * @param {string} script a file of scripts/
 * @param {string[]} args
 */
function runOwn(script, args = []) {
  const path = join(ROOT, 'scripts', script);
  if (!existsSync(path)) {
    return Promise.resolve({ code: 1, output: `scripts/${script} is missing.\n`, durationMs: 0 });
  }
  return run(projectNode(), [path, ...args], { cwd: ROOT, env: projectEnv(), capture: true });
}

/**
 * The tests of one of vitest's projects.
 *
 * @param {string} name
 * @param {string} project
 * @param {string} report
 * @param {string[]} args
 * @returns {Step}
 */
const testStep = (name, project, report, args = []) => ({
  name,
  start: () =>
    runTool(
      join('vitest', 'vitest.mjs'),
      ['run', `--project=${project}`, '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`, ...args],
      { capture: true },
    ),
  count: (exitCode) => judgeRun(vitestCounts(readJson(report)), exitCode),
});

/**
 * The steps that need one core each, the long ones first; two run at once. The tests that start nothing and wait for nothing
 * are among them: beside the linter they have what a core gives them beside one another.
 *
 * @type {Step[]}
 */
const STATIC_STEPS = [
  {
    name: 'lint',
    start: () => runTool(join('eslint', 'bin', 'eslint.js'), ['.', '--max-warnings', '0'], { capture: true }),
    count: asOne,
  },
  testStep('unit', 'shared', UNIT_REPORT, ['--maxWorkers=1']),
  {
    name: 'types',
    start: () =>
      runTool(join('typescript', 'bin', 'tsc'), ['-p', 'tsconfig.json', '--noEmit', '--pretty', 'false'], {
        capture: true,
      }),
    count: asOne,
  },
  { name: 'boundaries', start: () => runOwn('check-boundaries.mjs'), count: asOne },
  {
    name: 'format',
    start: () => runTool(join('@biomejs', 'biome', 'bin', 'biome'), ['check', '.'], { capture: true }),
    count: asOne,
  },
  { name: 'schema', start: () => runOwn('write-schema.ts', ['--check']), count: asOne },
];

/** Alone on the machine: tests with hosts and deadlines share no core with the linter. */
const TEST_STEP = testStep('tests', 'own process', VITEST_REPORT);

/**
 * Runs a step and prints its line; what a failing step said is shown whole.
 *
 * @param {Step} step
 */
async function runStep(step) {
  const ended = await step.start();
  const counts = step.count(ended.code);
  const ok = counts.failed === 0;
  const seconds = (ended.durationMs / 1000).toFixed(1);
  const detail = counts.passed > 1 ? `  ${formatCounts(counts)}` : '';
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${step.name.padEnd(10)} ${seconds.padStart(6)} s${detail}\n`);
  if (!ok) process.stdout.write(ended.output === '' ? '' : `${ended.output.trimEnd()}\n`);
  return { name: step.name, ok, seconds: Number(seconds), counts };
}

await runScript(async () => {
  await ensureInstalled();
  mkdirSync(REPORTS, { recursive: true });
  rmSync(UNIT_REPORT, { force: true });
  rmSync(VITEST_REPORT, { force: true });
  rmSync(CHECK_REPORT, { force: true });
  const waiting = [...STATIC_STEPS];
  /** @type {Awaited<ReturnType<typeof runStep>>[]} */
  const results = [];
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined && !isStopping(); step = waiting.shift()) {
      results.push(await runStep(step));
    }
  };
  await Promise.all([work(), work()]);
  if (!isStopping()) results.push(await runStep(TEST_STEP));
  if (isStopping()) return 130;
  const totals = addCounts(...results.map((result) => result.counts));
  writeFileSync(CHECK_REPORT, `${JSON.stringify({ totals, steps: results }, null, 2)}\n`);
  return totals.failed === 0 ? 0 : 1;
});
