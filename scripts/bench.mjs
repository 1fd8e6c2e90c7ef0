// npm run bench: runs every bench/*.bench.ts by itself and prints one JSON document. Arguments choose benches by name.
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { isStopping, startChild } from './child.mjs';
import { hint, projectEnv, ROOT, runScript, SetupError, setUp } from './setup.mjs';

const SUFFIX = '.bench.ts';

/**
 * Runs one bench; its stdout is a JSON document, its stderr is shown.
 *
 * @param {string} node
 * @param {string} file
 * @returns {Promise<{ figures: unknown, problem: string | null }>}
 */
function runBench(node, file) {
  return new Promise((resolve) => {
    const child = startChild(node, ['--expose-gc', join(ROOT, 'bench', file)], {
      cwd: ROOT,
      env: projectEnv({ SLUICE_BENCH_NODE: node }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout?.on('data', (/** @type {Buffer} */ chunk) => {
      output += chunk.toString();
    });
    child.once('error', (error) => resolve({ figures: null, problem: error.message }));
    child.once('close', (code) => {
      /** @type {unknown} */
      let figures = null;
      try {
        figures = JSON.parse(output);
      } catch {
        resolve({ figures: output, problem: `exit code ${code}; its output is no JSON` });
        return;
      }
      resolve({ figures, problem: code === 0 ? null : `exit code ${code}` });
    });
  });
}

await runScript(async () => {
  const node = await setUp();
  const wanted = process.argv.slice(2);
  const folder = join(ROOT, 'bench');
  const files = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith(SUFFIX))
    .filter((file) => wanted.length === 0 || wanted.includes(file.slice(0, -SUFFIX.length)))
    .sort();
  if (files.length === 0) throw new SetupError('There is no bench of that name in bench/.');
  /** @type {Record<string, unknown>} */
  const benches = {};
  let failed = false;
  for (const file of files) {
    if (isStopping()) return 130;
    const name = file.slice(0, -SUFFIX.length);
    hint(`bench: ${name}`);
    const { figures, problem } = await runBench(node, file);
    benches[name] = problem === null ? figures : { problem, figures };
    failed ||= problem !== null;
  }
  const machine = {
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? null,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  };
  process.stdout.write(`${JSON.stringify({ takenAt: new Date().toISOString(), machine, benches }, null, 2)}\n`);
  return failed ? 1 : 0;
});
