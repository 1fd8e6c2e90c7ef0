// npm run test:mutants: plants one defect at a time in a copy of the tree and wants the named test to turn red, after it
// was green without the defect. Options: --only TEXT (ids that contain it), --keep (the copy stays). The last line on
// stdout is one JSON object. The working tree is never touched.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isStopping, run } from './child.mjs';
import { MUTANTS } from './mutants-list.mjs';
import { ensureInstalled, projectEnv, projectNode, ROOT, readJson, runScript } from './setup.mjs';

/** What the tests of the list need of the tree. */
const PARTS = ['src-main', 'src-preload', 'e2e', 'scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
/** A test that hangs has to end by its own limit; one without a limit gets this one. */
const TEST_TIMEOUT_MS = 20_000;
/** Beyond this the whole run is given up, and a defect that led here was not found: a test has to say what is wrong. */
const RUN_TIMEOUT_MS = 150_000;

/**
 * @typedef {'red' | 'green' | 'nothing ran' | 'gave up'} Colour
 * @typedef {{ id: string, why: string, verdict: string, ok: boolean, seconds: number, test: string }} Line
 */

/**
 * Runs one named test in the copy.
 *
 * @param {string} folder
 * @param {{ file: string, name: string }} test
 * @returns {Promise<{ colour: Colour, seconds: number, output: string }>}
 */
async function runTest(folder, test) {
  const report = join(folder, 'mutant-report.json');
  rmSync(report, { force: true });
  const { output, durationMs } = await run(
    projectNode(),
    [
      join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      test.file,
      '-t',
      test.name,
      `--testTimeout=${TEST_TIMEOUT_MS}`,
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { cwd: folder, env: projectEnv({ CI: '1' }), capture: true, timeoutMs: RUN_TIMEOUT_MS },
  );
  return { colour: colourOf(readJson(report)), seconds: Math.round(durationMs / 100) / 10, output };
}

/**
 * Red is a test that failed. A file that cannot be loaded fails no test: the defect was a broken edit.
 *
 * @param {unknown} report
 * @returns {Colour}
 */
function colourOf(report) {
  if (typeof report !== 'object' || report === null) return 'gave up';
  const { numFailedTests, numPassedTests } = /** @type {Record<string, number>} */ (report);
  if ((numFailedTests ?? 0) > 0) return 'red';
  return (numPassedTests ?? 0) > 0 ? 'green' : 'nothing ran';
}

/**
 * @param {string} folder
 * @param {import('./mutants-list.mjs').Edit[]} edits
 * @returns {{ restore: () => void, problem: string | null }}
 */
function plant(folder, edits) {
  /** @type {Map<string, string>} */
  const before = new Map();
  const restore = () => {
    for (const [path, text] of before) writeFileSync(path, text);
  };
  for (const { file, find, replace } of edits) {
    const path = join(folder, file);
    if (!existsSync(path)) return { restore, problem: `${file} is gone` };
    const text = readFileSync(path, 'utf8');
    const times = text.split(find).length - 1;
    if (times !== 1) return { restore, problem: `“${find}” is ${times} times in ${file}` };
    if (!before.has(path)) before.set(path, text);
    // A function: `$` in the new text is a sign like any other.
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
  }
  return { restore, problem: null };
}

function copyTree() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-mutants-'));
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  mkdirSync(join(folder, 'test-results'), { recursive: true });
  return folder;
}

/** @param {Line} line */
function print({ id, why, verdict, ok, seconds }) {
  process.stdout.write(
    `${ok ? 'ok  ' : 'FAIL'} ${id.padEnd(26)} ${verdict.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s  ${why}\n`,
  );
}

await runScript(async () => {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, keep: { type: 'boolean', default: false } },
    strict: true,
  });
  await ensureInstalled();
  const wanted = MUTANTS.filter((mutant) => values.only === undefined || mutant.id.includes(values.only));
  const folder = copyTree();
  /** @type {Line[]} */
  const lines = [];
  try {
    /** @type {Map<string, Colour>} what each test says of the tree as it is */
    const clean = new Map();
    for (const { id, why, edits, test } of wanted) {
      if (isStopping()) return 130;
      const key = `${test.file} ${test.name}`;
      const { restore, problem } = plant(folder, edits);
      restore();
      if (problem === null && !clean.has(key)) {
        const { colour, output } = await runTest(folder, test);
        clean.set(key, colour);
        if (colour !== 'green') process.stdout.write(`${output.trimEnd().slice(-2000)}\n`);
      }
      /** @type {Omit<Line, 'verdict' | 'ok' | 'seconds'>} */
      const line = { id, why, test: key };
      const before = clean.get(key);
      if (problem !== null) lines.push({ ...line, verdict: 'not planted', ok: false, seconds: 0 });
      else if (before !== 'green') lines.push({ ...line, verdict: `clean: ${before}`, ok: false, seconds: 0 });
      else {
        plant(folder, edits);
        const { colour, seconds, output } = await runTest(folder, test);
        restore();
        const verdict = { red: 'found', green: 'SURVIVED', 'nothing ran': 'broken edit', 'gave up': 'hung' }[colour];
        lines.push({ ...line, verdict, ok: colour === 'red', seconds });
        if (colour === 'nothing ran') process.stdout.write(`${output.trimEnd().slice(-2000)}\n`);
      }
      const last = lines.at(-1);
      if (last !== undefined) print(last);
      if (problem !== null) process.stdout.write(`     ${problem}\n`);
    }
  } finally {
    if (values.keep === true) process.stdout.write(`The copy is kept in ${folder}.\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
  const failed = lines.filter((line) => !line.ok);
  process.stdout.write(`${JSON.stringify({ mutants: lines.length, found: lines.length - failed.length, failed })}\n`);
  return lines.length > 0 && failed.length === 0 ? 0 : 1;
});
