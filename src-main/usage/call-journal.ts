import * as nodeFs from 'node:fs';
import type { UsageCall } from '#contract/usage-report';
import { type Deferred, deferred } from '../platform/deferred.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { type JournalEntry, journalLine, type OwedCall, readJournals } from './journal-lines.ts';

/** What is done to the files, as a parameter that tests let fail. */
export type JournalDisk = Pick<
  typeof nodeFs,
  'openSync' | 'writeSync' | 'closeSync' | 'ftruncateSync' | 'readFileSync' | 'statSync'
>;

/** A journal of this size goes on in the other file, with only what is still owed. */
const PART_BYTES = 4 * 1024 * 1024;
/** Below this part of it nothing is emptied while calls go on: that costs as much as writing ten of them down. */
const EMPTIED_PART = 1 / 128;
/** After a failure nothing is tried for this long: a full disk is not asked again for every call. */
const PAUSE_MS = 2000;

/**
 * Programs' calls on their way into the ledger: each is written down here before it leaves and when it has ended, which
 * costs far less than two transactions, and goes into the store in batches. What is said in one turn of the event loop is one
 * write at its end; from then on it is with the system and outlives the process, however that ends. There are two files,
 * written in turns: each alone, or both together, hold everything that is owed.
 *
 * What cannot be written is told once to the log and harms no call: its end is booked all the same, from memory.
 */
export class CallJournal {
  readonly #paths: readonly [string, string];
  readonly #logger: Logger;
  readonly #disk: JournalDisk;
  readonly #nowMs: () => number;
  readonly #partBytes: number;
  readonly #owed = new Map<string, OwedCall>();
  /** Said in this turn. */
  #lines = '';
  #written: Deferred<void> | null = null;
  /** Written at the end of this turn at the latest. */
  #isDue = false;
  /** The file that is written, by its place, and its descriptor once there was something to write. */
  #place: 0 | 1 = 0;
  #file: number | null = null;
  #bytes = 0;
  /** Nothing stands in the file that is not written. */
  #isOtherEmpty = false;
  /** A write that broke off may have left half a line. */
  #isTorn = false;
  #pauseUntilMs = Number.NEGATIVE_INFINITY;
  /** What the log knows is wrong already, until it works again. */
  readonly #told = new Set<'write' | 'empty'>();
  #isClosed = false;

  constructor(
    paths: readonly [string, string],
    options: {
      logger: Logger;
      disk?: JournalDisk;
      /** Any clock that only moves forward. */
      nowMs?: () => number;
      partBytes?: number;
    },
  ) {
    this.#paths = paths;
    this.#logger = options.logger;
    this.#disk = options.disk ?? nodeFs;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#partBytes = options.partBytes ?? PART_BYTES;
  }

