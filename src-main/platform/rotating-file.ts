import * as nodeFs from 'node:fs';
import { dirname, extname } from 'node:path';

/** What is done to the files, as a parameter that tests let fail. */
export type LogDisk = Pick<
  typeof nodeFs,
  | 'openSync'
  | 'readSync'
  | 'writeSync'
  | 'closeSync'
  | 'fstatSync'
  | 'fchmodSync'
  | 'renameSync'
  | 'rmSync'
  | 'mkdirSync'
>;

/** After a failure nothing is tried for this long: a full disk is not asked again for every line. */
const PAUSE_MS = 2000;
const LINE_END = 0x0a;

/** The file that holds older lines: 1 is the one before the present one. `sluice.log` becomes `sluice.1.log`. */
export function olderFile(path: string, number: number): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.${number}${extension}`;
}

/**
 * A file that is appended to and never outgrows its limits: a full one steps back one place and the oldest goes. What cannot
 * be written is counted and left out, and told once writing works again; nothing is ever thrown. Every write opens the file
 * anew, so a file or folder that a person removed comes back.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #limits: { maxBytes: number; maxFiles: number };
  readonly #disk: LogDisk;
  readonly #nowMs: () => number;
  readonly #tellGap: (lines: number) => string;
  #lostLines = 0;
  #pauseUntilMs = Number.NEGATIVE_INFINITY;
  /** A write that broke off may have left half a line; null before the first write, when another process may have. */
  #isTorn: boolean | null = null;

  /**
   * @param options.maxFiles the present file among them.
   * @param options.tellGap the line, with its end, that says how many lines are missing before it.
   */
  constructor(
    path: string,
    options: {
      maxBytes: number;
      maxFiles: number;
      tellGap: (lines: number) => string;
      disk?: LogDisk;
      /** Any clock that only moves forward. */
      nowMs?: () => number;
    },
  ) {
    this.#path = path;
    this.#limits = options;
    this.#disk = options.disk ?? nodeFs;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#tellGap = options.tellGap;
  }

  /** Appends whole lines. They are with the system when this returns, or counted as lost. */
  write(lines: string): void {
    if (this.#nowMs() < this.#pauseUntilMs) {
      this.#lose(lines);
      return;
    }
    const gap = this.#lostLines === 0 ? '' : this.#tellGap(this.#lostLines);
    try {
      this.#append(`${gap}${lines}`);
      this.#lostLines = 0;
      this.#isTorn = false;
    } catch {
      // Where the log itself cannot be written there is nowhere to say so; the count is told with the next line.
      this.#lose(lines);
      this.#pauseUntilMs = this.#nowMs() + PAUSE_MS;
    }
  }

  #lose(lines: string): void {
    this.#lostLines += lines.split('\n').length - 1;
  }

  #append(text: string): void {
    let file = this.#open();
    try {
      const { size } = this.#disk.fstatSync(file);
      this.#isTorn ??= this.#endsInLine(file, size);
      const bytes = Buffer.from(`${this.#isTorn ? '\n' : ''}${text}`, 'utf8');
      if (size > 0 && size + bytes.length > this.#limits.maxBytes) {
        this.#disk.closeSync(file);
        file = -1;
        this.#stepBack(size);
        file = this.#open();
      }
      for (let at = 0; at < bytes.length; ) {
        const written = this.#disk.writeSync(file, bytes, at);
        at += written;
        this.#isTorn = at < bytes.length;
      }
    } finally {
      if (file !== -1) this.#disk.closeSync(file);
    }
  }

  /** A process that ended while the disk was full left half a line, and nobody who could mend it. */
  #endsInLine(file: number, size: number): boolean {
    if (size === 0) return false;
    const last = Buffer.alloc(1);
    this.#disk.readSync(file, last, 0, 1, size - 1);
    return last[0] !== LINE_END;
  }

  #open(): number {
    this.#disk.mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const file = this.#disk.openSync(this.#path, 'a+', 0o600);
    // One that was there may be open to others.
    if (process.platform !== 'win32') this.#disk.fchmodSync(file, 0o600);
    return file;
  }

  /** Every file one place back; the last one goes. */
  #stepBack(sizeBytes: number): void {
    const { maxFiles, maxBytes } = this.#limits;
    try {
      this.#disk.rmSync(olderFile(this.#path, maxFiles - 1), { force: true });
      for (let number = maxFiles - 2; number >= 1; number--) this.#rename(olderFile(this.#path, number), number + 1);
      if (maxFiles > 1) this.#rename(this.#path, 1);
      else this.#disk.rmSync(this.#path, { force: true });
    } catch (thrown) {
      // A program that holds the file on Windows: it may grow for a while, but not for ever.
      if (sizeBytes > 2 * maxBytes) throw thrown;
    }
  }

  #rename(from: string, number: number): void {
    try {
      this.#disk.renameSync(from, olderFile(this.#path, number));
    } catch (thrown) {
      const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
      if (!isMissing) throw thrown;
    }
  }
}
