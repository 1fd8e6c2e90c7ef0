import pino from 'pino';
import type { LogDetail } from '#contract/diagnostics';
import { logTime } from './log-time.ts';
import { type LogDisk, RotatingFile } from './rotating-file.ts';
import type { SecretScrubber } from './scrub.ts';

/** What the core may say about itself. Never message bodies, never secrets: fields are few and named at the call. */
export interface Logger {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
  /** Writes what is still buffered. Call before the process ends. */
  flush(): void;
}

/** A logger whose detail follows the settings. */
export interface FileLogger extends Logger {
  /** What only a search for a fault needs: left out unless a person asks for it. */
  debug(fields: Record<string, unknown>, message: string): void;
  setDetail(detail: LogDetail): void;
}

/** Days of ordinary use in one file, and few enough bytes to be read and sent. */
export const LOG_FILE_BYTES = 5 * 1024 * 1024;
export const LOG_FILES = 5;

const PINO_LEVELS: Readonly<Record<LogDetail, string>> = { problems: 'warn', normal: 'info', detailed: 'debug' };

/** A thrown value as log fields, its causes included, without the enumerable extras that may carry bodies. */
export function describeThrown(thrown: unknown, depth = 0): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { thrown: String(thrown) };
  const code = 'code' in thrown ? thrown.code : undefined;
  return {
    error: thrown.name,
    message: thrown.message,
    ...(code === undefined ? {} : { code }),
    ...(depth === 0 ? { stack: thrown.stack } : {}),
    ...(thrown.cause === undefined || depth > 3 ? {} : { cause: describeThrown(thrown.cause, depth + 1) }),
  };
}

/** What is of no consequence reaches the disk this much later. */
const GATHER_MS = 50;
const MOST_WAITING_CHARS = 64 * 1024;

/**
 * Logs JSON lines to a file, each line scrubbed of known secrets. The file is made with its folder when there is something
 * to say, is open to its owner only, and is parted by size. A log that cannot be written harms nobody.
 */
export function createFileLogger(
  path: string,
  scrubber: SecretScrubber,
  options: { maxBytes?: number; maxFiles?: number; disk?: LogDisk } = {},
): FileLogger {
  const { maxBytes = LOG_FILE_BYTES, maxFiles = LOG_FILES, disk } = options;
  const file = new RotatingFile(path, {
    maxBytes,
    maxFiles,
    ...(disk === undefined ? {} : { disk }),
    tellGap: (lines) => `${JSON.stringify({ level: 40, lines, msg: 'lines before this one could not be written' })}\n`,
  });
  // A line a request is a write to the disk a request; those of a moment are one.
  let waiting = '';
  const write = () => {
    const lines = waiting;
    waiting = '';
    if (lines !== '') file.write(scrubber.scrub(lines));
  };
  const log = pino(
    { base: null, timestamp: logTime() },
    {
      write: (line: string) => {
        if (waiting === '') setTimeout(write, GATHER_MS).unref();
        waiting += line;
        if (waiting.length > MOST_WAITING_CHARS) write();
      },
    },
  );
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    // What is wrong is on the disk at once: the process may not live to the next turn.
    warn: (fields, message) => {
      log.warn(fields, message);
      write();
    },
    error: (fields, message) => {
      log.error(fields, message);
      write();
    },
    flush: write,
    setDetail: (detail) => {
      log.level = PINO_LEVELS[detail];
    },
  };
}

/** For tests and for callers that have nowhere to write. */
export const silentLogger: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  flush: () => undefined,
};
