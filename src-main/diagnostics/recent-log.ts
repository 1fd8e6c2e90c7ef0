import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { olderFile } from '../platform/rotating-file.ts';

/** The end of a file, or null where it cannot be read. */
function readEnd(path: string, maxBytes: number): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // Not there, or not for us: whoever reads the bundle sees that there is no log.
    return null;
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, maxBytes));
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const text = bytes.toString('utf8', 0, read);
    // A line that begins before what was read is left out whole.
    return size > maxBytes ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(file);
  }
}

/** The newest lines of the log, the oldest of them first, over the border of two files; null where there is no log. */
export function recentLog(path: string, maxBytes: number): string | null {
  const newest = readEnd(path, maxBytes);
  const left = maxBytes - Buffer.byteLength(newest ?? '');
  const before = left > 0 ? readEnd(olderFile(path, 1), left) : null;
  return newest === null && before === null ? null : `${before ?? ''}${newest ?? ''}`;
}
