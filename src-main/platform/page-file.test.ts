import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { readPageFile } from './page-file.ts';

it('[E6-07] a packed script of the page is read as what it holds, and what is not there is told as such', async () => {
  const dir = tempDir();
  const script = `let diagram = ${'1 + '.repeat(50_000)}1;`;
  writeFileSync(join(dir, 'big.js.gz'), gzipSync(script));
  writeFileSync(join(dir, 'small.js'), 'let a;');
  mkdirSync(join(dir, 'folder'));
  expect(String(await readPageFile(join(dir, 'big.js')))).toBe(script);
  expect(String(await readPageFile(join(dir, 'small.js')))).toBe('let a;');
  expect(await readPageFile(join(dir, 'none.js'))).toBeNull();
  expect(await readPageFile(join(dir, 'folder'))).toBeNull();
  expect(await readPageFile(join(dir, 'small.js', 'below'))).toBeNull();
  expect(await readPageFile(join(dir, 'a'.repeat(300)))).toBeNull();
  expect(await readPageFile(join(dir, 'a/'.repeat(5000)))).toBeNull();
  writeFileSync(join(dir, 'cut.js.gz'), gzipSync(script).subarray(0, 20));
  await expect(readPageFile(join(dir, 'cut.js'))).rejects.toThrow();
});
