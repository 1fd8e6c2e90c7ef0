import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';

// No workflow can be run here. What can be known without running one is held: that each is what GitHub reads, and that
// nothing it names is missing.

const root = join(import.meta.dirname, '..');
const folder = join(root, '.github', 'workflows');
const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts;

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
  if?: string;
}
interface Job {
  'runs-on': string;
  'timeout-minutes': number;
  needs?: string | string[];
  strategy?: { matrix: { os: string[] } };
  permissions?: Record<string, string>;
  steps: Step[];
}
interface Workflow {
  name: string;
  on: object;
  permissions: Record<string, string>;
  defaults?: { run?: { shell?: string } };
  jobs: Record<string, Job>;
}

const WORKFLOW_KEYS = ['name', 'on', 'permissions', 'concurrency', 'env', 'defaults', 'jobs'];
const JOB_KEYS = ['name', 'strategy', 'runs-on', 'timeout-minutes', 'permissions', 'needs', 'if', 'env', 'steps'];
const STEP_KEYS = ['name', 'id', 'if', 'uses', 'with', 'run', 'env', 'shell', 'working-directory', 'continue-on-error'];
const PERMISSIONS = ['contents', 'id-token', 'attestations'];
const CONTEXTS = ['github', 'matrix', 'runner', 'secrets', 'vars', 'env', 'steps', 'needs', 'inputs'];
/** What the workflows put before a command of ours. */
const PREFIX = /^(sudo |dbus-run-session -- |xvfb-run -a )*/;
/** Runners of GitHub that a matrix may name (docs.github.com, “GitHub-hosted runners”, read 2026-11). */
const RUNNERS = /^(ubuntu|windows|macos)-(latest|\d[\w.-]*)$/;

const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file));
const read = (file: string) => load(readFileSync(join(folder, file), 'utf8')) as Workflow;
const steps = (file: string) => Object.values(read(file).jobs).flatMap((job) => job.steps);
const unknownKeys = (value: object, known: readonly string[]) =>
  Object.keys(value).filter((key) => !known.includes(key));

describe('the workflows', () => {
  it.each(files)('[E12] %s has the shape that GitHub reads', (file) => {
    const workflow = read(file);
    expect(unknownKeys(workflow, WORKFLOW_KEYS)).toEqual([]);
    expect(Object.keys(workflow.on).length).toBeGreaterThan(0);
    expect(unknownKeys(workflow.permissions, PERMISSIONS)).toEqual([]);
    const jobs = Object.keys(workflow.jobs);
    for (const job of Object.values(workflow.jobs)) {
      expect(unknownKeys(job, JOB_KEYS)).toEqual([]);
      expect(unknownKeys(job.permissions ?? {}, PERMISSIONS)).toEqual([]);
      for (const before of [job.needs ?? []].flat()) expect(jobs).toContain(before);
      expect(job['timeout-minutes']).toBeGreaterThan(0);
      const machines = job['runs-on'].includes('matrix.os') ? (job.strategy?.matrix.os ?? []) : [job['runs-on']];
      expect(machines.length).toBeGreaterThan(0);
      for (const machine of machines) expect(machine).toMatch(RUNNERS);
      expect(job.steps.length).toBeGreaterThan(0);
      for (const step of job.steps) {
        expect(unknownKeys(step, STEP_KEYS)).toEqual([]);
        expect([step.uses, step.run].filter((each) => each !== undefined)).toHaveLength(1);
      }
    }
  });

  it.each(files)('[E12] %s asks for nothing that is not there', (file) => {
    for (const step of steps(file)) {
      const command = step.run ?? '';
      for (const [, script = ''] of command.matchAll(/\bnpm run ([\w:]+)/g))
        expect(Object.keys(scripts)).toContain(script);
      for (const [, path = ''] of command.matchAll(/\bnode ([\w./-]+)/g))
        expect(existsSync(join(root, path)), path).toBe(true);
      for (const line of command.split('\n')) {
        const [program = ''] = line.trim().replace(PREFIX, '').split(' ');
        if (program.startsWith('.')) expect(existsSync(join(root, program)), program).toBe(true);
      }
      for (const [, tool = ''] of command.matchAll(/\bnpx ([\w-]+)/g))
        expect(existsSync(join(root, 'node_modules', '.bin', tool)), tool).toBe(true);
    }
  });

  it.each(files)('[E12] %s closes every expression and names contexts that exist', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const expressions = [...text.matchAll(/\$\{\{(.*?)\}\}/g)].map(([, inside = '']) => inside.trim());
    expect([...text.matchAll(/\$\{\{/g)]).toHaveLength(expressions.length);
    for (const inside of expressions) expect(CONTEXTS).toContain(inside.split('.')[0]);
  });

  it.each(files)('[E12] %s runs what it wrote: nothing is put together of what a stranger may name', (file) => {
    for (const { run = '' } of steps(file)) expect(run).not.toContain('${{');
  });

  it.each(files)(
    '[E12] %s writes no words of npm into a file, and hands over a `--` in a shell that lets it',
    (file) => {
      const { defaults } = read(file);
      for (const { run = '' } of steps(file)) {
        // `npm run` says on stdout what it runs, which would stand in front of what the script says.
        expect(run).not.toMatch(/npm run (?!-s |--silent )[^\n|]*>/);
        if (/npm run [\w:]+ -- /.test(run)) expect(defaults?.run?.shell).toBe('bash');
      }
    },
  );

  it('[E12] what one job of the release takes, another one left there', () => {
    const { jobs } = read('release.yml');
    const left = jobs['package']?.steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact@'));
    const paths = String(left?.with?.['path']);
    // Without the feeds no copy hears of a version; without the packages there is nothing to fetch.
    for (const ending of ['AppImage', 'deb', 'tar.gz', 'dmg', 'zip', 'exe', 'yml', 'blockmap']) {
      expect(paths).toContain(`dist/*.${ending}`);
    }
    const published = jobs['publish']?.steps ?? [];
    const taken = published.find(({ uses }) => uses?.startsWith('actions/download-artifact@'));
    const merge = published.find(({ run }) => run?.includes('scripts/merge-feeds.ts'));
    expect(merge?.run).toContain(`merge-feeds.ts ${String(taken?.with?.['path'])} release`);
    // Merged while it is fetched, one machine's feed would take the place of another's.
    expect(taken?.with).not.toHaveProperty('merge-multiple');
  });
});
