import { vi } from 'vitest';
import type { SluiceApi } from '#contract/routes';
import { createElectronStub, type ElectronStub, type StubWebContents } from './electron-stub.ts';

/** A running shell: the real electron.ts, preload and transport on the stubbed Electron. */
export interface LaunchedShell {
  stub: ElectronStub;
  /** The newest window's contents. */
  contents(): StubWebContents;
  /** What the real preload exposed to the page as `window.sluice`. */
  sluice: SluiceApi;
}

/**
 * Starts the desktop shell as Electron would, with a fresh copy of every module.
 *
 * @param options.compose stands in for compose.ts; without it the real core runs in `SLUICE_DATA_DIR`.
 */
export async function launchShell(
  options: {
    compose?: (options: unknown) => Promise<unknown>;
    keyring?: string;
    showsNotices?: boolean;
    language?: string;
    hasTray?: boolean;
  } = {},
): Promise<LaunchedShell> {
  const stub = await loadShell(options);
  stub.becomeReady();
  // The real core opens a database first; how fast is not what these tests are about.
  await vi.waitFor(
    () => {
      if (stub.windows.length === 0) throw new Error(`No window was opened. ${stub.calls.join('\n')}`);
    },
    { timeout: 10_000 },
  );
  await import('../../src-preload/index.ts');
  return {
    stub,
    contents() {
      const window = stub.windows.at(-1);
      if (window === undefined) throw new Error('There is no window.');
      return window.webContents;
    },
    sluice: stub.exposed.get('sluice') as SluiceApi,
  };
}

const CRASH_EVENTS = ['uncaughtException', 'unhandledRejection'];

/** Evaluates electron.ts on a fresh stub, before Electron is ready. */
export async function loadShell(
  options: {
    compose?: (options: unknown) => Promise<unknown>;
    isSecondInstance?: boolean;
    keyring?: string;
    showsNotices?: boolean;
    language?: string;
    hasTray?: boolean;
  } = {},
): Promise<ElectronStub> {
  vi.resetModules();
  const { compose, ...stubOptions } = options;
  const stub = createElectronStub(stubOptions);
  vi.doMock('electron', () => stub.module);
  if (compose === undefined) vi.doUnmock('../compose.ts');
  else vi.doMock('../compose.ts', () => ({ compose }));
  const before = CRASH_EVENTS.map((name) => new Set<unknown>(process.listeners(name as 'uncaughtException')));
  await import('../electron.ts');
  // What the shell hears of the process is heard for this shell alone: other tests have faults of their own.
  CRASH_EVENTS.forEach((name, at) => {
    for (const listener of process.listeners(name as 'uncaughtException')) {
      if (before[at]?.has(listener) === true) continue;
      process.off(name, listener);
      if (name === 'uncaughtException') stub.crash = (thrown) => listener(thrown, 'uncaughtException');
    }
  });
  return stub;
}
