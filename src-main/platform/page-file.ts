import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const unzip = promisify(gunzip);

/** A name that is longer than any file's stands for none, either. */
const NO_SUCH_FILE: ReadonlySet<string> = new Set(['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG']);

/**
 * Reads a file of the built page. Large scripts that few people need lie there as `<name>.gz` alone, which is a third of the
 * application's size; they are read as what they hold.
 *
 * @param path absolute; the caller has made sure that it lies within the page's folder.
 * @returns null where there is no such file. Every other failure is thrown as Node has it.
 */
export async function readPageFile(path: string): Promise<Buffer | null> {
  const plain = await readOrNull(path);
  if (plain !== null) return plain;
  const packed = await readOrNull(`${path}.gz`);
  return packed === null ? null : unzip(packed);
}

async function readOrNull(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (NO_SUCH_FILE.has(String(code))) return null;
    throw thrown;
  }
}
