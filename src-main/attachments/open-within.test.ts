import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { isReadable, openWithin, type ReadableFolders } from './open-within.ts';

/** A data directory with a secret, a working folder, and a neighbour with a secret. */
function scene() {
  const dir = realpathSync(tempDir());
  const folders: ReadableFolders = {
    attachments: join(dir, 'data', 'attachments'),
    workspaces: [join(dir, 'work')],
    dataDir: join(dir, 'data'),
  };
  for (const folder of ['data/attachments', 'work/sub', 'work-other', 'elsewhere'])
    mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, 'data', 'token'), 'secret');
  writeFileSync(join(dir, 'data', 'attachments', 'a.txt'), 'mine');
  writeFileSync(join(dir, 'work', 'sub', 'b.txt'), 'work');
  writeFileSync(join(dir, 'work-other', 'c.txt'), 'secret');
  writeFileSync(join(dir, 'elsewhere', 'd.txt'), 'secret');
  const open = async (path: string, given: ReadableFolders = folders): Promise<string> => {
    const file = await openWithin(path, given);
    if (!file.ok) return file.reason;
    const text = await file.handle.readFile('utf8');
    await file.handle.close();
    return text;
  };
  return { dir, folders, open };
}

describe('which files may be read', () => {
  it('[E6-07] [E6-02] those of the attachments folder and of working folders, and no other', async () => {
    const { dir, open } = scene();
    expect(await open(join(dir, 'data/attachments/a.txt'))).toBe('mine');
    expect(await open(join(dir, 'work/sub/b.txt'))).toBe('work');
    expect(await open(`${dir}/work/sub/../sub/./b.txt`)).toBe('work');
    for (const path of [
      'work-other/c.txt',
      'elsewhere/d.txt',
      'data/token',
      'data/attachments/../token',
      'work/../elsewhere/d.txt',
      'work/sub/b.txt\0.png',
      'work',
    ]) {
      expect(await open(`${dir}/${path}`), path).toBe('outside');
    }
    expect(await open('/etc/passwd')).toBe('outside');
    expect(await open('work/sub/b.txt')).toBe('outside');
    expect(await open('')).toBe('outside');
  });

  it('[E6-07] what is not there, is no file or is closed says so, and a pipe holds nobody up', async () => {
    const { dir, open } = scene();
    expect(await open(join(dir, 'work/none.txt'))).toBe('missing');
    expect(await open(join(dir, 'work/sub/b.txt/x'))).toBe('missing');
    expect(await open(join(dir, 'work/sub'))).toBe('not-a-file');
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(dir, 'work/pipe')]);
    expect(await open(join(dir, 'work/pipe'))).toBe('not-a-file');
    chmodSync(join(dir, 'work/sub/b.txt'), 0);
    if (process.getuid?.() !== 0) expect(await open(join(dir, 'work/sub/b.txt'))).toBe('unreadable');
  });

  it.skipIf(process.platform === 'win32')('[E6-07] a link leads only to where one may read anyway', async () => {
    const { dir, open } = scene();
    const link = (to: string, from: string) => symlinkSync(join(dir, to), join(dir, from));
    link('elsewhere/d.txt', 'work/out.txt');
    link('elsewhere', 'work/out');
    link('data/token', 'work/token');
    link('data', 'work/data');
    link('work/loop', 'work/loop');
    link('work/sub/b.txt', 'work/in.txt');
    link('data/attachments/a.txt', 'work/a.txt');
    for (const path of ['out.txt', 'out/d.txt', 'token', 'data/token']) {
      expect(await open(join(dir, 'work', path)), path).toBe('outside');
    }
    expect(await open(join(dir, 'work/loop'))).toBe('missing');
    expect(await open(join(dir, 'work/in.txt'))).toBe('work');
    expect(await open(join(dir, 'work/a.txt'))).toBe('mine');
  });

  it.skipIf(process.platform === 'win32')(
    '[E6-07] a working folder that is itself a link is read where it leads',
    async () => {
      const { dir, folders, open } = scene();
      symlinkSync(join(dir, 'work'), join(dir, 'alias'));
      const given = { ...folders, workspaces: [join(dir, 'alias')] };
      expect(await open(join(dir, 'alias/sub/b.txt'), given)).toBe('work');
      expect(await open(join(dir, 'work-other/c.txt'), given)).toBe('outside');
    },
  );

  it('[E6-07] no working folder opens the data directory, and a whole drive is none', async () => {
    const { dir, folders, open } = scene();
    for (const workspace of [dir, join(dir, 'data'), join(dir, 'data', 'attachments', '..')]) {
      expect(await open(join(dir, 'data/token'), { ...folders, workspaces: [resolve(workspace)] })).toBe('outside');
    }
    expect(await open(join(dir, 'elsewhere/d.txt'), { ...folders, workspaces: [dir] })).toBe('secret');
    const drive = resolve('/');
    expect(await open(join(dir, 'elsewhere/d.txt'), { ...folders, workspaces: [drive, '', '.', 'elsewhere'] })).toBe(
      'outside',
    );
  });

  it.skipIf(process.platform === 'win32')(
    '[E6-07] a folder that is swapped for a link while it is looked at opens nothing',
    async () => {
      const { dir, open } = scene();
      writeFileSync(join(dir, 'elsewhere', 'b.txt'), 'secret');
      const answers = new Set<string>();
      for (let round = 0; round < 100; round++) {
        const asked = open(join(dir, 'work/sub/b.txt'));
        const swapped = (async () => {
          for (let turn = 0; turn < round % 12; turn++) await new Promise((next) => setImmediate(next));
          renameSync(join(dir, 'work/sub'), join(dir, 'work/kept'));
          symlinkSync(join(dir, 'elsewhere'), join(dir, 'work/sub'));
        })();
        answers.add(await asked);
        await swapped;
        rmSync(join(dir, 'work/sub'));
        renameSync(join(dir, 'work/kept'), join(dir, 'work/sub'));
      }
      expect([...answers]).not.toContain('secret');
    },
  );

  it('[E6-07] a second name of the same file is the file', async () => {
    const { dir, open } = scene();
    linkSync(join(dir, 'work/sub/b.txt'), join(dir, 'work/hard.txt'));
    expect(await open(join(dir, 'work/hard.txt'))).toBe('work');
  });

  it('[E6-07] [BUG-A31] no path that is put together of ways up and down leads out', () => {
    const folders: ReadableFolders = { attachments: '/d/attachments', workspaces: ['/w'], dataDir: '/d' };
    const step = fc.constantFrom('..', '.', 'w', 'd', 'attachments', 'token', 'x', '', '...', '..\\', '%2e%2e');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const path = resolve(`/${steps.join('/')}`);
        const expected = path.startsWith('/d/attachments/') || path.startsWith('/w/');
        expect(isReadable(path, folders)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});
