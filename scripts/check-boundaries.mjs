// npm run boundaries: the direction rules over the whole tree, and a canary for every rule. A checker that reads no file
// finds no fault: dependency-cruiser with a TypeScript it does not know exits 0 without a single .ts file.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BOUNDARY_CANARIES, CANARY_PARTNERS, CANARY_SCENERY } from './boundary-canaries.mjs';
import { run } from './child.mjs';
import { projectEnv, projectNode, ROOT, runScript, SetupError } from './setup.mjs';

const FOLDERS = ['src-main', 'src-preload', 'src-renderer', 'e2e', 'bench', 'scripts'];
/** Fewer modules than this means that the cruise saw only part of the tree: the contract alone has ten. */
const MIN_TYPESCRIPT_MODULES = 20;

/**
 * @typedef {{ from: string, to: string, rule: { name: string }, cycle?: { name: string }[] }} Violation
 * @typedef {{ modules: { source: string }[], summary: { violations: Violation[] } }} Cruise
 */

/**
 * Runs the rules in a folder that is laid out like the repository.
 *
 * @param {string} folder
 * @returns {Promise<Cruise>}
 */
async function cruise(folder) {
  const tool = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const present = FOLDERS.filter((name) => existsSync(join(folder, name)));
  const args = [tool, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...present];
  const { output, code } = await run(projectNode(), args, { cwd: folder, env: projectEnv(), capture: true });
  try {
    return JSON.parse(output);
  } catch {
    throw new SetupError(`dependency-cruiser ended with exit code ${code} and no report:\n${output}`);
  }
}

/**
 * A small repository in a temporary folder in which every rule is broken once. The working tree stays untouched: others
 * may be compiling it at this moment.
 *
 * @returns {Promise<string[]>} what is wrong with the rules themselves
 */
async function checkCanaries() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-boundaries-'));
  try {
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
      cpSync(join(ROOT, file), join(folder, file));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const files = new Map(Object.entries({ ...CANARY_SCENERY, ...CANARY_PARTNERS }));
    for (const canary of BOUNDARY_CANARIES) files.set(canary.file, canary.text);
    for (const [file, text] of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), `${text}\n`);
    }
    const { summary } = await cruise(folder);
    const problems = [];
    for (const { rule, file } of BOUNDARY_CANARIES) {
      const caught = summary.violations.some(
        // A cycle is reported once, at either of its files.
        (found) => found.rule.name === rule && (found.from === file || found.cycle?.some((step) => step.name === file)),
      );
      if (!caught) problems.push(`The canary for ${rule} was not caught: ${file} breaks the rule and passed.`);
    }
    for (const found of summary.violations) {
      if (found.from in CANARY_SCENERY) {
        problems.push(`The rule ${found.rule.name} refuses what is allowed: ${found.from} → ${found.to}.`);
      }
    }
    const { forbidden } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs'));
    const covered = new Set(BOUNDARY_CANARIES.map((canary) => canary.rule));
    for (const { name } of forbidden) {
      if (!covered.has(name)) problems.push(`The rule ${name} has no canary in scripts/boundary-canaries.mjs.`);
    }
    return problems;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Violation} violation
 * @param {Map<string, string>} comments
 */
function describe(violation, comments) {
  const way = violation.cycle?.length
    ? [violation.from, ...violation.cycle.map((step) => step.name)].join(' → ')
    : `${violation.from} → ${violation.to}`;
  return `${way}\n  ${violation.rule.name}: ${comments.get(violation.rule.name) ?? ''}`;
}

await runScript(async () => {
  const [tree, problems] = await Promise.all([cruise(ROOT), checkCanaries()]);
  const { forbidden } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs'));
  const comments = new Map(
    forbidden.map((/** @type {{ name: string, comment: string }} */ rule) => [rule.name, rule.comment]),
  );
  const typescript = tree.modules.filter((module) => /^(src-|e2e).*\.tsx?$/.test(module.source));
  if (typescript.length < MIN_TYPESCRIPT_MODULES) {
    problems.push(
      `Only ${typescript.length} TypeScript modules were read. dependency-cruiser and TypeScript do not fit each other.`,
    );
  }
  for (const violation of tree.summary.violations) console.error(describe(violation, comments));
  for (const problem of problems) console.error(problem);
  if (tree.summary.violations.length > 0 || problems.length > 0) return 1;
  process.stdout.write(
    `${typescript.length} TypeScript modules keep ${forbidden.length} rules; every rule caught its canary.\n`,
  );
  return 0;
});