  /**
   * What earlier processes left. It stays owed until it is settled. To be asked once, before anything is written.
   *
   * @returns calls that ended, and calls of which nothing more is known than that they were about to leave.
   */
  recover(): { ended: UsageCall[]; open: UsageCall[] } {
    const texts = this.#paths.map((path) => this.#read(path));
    this.#place = (texts[1]?.length ?? 0) > (texts[0]?.length ?? 0) ? 1 : 0;
    // The next line is not to be lost with the half one of a process that died in the middle of a write.
    const last = texts[this.#place] ?? '';
    this.#isTorn = last !== '' && !last.endsWith('\n');
    const { owed, unreadable } = readJournals(texts);
    // More than the half line of a process that died, or that a disk had no room for.
    if (unreadable > 1) this.#logger.warn({ lines: unreadable }, 'lines of the journal of calls could not be read');
    for (const entry of owed) this.#owed.set(entry.call.id, entry);
    if (owed.length === 0 && texts.some((text) => text !== '')) this.#empty();
    return {
      ended: owed.filter(({ kind }) => kind === 'ended').map(({ call }) => call),
      open: owed.filter(({ kind }) => kind === 'open').map(({ call }) => call),
    };
  }

  has(id: string): boolean {
    return this.#owed.has(id);
  }

  /** Resolves when it is written, or could not be. Never rejects. */
  open(draft: UsageCall): Promise<void> {
    this.note(draft);
    this.#written ??= deferred<void>();
    return this.#written.promise;
  }

  /** The same for whoever waits for nothing, and says `leaving` before anything leaves. */
  note(draft: UsageCall): void {
    this.#owe({ kind: 'open', call: draft });
  }

  /** A call is about to leave: what was said of it is written now, unless it is already. Never throws. */
  leaving(): void {
    if (this.#lines !== '') this.#write();
  }

  end(call: UsageCall): void {
    this.#owe({ kind: 'ended', call });
  }

  /** It never left. */
  drop(id: string): void {
    this.#owed.delete(id);
    this.#say({ kind: 'dropped', id });
  }

  /** These are in the store now. */
  settled(ids: readonly string[]): void {
    for (const id of ids) this.#owed.delete(id);
    // What was said in this turn is in the file before that is emptied or left.
    this.#write();
    if (this.#bytes < this.#partBytes * EMPTIED_PART || this.#nowMs() < this.#pauseUntilMs) return;
    if (this.#owed.size === 0) this.#empty();
    else if (this.#bytes > this.#partBytes) this.#turn();
  }

  /** Calls that are written down and not in the store. */
  get size(): number {
    return this.#owed.size;
  }

  /** Whether there is something in the files that nobody needs any more. */
  get isUntidy(): boolean {
    return this.#owed.size === 0 && this.#bytes > 0;
  }

  /** Empties the files where nothing is owed. For a moment in which nothing ends. */
  tidy(): void {
    this.#write();
    if (this.isUntidy && this.#nowMs() >= this.#pauseUntilMs) this.#empty();
  }

  /** Writes nothing from here on. What is owed stays in the files. */
  close(): void {
    this.#write();
    this.#isClosed = true;
    if (this.#file !== null) this.#disk.closeSync(this.#file);
    this.#file = null;
  }

  #read(path: string): string {
    try {
      const text = this.#disk.readFileSync(path, 'utf8');
      this.#bytes += text.length;
      return text;
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return '';
      this.#logger.error(describeThrown(thrown), 'the journal of calls could not be read');
      return '';
    }
  }

  #owe(entry: OwedCall): void {
    this.#owed.set(entry.call.id, entry);
    this.#say(entry);
  }

  #say(entry: JournalEntry): void {
    this.#lines += journalLine(entry);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#write();
    });
  }

  #write(): void {
    const lines = this.#lines;
    const written = this.#written;
    this.#lines = '';
    this.#written = null;
    if (lines !== '' && !this.#isClosed && this.#nowMs() >= this.#pauseUntilMs) {
      try {
        this.#file ??= this.#disk.openSync(this.#paths[this.#place], 'a', 0o600);
        this.#bytes += this.#append(this.#file, `${this.#isTorn ? '\n' : ''}${lines}`);
        this.#isTorn = false;
        this.#told.delete('write');
      } catch (thrown) {
        this.#failed(thrown);
      }
    }
    written?.resolve();
  }

  /** @returns the bytes. @throws what the disk throws, or that it has no room. */
  #append(file: number, text: string): number {
    const bytes = Buffer.byteLength(text);
    const written = this.#disk.writeSync(file, text);
    if (written < bytes) throw Object.assign(new Error('The disk took only a part'), { code: 'ENOSPC' });
    return bytes;
  }

  #failed(thrown: unknown): void {
    this.#isTorn = true;
    this.#pauseUntilMs = this.#nowMs() + PAUSE_MS;
    this.#tell('write', thrown, 'a call could not be written down before it left');
  }

  /** Nothing is owed: both files say so. */
  #empty(): void {
    try {
      this.#truncate(this.#place);
      if (!this.#isOtherEmpty) this.#truncate(this.#place === 0 ? 1 : 0);
      this.#isOtherEmpty = true;
      this.#bytes = 0;
      this.#isTorn = false;
      this.#told.delete('empty');
    } catch (thrown) {
      // What stands there is in the store already, and is known there by its id.
      this.#tell('empty', thrown, 'the journal of calls could not be emptied');
    }
  }

  /** Once: it is tried again with every batch of calls. */
  #tell(what: 'write' | 'empty', thrown: unknown, message: string): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#logger.warn(describeThrown(thrown), message);
  }

  #truncate(place: 0 | 1): void {
    if (place === this.#place && this.#file !== null) return this.#disk.ftruncateSync(this.#file, 0);
    if (this.#sizeOf(place) === 0) return;
    const file = this.#disk.openSync(this.#paths[place], 'r+');
    try {
      this.#disk.ftruncateSync(file, 0);
    } finally {
      this.#disk.closeSync(file);
    }
  }

  #sizeOf(place: 0 | 1): number {
    return this.#disk.statSync(this.#paths[place], { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Goes on in the other file: first all that is owed, and only then this one is emptied. */
  #turn(): void {
    const next = this.#place === 0 ? 1 : 0;
    let file: number | null = null;
    try {
      this.#truncate(next);
      file = this.#disk.openSync(this.#paths[next], 'a', 0o600);
      const bytes = this.#append(file, [...this.#owed.values()].map(journalLine).join(''));
      const last = { file: this.#file, place: this.#place };
      this.#file = file;
      this.#place = next;
      this.#bytes = bytes;
      this.#isTorn = false;
      this.#isOtherEmpty = false;
      if (last.file !== null) this.#disk.closeSync(last.file);
      this.#truncate(last.place);
      this.#isOtherEmpty = true;
    } catch (thrown) {
      if (file !== null && file !== this.#file) this.#disk.closeSync(file);
      this.#failed(thrown);
    }
  }
}
