import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashSources, hostEnv, isBuildSource, lastingNode, whyBuild, whyInstall } from './setup.mjs';

const lock = (packages: Record<string, object>) => ({ lockfileVersion: 3, packages: { '': {}, ...packages } });

describe('whether packages have to be installed', () => {
  const wanted = lock({
    'node_modules/a': { version: '1.0.0' },
    'node_modules/only-elsewhere': { version: '1.0.0', optional: true },
  });

  it.each([
    ['nothing is installed', null, 'nothing is installed yet'],
    ['a package is missing', lock({}), 'node_modules/a is missing'],
    [
      'a package has another version',
      lock({ 'node_modules/a': { version: '0.9.0' } }),
      'node_modules/a is 0.9.0, the lockfile says 1.0.0',
    ],
    [
      'a package for another platform is absent, and one that nobody asked for is there',
      lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/extra': { version: '3.0.0' } }),
      null,
    ],
  ])('%s', (_name, installed, reason) => {
    expect(whyInstall(wanted, installed)).toBe(reason);
  });
});

describe('whether a build is needed', () => {
  let root: string;
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const outputs = ['main/electron.js', 'main/headless.js', 'preload/index.cjs', 'renderer/index.html'];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sluice-setup-'));
    write('package.json', '{}');
    write('src-main/a.ts', 'one');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('a missing output asks for one', () => {
    expect(whyBuild(root, hashSources(root))).toBe('out/main/electron.js is missing');
  });

  it('the stamp of the same sources asks for none, of others it does', () => {
    for (const output of outputs) write(`out/${output}`, '');
    const sources = hashSources(root);
    expect(whyBuild(root, sources)).toBe('the sources have changed');
    write('out/build-stamp.json', JSON.stringify({ sources }));
    expect(whyBuild(root, sources)).toBeNull();
    write('src-main/a.ts', 'two');
    expect(whyBuild(root, hashSources(root))).toBe('the sources have changed');
  });

  it('the hash follows contents and names, not modification times, tests or notes', () => {
    const before = hashSources(root);
    utimesSync(join(root, 'src-main/a.ts'), 1, 1);
    write('src-main/a.test.ts', 'x');
    write('src-main/testing/stub.ts', 'x');
    write('src-main/README.md', 'x');
    expect(hashSources(root)).toBe(before);
    write('src-main/b.ts', '');
    expect(hashSources(root)).not.toBe(before);
  });

  it.each([
    ['src-main/runs/run-log.ts', true],
    ['src-renderer/styles/base.css', true],
    ['src-main/runs/run-log.test.ts', false],
    ['src-renderer/ui/button.test.tsx', false],
    ['src-main/testing/electron-stub.ts', false],
    ['src-main/README.md', false],
    ['src-main/.DS_Store', false],
  ])('%s is a source: %s', (path, expected) => {
    expect(isBuildSource(path)).toBe(expected);
  });
});

describe('the Node that npm is run by', () => {
  const root = join('/', 'repo');
  const own = join(root, 'node_modules', 'node', 'bin', 'node');
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const folders = ['', join(root, 'node_modules', '.bin'), join('/', 'nothing'), join('/', 'usr', 'bin')];
  const outer = join('/', 'usr', 'bin', name);

  it('is not one that npm is about to remove', () => {
    const exists = (path: string) => path === outer || path.includes('node_modules');
    expect(lastingNode(own, root, folders, exists)).toBe(outer);
    expect(lastingNode(join('/', 'opt', 'node'), root, folders, exists)).toBe(join('/', 'opt', 'node'));
  });

  it('is the running one where there is no other', () => {
    expect(lastingNode(own, root, folders, () => false)).toBe(own);
  });
});

describe('the environment of a headless host', () => {
  it('limits the allocator unless somebody chose for it, and keeps all else', () => {
    expect(hostEnv({ PATH: '/bin', MALLOC_ARENA_MAX: '8' })).toEqual({
      PATH: '/bin',
      MALLOC_ARENA_MAX: '8',
      MALLOC_TRIM_THRESHOLD_: '131072',
    });
  });
});
