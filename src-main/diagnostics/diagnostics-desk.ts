import { freemem, homedir, release, totalmem } from 'node:os';
import type { CrashNotice, DiagnosticsBundle, DiagnosticsFile } from '#contract/diagnostics';
import type { AppInfo, CredentialRecord, ProfileRecord } from '#contract/records';
import type { Settings } from '#contract/settings';
import type { RunTask } from '../data/run-task.ts';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { readCrashRecord, writeCrashRecord } from '../platform/crash-record.ts';
import { systemDisk } from '../platform/disk.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { DataPaths } from '../platform/paths.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import { electronVersion } from './electron-version.ts';
import { plainKeys } from './plain-keys.ts';
import { plainSettings } from './plain-settings.ts';
import { recentLog } from './recent-log.ts';

/** Some thousand lines: what a person can look through, and what a report can carry. */
const LOG_BYTES = 512 * 1024;
/** Stacks that one page may leave in the log in the life of a core. */
const MAX_PAGE_FAILURES = 50;

/** What the core knows; null where the store could not be opened. */
interface CoreState {
  settings: Settings;
  secrets: AppInfo['secrets'];
  profiles: readonly ProfileRecord[];
  credentials: readonly CredentialRecord[];
  storage: string;
}

export interface DiagnosticsParts {
  host: 'electron' | 'headless';
  version: string;
  paths: DataPaths;
  clock: Clock;
  newId: () => string;
  scrubber: SecretScrubber;
  logger: Logger;
  runTask: RunTask;
  state: () => CoreState | null;
  /** A conversation as Markdown. */
  conversation: (sessionId: string) => Promise<{ content: string }> | { content: string };
}

/**
 * Puts together what helps to find a fault, and hands out what a person chose of it. Nothing is sent anywhere: a bundle is
 * texts in memory until the page that asked for it saves them. Every text is scrubbed of the secrets that are known by then,
 * also those that were not known when a line was logged, and names no home folder.
 */
export class DiagnosticsDesk {
  readonly #parts: DiagnosticsParts;
  /** The newest one: what is saved is what was shown, and nothing newer. */
  #bundle: DiagnosticsBundle | null = null;
  #pageFailures = 0;

  constructor(parts: DiagnosticsParts) {
    this.#parts = parts;
  }

  /** The last end that nobody asked for, until a person took note. */
  crash(): CrashNotice | null {
    const record = readCrashRecord(this.#parts.paths.crash);
    return record === null || record.seen ? null : { atMs: record.atMs, version: record.version };
  }

  /** The record stays for a bundle; nobody is told of it again. */
  seenCrash(): void {
    const record = readCrashRecord(this.#parts.paths.crash);
    if (record !== null) writeCrashRecord(this.#parts.paths.crash, { ...record, seen: true });
  }

  /** Keeps where in the program a page failed: the message of an error may quote what it was about. */
  pageFailed({ place, error, stack }: { place: string; error: string; stack: string }): void {
    if (++this.#pageFailures > MAX_PAGE_FAILURES) return;
    const frames = stack.split('\n').filter((line) => /^\s*(at\s|\S*@\S+:\d+)/.test(line));
    this.#parts.logger.error(
      {
        place: /^[\w -]{1,40}$/.test(place) ? place : 'unknown',
        error: /^\w{1,60}$/.test(error) ? error : 'Error',
        frames,
      },
      'a part of the page failed',
    );
  }

  /**
   * @param sessionId the one conversation that a person wants in it.
   * @throws AppFailure `not_found` for a conversation that is gone.
   */
  async collect(sessionId: string | null): Promise<DiagnosticsBundle> {
    const { clock, newId, paths, logger } = this.#parts;
    logger.flush();
    const state = this.#parts.state();
    const record = readCrashRecord(paths.crash);
    const log = recentLog(paths.log, LOG_BYTES);
    const files: DiagnosticsFile[] = [
      this.#file('about', 'about.json', this.#about(state)),
      ...(state === null ? [] : [this.#file('settings', 'settings.json', plainSettings(state.settings))]),
      this.#file('store', 'store.json', await this.#store(state)),
      ...(state === null ? [] : [this.#file('keys', 'keys.json', plainKeys(state))]),
      ...(log === null ? [] : [this.#file('log', 'log.jsonl', log)]),
      ...(record === null ? [] : [this.#file('crash', 'crash.json', record)]),
    ];
    if (sessionId !== null) {
      const { content } = await this.#parts.conversation(sessionId);
      files.push(this.#file('conversation', 'conversation.md', content));
    }
    this.#bundle = { bundleId: newId(), madeAtMs: clock.now(), files };
    return this.#bundle;
  }

  /**
   * @param names files of the bundle, as they were shown.
   * @throws AppFailure `not_found` where a newer bundle took its place, or where it has no such file.
   */
  async zip(
    bundleId: string,
    names: readonly string[],
  ): Promise<{ fileName: string; data: string; sizeBytes: number }> {
    const bundle = this.#bundle;
    const chosen = bundle?.files.filter(({ name }) => names.includes(name)) ?? [];
    if (bundle?.bundleId !== bundleId || chosen.length !== new Set(names).size) {
      throw failureOf('not_found', { word: 'diagnostics_gone' });
    }
    const { zipTexts } = await import('./zip-texts.ts');
    const bytes = await zipTexts(chosen, bundle.madeAtMs);
    const day = new Date(bundle.madeAtMs).toISOString().slice(0, 16).replace(/[:T]/g, '-');
    return { fileName: `sluice-diagnostics-${day}.zip`, data: bytes.toString('base64'), sizeBytes: bytes.length };
  }

  #about(state: CoreState | null): Record<string, unknown> {
    const { host, version, clock, paths } = this.#parts;
    const { node, chrome, v8 } = process.versions;
    const electron = electronVersion();
    return {
      madeAt: new Date(clock.now()).toISOString(),
      sluice: version,
      host,
      node,
      ...(electron === undefined ? {} : { electron, chrome }),
      v8,
      platform: process.platform,
      arch: process.arch,
      release: release(),
      dataDir: paths.dir,
      logFile: paths.log,
      upForSeconds: Math.round(process.uptime()),
      memoryBytes: { process: process.memoryUsage.rss(), free: freemem(), total: totalmem() },
      conversations: state === null ? 'cannot be opened' : state.storage,
    };
  }

  async #store(state: CoreState | null): Promise<Record<string, unknown>> {
    const { paths, runTask } = this.#parts;
    const freeBytes = attempt(() => systemDisk.freeBytes(paths.dir));
    try {
      return { ...(await runTask('describeStore', { database: paths.database })), freeBytes };
    } catch (thrown) {
      // That it cannot be read is what the reader of a bundle has to know; the rest of the bundle still helps.
      return { freeBytes, isOpen: state !== null, cannotBeRead: describeThrown(thrown)['message'] };
    }
  }

  #file(part: DiagnosticsFile['part'], name: string, content: unknown): DiagnosticsFile {
    const text = this.#clean(typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
    return { name, part, sizeBytes: Buffer.byteLength(text), text };
  }

  #clean(text: string): string {
    const home = homedir();
    const scrubbed = this.#parts.scrubber.scrub(text);
    if (home.length < 3) return scrubbed;
    return scrubbed.replaceAll(JSON.stringify(home).slice(1, -1), '~').replaceAll(home, '~');
  }
}

function attempt<T>(task: () => T): T | null {
  try {
    return task();
  } catch {
    // A fact that cannot be had is shown as one that is missing.
    return null;
  }
}
