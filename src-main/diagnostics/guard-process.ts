import type { CrashRecord } from '../platform/crash-record.ts';

/** What nobody caught, wherever it came from. */
export type OnCrash = (thrown: unknown, kind: CrashRecord['kind']) => void;

/**
 * Hears of exceptions and rejections that nobody caught. After one nothing in this process can be trusted, so only the first
 * is told: whoever hears it puts away what is safe and ends the process. A reader of the standard streams that went away is
 * no fault.
 */
export function guardProcess(onCrash: OnCrash): void {
  let hasFallen = false;
  const fall: OnCrash = (thrown, kind) => {
    if (hasFallen) return;
    hasFallen = true;
    onCrash(thrown, kind);
  };
  for (const stream of [process.stdout, process.stderr])
    if (stream.listenerCount('error') === 0) stream.on('error', () => undefined);
  process.on('uncaughtException', (thrown, origin) =>
    fall(thrown, origin === 'unhandledRejection' ? 'rejection' : 'exception'),
  );
  process.on('unhandledRejection', (thrown) => fall(thrown, 'rejection'));
}
