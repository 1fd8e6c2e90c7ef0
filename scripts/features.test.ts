import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const TEST_FOLDERS = ['src-main', 'src-preload', 'src-renderer', 'e2e', 'scripts'];

/** How many rows each group of the specification has, E1 to E11. */
const FEATURES = [10, 23, 10, 10, 9, 10, 18, 29, 7, 29, 7];
const PITFALLS = { A: 42, B: 9, C: 18, D: 20 };
const DECISIONS = 39;

const ID = String.raw`E\d+-\d+|E12|BUG-[A-Z]\d+|decision \d+`;

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

const EXPECTED = [
  ...FEATURES.flatMap((count, group) => upTo(count).map((row) => `E${group + 1}-${String(row).padStart(2, '0')}`)),
  'E12',
  ...Object.entries(PITFALLS).flatMap(([group, count]) => upTo(count).map((row) => `BUG-${group}${row}`)),
  ...upTo(DECISIONS).map((row) => `decision ${row}`),
];

interface Row {
  id: string;
  meaning: string;
  state: string;
}

/** The rows of the tables that begin with an ID. */
function readRows(page: string): Row[] {
  return [...page.matchAll(new RegExp(String.raw`^\| (${ID}) \| (.+) \| ([^|]+) \|$`, 'gm'))].map(
    ([, id = '', meaning = '', state = '']) => ({ id, meaning, state }),
  );
}

/** Every ID in brackets outside of comments, with the files whose titles carry it. */
function readTitles(): Map<string, string[]> {
  const titles = new Map<string, string[]>();
  for (const folder of TEST_FOLDERS.filter((name) => existsSync(join(ROOT, name)))) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => /\.(test\.tsx?|spec\.ts)$/.test(name))) {
      const path = join(folder, file);
      const code = readFileSync(join(ROOT, path), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '');
      for (const [, id = ''] of code.matchAll(new RegExp(String.raw`\[(${ID})\]`, 'g'))) {
        titles.set(id, [...(titles.get(id) ?? []), path]);
      }
    }
  }
  return titles;
}

const rows = readRows(readFileSync(join(ROOT, 'docs', 'features.md'), 'utf8'));
const titles = readTitles();
const withState = (state: string) => rows.filter((row) => row.state.split(':')[0] === state);

describe('docs/features.md', () => {
  it('[decision 38] lists every ID once, in order', () => {
    expect(rows.map((row) => row.id)).toEqual(EXPECTED);
  });

  it('gives every row one of three states, and says of a partial one what is there or missing', () => {
    const odd = rows.filter((row) => !/^(shown|planned|partly: \S.+)$/.test(row.state));
    expect(odd).toEqual([]);
  });

  it('knows every ID that a test title carries', () => {
    const listed = new Set(rows.map((row) => row.id));
    const unknown = [...titles].filter(([id]) => !listed.has(id));
    expect(unknown).toEqual([]);
  });

  it('calls nothing shown that no test title carries', () => {
    const shown = withState('shown').map((row) => row.id);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((id) => !titles.has(id))).toEqual([]);
  });

  it('calls nothing planned that a test title carries', () => {
    const planned = withState('planned').map((row) => row.id);
    expect(planned.flatMap((id) => titles.get(id)?.map((file) => `${id} in ${file}`) ?? [])).toEqual([]);
  });
});
