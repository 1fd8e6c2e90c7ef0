import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { configDefaults, defineConfig } from 'vitest/config';
import { keepTestFoldersInMemory } from './scripts/memory-folder.mjs';
import { hashSources, whyBuild } from './scripts/setup.mjs';

/**
 * Tests start hosts and workers from their sources by the hundred. What Node compiled of these it keeps by content and
 * version; a start from it costs half. Set here because a process reads it before its first module.
 */
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules', '.cache', 'sluice', 'compiled');
keepTestFoldersInMemory();

/**
 * Hosts that tests start as processes are the built ones where the build is of these very sources, as it is in `npm test`: a
 * start from it costs less than half. Elsewhere they run from the sources.
 */
if (whyBuild(import.meta.dirname, hashSources(import.meta.dirname)) === null) {
  process.env['SLUICE_TEST_HOST'] ??= join(import.meta.dirname, 'out', 'main', 'headless.js');
}

/**
 * Tests that get a process of their own: they start or end hosts, fill disks, or put something in a module's place. All
 * others share one a worker, which saves starting some two hundred and reading the same modules in each.
 */
const OWN_PROCESS = [
  'src-*/**/*.{integration,fault,property}.test.ts',
  'src-main/windows/**/*.test.ts',
  'src-main/{electron-shell,desktop-*,security}.test.ts',
  'src-main/credentials/electron-cipher.test.ts',
  'scripts/**/*.test.ts',
];

export default defineConfig({
  plugins: [react()],
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    // A test that leaves a rejected promise behind has found a bug: the run fails.
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['src-*/**/*.test.{ts,tsx}', 'e2e/fake-upstream/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...OWN_PROCESS],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'own process', include: OWN_PROCESS } },
    ],
  },
});
