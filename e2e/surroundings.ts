/** What scripts/e2e.mjs found out about this machine before it started Playwright. */
export interface Surroundings {
  host: 'electron' | 'headless';
  /** The Node that runs the headless host. */
  node: string;
  chromiumPath: string | null;
  electronPath: string | null;
  reportFile: string | null;
  /** Which pictures are wanted of those that tests take along their way; each holds a test up. */
  pictures: 'none' | 'one' | 'every look';
  /** Chromium refuses to run as root with its sandbox on. */
  isRoot: boolean;
}

/** @throws when Playwright was started by hand: which host is tested must always be a decision. */
export function readSurroundings(env: NodeJS.ProcessEnv = process.env): Surroundings {
  const host = env['SLUICE_E2E_HOST'];
  if (host !== 'electron' && host !== 'headless') {
    throw new Error(
      'Start the end-to-end tests with `npm run e2e`; it builds, finds a browser and decides on the host.',
    );
  }
  return {
    host,
    node: env['SLUICE_E2E_NODE'] ?? process.execPath,
    chromiumPath: env['CHROMIUM_PATH'] ?? null,
    electronPath: env['ELECTRON_EXEC_PATH'] ?? null,
    reportFile: env['SLUICE_E2E_REPORT'] ?? null,
    pictures: env['E2E_PICTURES'] === 'every' ? 'every look' : env['E2E_PICTURES'] === '1' ? 'one' : 'none',
    isRoot: process.getuid?.() === 0,
  };
}
