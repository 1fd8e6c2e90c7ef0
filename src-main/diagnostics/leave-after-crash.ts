import { type CrashRecord, writeCrashRecord } from '../platform/crash-record.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { SecretScrubber } from '../platform/scrub.ts';

/** Longer stacks repeat themselves. */
const MAX_STACK_CHARS = 20_000;

/**
 * Puts away what is safe after something that nobody caught: logged, the store closed, a record for the next start. All of
 * it at once, because there may be no next turn of the event loop, and each step without the others.
 *
 * @param parts.close closes what must not be left open.
 * @returns the record, scrubbed of known secrets.
 */
export function leaveAfterCrash(
  thrown: unknown,
  parts: {
    about: Pick<CrashRecord, 'kind' | 'version' | 'host'>;
    nowMs: number;
    path: string;
    scrubber: SecretScrubber;
    logger: Logger;
    close: () => void;
  },
): CrashRecord {
  const { about, nowMs, path, scrubber, logger, close } = parts;
  const isError = thrown instanceof Error;
  const record: CrashRecord = {
    atMs: nowMs,
    ...about,
    pid: process.pid,
    uptimeMs: Math.round(process.uptime() * 1000),
    error: isError ? thrown.name : typeof thrown,
    message: scrubber.scrub(isError ? thrown.message : String(thrown)),
    stack: isError && thrown.stack !== undefined ? scrubber.scrub(thrown.stack).slice(0, MAX_STACK_CHARS) : null,
    seen: false,
  };
  attempt(logger, () => logger.error({ kind: about.kind, ...describeThrown(thrown) }, 'Sluice ends unexpectedly'));
  attempt(logger, close);
  attempt(logger, () => {
    if (!writeCrashRecord(path, record)) logger.warn({}, 'no record of this end could be kept');
  });
  attempt(logger, () => logger.flush());
  return record;
}

function attempt(logger: Logger, step: () => void): void {
  try {
    step();
  } catch (thrown) {
    try {
      logger.error(describeThrown(thrown), 'a step of the unexpected end failed');
    } catch {
      // The log is what failed. The other steps still count.
    }
  }
}
