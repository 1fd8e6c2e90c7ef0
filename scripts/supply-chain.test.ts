import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAllowed, packagesOf } from './licences.mjs';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const workflows = readdirSync(join(root, '.github', 'workflows'));

describe('the supply chain', () => {
  it('[E12] every package of the lockfile has a licence that was looked at, a version and a checksum', () => {
    const lock = JSON.parse(read('package-lock.json')) as Parameters<typeof packagesOf>[0] & {
      packages: Record<string, { integrity?: string; resolved?: string; link?: boolean }>;
    };
    const packages = packagesOf(lock);
    expect(packages.length).toBeGreaterThan(300);
    const refused = packages.filter(({ licence, isTool }) => !isAllowed(licence, isTool));
    // It is named, with its source, where the list is made.
    expect(refused.map(({ name }) => name)).toEqual(['elkjs']);
    const open = Object.entries(lock.packages).filter(
      ([path, { integrity, link }]) => path !== '' && link !== true && integrity === undefined,
    );
    expect(open.map(([path]) => path)).toEqual([]);
  });

  it('[E12] a licence counts by what it says: either of two, both of two, and none that is unknown', () => {
    expect(isAllowed('(MIT OR GPL-3.0)', false)).toBe(true);
    expect(isAllowed('MIT AND GPL-3.0', false)).toBe(false);
    expect(isAllowed('MPL-2.0', true)).toBe(true);
    expect(isAllowed('MPL-2.0', false)).toBe(false);
    expect(isAllowed('unknown', true)).toBe(false);
  });

  it('[E12] the application has the two packages with a native part and no other at run time', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies)).toEqual(['@napi-rs/keyring', 'better-sqlite3']);
  });

  it('[E12] every version that is asked for is exact', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const versions = Object.entries({ ...dependencies, ...devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it.each(workflows)(
    '[E12] %s runs pinned actions only, may read and no more unless a job says so, and ends by itself',
    (name) => {
      const text = read(join('.github', 'workflows', name));
      const used = [...text.matchAll(/uses: (\S+)(.*)/g)];
      expect(used.length).toBeGreaterThan(0);
      for (const [, action, comment] of used) {
        expect(action).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
        expect(comment).toMatch(/# v\d/);
      }
      expect(text).toMatch(/^permissions:\n {2}contents: read\n/m);
      const jobs = text.slice(text.indexOf('\njobs:'));
      expect([...jobs.matchAll(/^ {4}runs-on:/gm)]).toHaveLength([...jobs.matchAll(/^ {4}timeout-minutes:/gm)].length);
      // What stands in a name of a branch or a title must not become a command.
      expect(text).not.toMatch(/run:.*\$\{\{ *github\.(event|head_ref)/);
      for (const [, script] of text.matchAll(/npm run ([a-z0-9:]+)/g)) {
        expect(Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts)).toContain(script);
      }
    },
  );
});
