import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAILURE_WORDS } from '#contract/failure-words';
import { ENGLISH_IN, exemptionOf, textsIn, unnamedSentences } from './unnamed-sentences.ts';

const ROOT = join(import.meta.dirname, '..');

/** What runs in the main process: tests, fixtures and generated goldens are not in it. */
function sources(folders: readonly string[] = ['src-main', 'src-preload']): { path: string; source: string }[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.ts') && !path.includes('.test.') && !path.includes('/testing/'))
      .map((path) => ({ path, source: readFileSync(join(ROOT, path), 'utf8') })),
  );
}

const found = (source: string) => unnamedSentences('src-main/planted.ts', source).map(({ text }) => text);

describe('sentences of the core', () => {
  it('[E12] every one that can reach a window has a name', () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(400);
    const left = files
      .filter(({ path }) => exemptionOf(path) === null)
      .flatMap(({ path, source }) => unnamedSentences(path, source).map(({ line, text }) => `${path}:${line} ${text}`));
    expect(left).toEqual([]);
  });

  it('[E12] every name is used', () => {
    const used = new Set(
      // The page says some of them itself: of a core that does not answer, of a file that it cannot read.
      sources(['src-main', 'src-preload', 'src-renderer'])
        .filter(({ path }) => !path.startsWith('src-preload/contract/words/') && !path.includes('/failure-words'))
        .flatMap(({ path, source }) => [...textsIn(path, source)]),
    );
    const names = Object.keys(FAILURE_WORDS).filter((name) => !name.startsWith('_'));
    expect(names.length).toBeGreaterThan(200);
    expect(names.filter((name) => !used.has(name))).toEqual([]);
  });

  it('[E12] no place is excused in which no English is left', () => {
    const excused = new Set(
      sources().flatMap(({ path, source }) => (unnamedSentences(path, source).length > 0 ? [exemptionOf(path)] : [])),
    );
    expect(Object.keys(ENGLISH_IN).filter((entry) => !excused.has(entry))).toEqual([]);
  });
});

describe('what counts as a sentence without a name', () => {
  it.each<[string, string]>([
    ['a failure', "throw new AppFailure('conflict', 'gone');"],
    ['a failure with places', 'throw new AppFailure(code, `no ' + '${name}`);'],
    ['a failure that chooses', "throw new AppFailure(code, isOld ? 'old' : words);"],
    ['a failure with a fallback', "throw new AppFailure(code, words ?? 'gone');"],
    ['a failure of HTTP', "throw new HttpFailure(409, 'conflict', 'gone');"],
    ['a field of a record', "return { state: 'off', message: 'The server is off.' };"],
    ['what a function returns', 'return `The disk of ' + '${name} is full.`;'],
    ['a constant', "const WHY = 'Another program holds the file.';"],
  ])('[E12] %s is found', (_what, source) => {
    expect(found(source)).toHaveLength(1);
  });

  it.each<[string, string]>([
    ['a failure with a name', "throw failureOf('conflict', { word: 'closing' });"],
    ['a failure handed on', 'throw new AppFailure(error.code, error.message);'],
    ['an error for programmers', "throw new Error('This cannot happen at all.');"],
    ['a line of the log', "logger.warn(fields, 'The backup was not made.');"],
    ['a comment', '// The disk is full again.\nconst a = 1;'],
    ['a statement of SQL', "db.prepare('select * from runs where id = ? order by seq.');"],
    ['a word', "const kind = 'Done.';"],
  ])('[E12] %s is not', (_what, source) => {
    expect(found(source)).toEqual([]);
  });
});
