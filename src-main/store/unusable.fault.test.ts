import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { ownerToken } from '../platform/token-file.ts';
import { startHeadlessProcess } from '../testing/headless-process.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { openStore } from './store.ts';

// A folder in the place of a file, or the other way round, is refused to everybody, a superuser included.
describe('a file or a folder that the system does not let Sluice use', () => {
  it.each(['token', 'lock'] as const)(
    '[E8-27] the %s: the host ends with a sentence that names it, and no stack',
    async (what) => {
      const dir = tempDir();
      const path = dataPaths(dir)[what];
      mkdirSync(path);
      const ended = await startHeadlessProcess(dir, { SLUICE_TOKEN: '' }).catch((thrown: Error) => thrown.message);
      expect(ended).toContain(`${path} cannot be used (`);
      expect(ended).not.toMatch(/\n\s+at |Open the page/);
    },
  );

  it('[E8-27] the folder of backups, and the one that exports pass through, are named where they are needed', async () => {
    const dir = tempDir();
    const { backups, passing } = dataPaths(dir);
    const host = await startHeadlessProcess(dir);
    onTestFinished(() => host.kill());
    for (const path of [backups, passing]) writeFileSync(path, 'in the way');
    const named = (path: string) => ({
      ok: false,
      error: { details: { said: { word: 'path_unusable', with: { path } } } },
    });
    expect(await host.request('data.backUp', {})).toMatchObject(named(backups));
    expect(await host.request('data.importBegin', { name: 'x.zip', sizeBytes: 10 })).toMatchObject(named(passing));
  });

  it('[E8-27] who holds the folder cannot be said: the host starts and ends in order all the same', async () => {
    const dir = tempDir();
    const { holder } = dataPaths(dir);
    mkdirSync(holder);
    const host = await startHeadlessProcess(dir);
    onTestFinished(() => host.kill());
    expect(await host.stop()).toBe(0);
    expect(host.stderr()).toBe('');
  });

  it('[E8-27] a database that takes no writes is not called a full disk', async () => {
    const clock = new ManualClock();
    const paths = dataPaths(tempDir());
    const store = openStore(paths, { clock });
    onTestFinished(() => store.close());
    store.db.pragma('query_only = ON');
    const refused = store.committer.commit(() => store.settings.write({ theme: 'dark' }));
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('SQLITE_READONLY') as string });
    expect(store.committer.storage.said).toEqual({ word: 'trouble_unwritable', with: { code: 'SQLITE_READONLY' } });
  });

  it.each(['', '\n', '\0'.repeat(65)])(
    '[E1-09] a token file that a power cut left as %j gets a token, for its owner only',
    (left) => {
      const path = dataPaths(tempDir()).token;
      writeFileSync(path, left, { mode: 0o644 });
      const token = ownerToken(undefined, path);
      expect(token).toMatch(/^[0-9a-f]{64}$/);
      expect(ownerToken(undefined, path)).toBe(token);
      if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    },
  );

  it('[E1-09] a token that a person put there stays', () => {
    const path = dataPaths(tempDir()).token;
    writeFileSync(path, 'of my own\n');
    expect(ownerToken(undefined, path)).toBe('of my own');
  });
});
