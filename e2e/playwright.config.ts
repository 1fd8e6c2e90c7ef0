import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { keepTestFoldersInMemory } from '../scripts/memory-folder.mjs';
import { readSurroundings } from './surroundings.ts';

const { host, reportFile, pictures } = readSurroundings();

// Each test starts a host; from what Node compiled of it before, that costs a sixth less.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '..', 'node_modules', '.cache', 'sluice', 'compiled');
// Workers read this file, too; they have the folder of the run by then.
keepTestFoldersInMemory();

export default defineConfig({
  testDir: '.',
  // Pages that no spec takes a picture of are walked only when pictures are wanted.
  testMatch: pictures === 'every look' ? '**/*.{spec,pictures}.ts' : '**/*.spec.ts',
  outputDir: '../test-results/e2e',
  fullyParallel: true,
  forbidOnly: true,
  // `npm test` allows one second try and names who needed it; by hand nothing is tried twice.
  retries: 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ...(reportFile === null ? [] : [['json', { outputFile: reportFile }] as const])],
  metadata: { host },
  projects: [{ name: host }],
  use: {
    actionTimeout: 15_000,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    // What moves is drawn sixty times a second, by a processor; `main-job.spec.ts` has it move.
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
    // Recording costs more than a third of the time, so only a second try has it; by hand: `--trace=retain-on-failure`.
    trace: 'on-first-retry',
  },
});
