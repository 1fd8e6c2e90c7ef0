// npm run test:soak: kills a host hundreds of times, at seeded points, and asks each time for everything that it owes.
// Options: --kills N (200), --seed S (the first seed; each kill takes the next one), --phase P (one phase only),
// --at-once N (3), --keep (data directories of failed drives stay). The last line on stdout is one JSON object; a drive
// is repeated with --kills 1 and its seed.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isStopping, run } from './child.mjs';
import { ensureInstalled, hint, projectEnv, projectNode, REPORTS, ROOT, runScript } from './setup.mjs';

const options = {
  kills: { type: /** @type {const} */ ('string'), default: '200' },
  seed: { type: /** @type {const} */ ('string'), default: '1' },
  phase: { type: /** @type {const} */ ('string') },
  'at-once': { type: /** @type {const} */ ('string'), default: '3' },
  keep: { type: /** @type {const} */ ('boolean'), default: false },
  /** Set when this file was started anew with the project's Node, which reads TypeScript. */
  inside: { type: /** @type {const} */ ('boolean'), default: false },
};

/**
 * @param {string | undefined} text
 * @param {string} name
 */
function wholeNumber(text, name) {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} is “${text}”. Give a whole number above 0.`);
}

/** @param {ReturnType<typeof parseArgs<{ options: typeof options }>>['values']} values */
async function soak(values) {
  // An orderly exit ends the hosts that are under way.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => process.exit(130));
  const { driveKill } = await import('../src-main/testing/kill-drive.ts');
  const { KILL_PHASES } = await import('../src-main/testing/kill-plan.ts');
  const kills = wholeNumber(values.kills, 'kills');
  const firstSeed = wholeNumber(values.seed, 'seed');
  const phases = KILL_PHASES.filter((phase) => values.phase === undefined || phase === values.phase);
  if (phases.length === 0) throw new Error(`--phase is “${values.phase}”. Choose one of: ${KILL_PHASES.join(', ')}.`);
  const startedMs = performance.now();
  /** @type {Record<string, number>} */
  const byPhase = Object.fromEntries(phases.map((phase) => [phase, 0]));
  /** @type {{ seed: number, phase: string, violations: string[] }[]} */
  const failed = [];
  let done = 0;
  let brokenOff = 0;
  let acknowledged = 0;
  let seenCharacters = 0;
  let next = 0;
  mkdirSync(REPORTS, { recursive: true });
  const work = async () => {
    while (next < kills && !isStopping()) {
      const seed = firstSeed + next++;
      // By the seed alone, so that one drive can be repeated without the others.
      const phase = phases[seed % phases.length];
      if (phase === undefined) return;
      const dir = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
      const report = await driveKill({ seed, phase, dir }).catch((/** @type {unknown} */ thrown) => {
        // A drive that could not be driven says nothing about the host, and must not look like a pass.
        brokenOff++;
        const why = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        return {
          seed,
          phase,
          pid: 0,
          moment: null,
          acknowledged: 0,
          seenCharacters: 0,
          violations: [`the drive broke off: ${why}`],
          seconds: 0,
        };
      });
      done++;
      byPhase[phase] = (byPhase[phase] ?? 0) + 1;
      acknowledged += report.acknowledged;
      seenCharacters += report.seenCharacters;
      appendFileSync(join(REPORTS, 'soak.jsonl'), `${JSON.stringify(report)}\n`);
      const isWhole = report.violations.length === 0;
      if (!isWhole) failed.push({ seed, phase, violations: report.violations });
      process.stdout.write(
        `${isWhole ? 'ok  ' : 'FAIL'} ${String(done).padStart(4)}/${kills}  seed ${seed}  ${phase.padEnd(7)}  pid ${report.pid}  ${report.moment ?? '-'}\n`,
      );
      for (const violation of report.violations) process.stdout.write(`       ${violation}\n`);
      if (isWhole || values.keep !== true) rmSync(dir, { recursive: true, force: true });
      else process.stdout.write(`       data kept in ${dir}\n`);
    }
  };
  await Promise.all(Array.from({ length: wholeNumber(values['at-once'], 'at-once') }, work));
  const phaseOption = values.phase === undefined ? '' : ` --phase ${values.phase}`;
  for (const { seed } of failed) hint(`Repeat with: npm run test:soak -- --kills 1 --seed ${seed}${phaseOption}`);
  process.stdout.write(
    `${JSON.stringify({
      kills: done,
      phases: byPhase,
      violations: failed.length - brokenOff,
      brokenOff,
      failed,
      acknowledged,
      seenCharacters,
      seconds: Math.round((performance.now() - startedMs) / 100) / 10,
      seeds: [firstSeed, firstSeed + done - 1],
    })}\n`,
  );
  return failed.length === 0 && done === kills ? 0 : 1;
}

await runScript(async () => {
  const { values } = parseArgs({ options, strict: true });
  if (values.inside === true) return soak(values);
  await ensureInstalled();
  const { code } = await run(projectNode(), [join(ROOT, 'scripts', 'soak.mjs'), '--inside', ...process.argv.slice(2)], {
    cwd: ROOT,
    env: projectEnv(),
  });
  return code;
});
