import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MUTANTS } from './mutants-list.mjs';

const ROOT = join(import.meta.dirname, '..');
const textOf = (file: string) => (existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : '');

// Whoever moves code hears of it here, and not with the next run of all defects, which takes long and is seldom.
it('every planted defect stands at one place of the sources, and its test is there', () => {
  const lost = MUTANTS.flatMap(({ id, edits, test }) => {
    const astray = edits.filter(({ file, find }) => textOf(file).split(find).length !== 2);
    const isThere = textOf(test.file) !== '';
    return [...astray.map(({ file, find }) => `${id}: ${file}: ${find}`), ...(isThere ? [] : [`${id}: ${test.file}`])];
  });
  expect(lost).toEqual([]);
});
