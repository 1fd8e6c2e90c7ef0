import { resolve } from 'node:path';
import { app } from 'electron';
import { EXPORT_EXTENSION } from '#contract/data';

/** More than that before the application stands is not a person double-clicking. */
const MAX_EARLY = 3;

/** Exports among a program's arguments. Systems hand over whole paths; a shell's are relative to where it stands. */
function exportsIn(argv: readonly string[], folder: string): string[] {
  return argv
    .filter((each) => !each.startsWith('-') && each.toLowerCase().endsWith(`.${EXPORT_EXTENSION}`))
    .map((each) => resolve(folder, each));
}

/**
 * Collects exports that a person opened with Sluice, from wherever the system hands them over: this process's arguments, a
 * second start, and on macOS an event that may come before the application is ready. Nothing of them is read here.
 *
 * @param onFile hears each path once `ready` was called.
 */
export function collectFiles(onFile: (path: string) => void): { ready: () => void } {
  const early: string[] = [];
  let isReady = false;
  const arrive = (paths: readonly string[]): void => {
    for (const path of paths) {
      if (isReady) onFile(path);
      else if (early.length < MAX_EARLY) early.push(path);
    }
  };
  arrive(exportsIn(process.argv.slice(1), process.cwd()));
  app.on('second-instance', (_event, argv: readonly string[] = [], folder = '') =>
    arrive(exportsIn(argv.slice(1), folder)),
  );
  app.on('open-file', (event, path) => {
    event.preventDefault();
    arrive(exportsIn([path], '/'));
  });
  return {
    ready() {
      isReady = true;
      for (const path of early.splice(0)) onFile(path);
    },
  };
}
