import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { startHeadlessProcess } from '../testing/headless-process.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { openStore } from './store.ts';

// Windows lets nobody take an open file away.
describe.skipIf(process.platform === 'win32')('a conversations file that is taken away under a running Sluice', () => {
  const open = () => {
    const clock = new ManualClock();
    const paths = dataPaths(tempDir());
    const store = openStore(paths, { clock });
    onTestFinished(() => store.close());
    const states: string[] = [];
    store.committer.onStorageChange((state) => states.push(`${state.state}: ${state.said?.word ?? 'well'}`));
    const write = (compressionTailMessages: number, patient: boolean) =>
      store.committer.commit(() => store.settings.write({ compressionTailMessages }), { patient });
    return { clock, database: paths.database, store, states, write };
  };

  it('[E8-27] nothing is acknowledged while it is away; put back, what waited is stored and it goes on by itself', async () => {
    const { clock, database, store, states, write } = open();
    await write(21, false);
    renameSync(database, `${database}.away`);
    await expect(write(22, false)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining(`no longer at ${database}`) as string,
    });
    const waits = write(23, true);
    clock.advance(5000);
    expect(store.settings.read().compressionTailMessages).toBe(21);
    renameSync(`${database}.away`, database);
    clock.advance(5000);
    await waits;
    expect(store.settings.read().compressionTailMessages).toBe(23);
    expect(states).toEqual(['read-only: store_gone', 'writable: well']);
  });

  it('[E8-27] another file in its place is not taken for it', async () => {
    const { database, states, write } = open();
    renameSync(database, `${database}.away`);
    writeFileSync(database, 'another one');
    await expect(write(22, false)).rejects.toThrow('no longer at');
    expect(states).toEqual(['read-only: store_gone']);
  });

  it('[E8-27] [E5-07] a host whose whole folder is deleted takes no message, says why, and still ends in order', async () => {
    const dir = tempDir();
    const host = await startHeadlessProcess(dir);
    onTestFinished(() => host.kill());
    expect((await host.request('chat.run', { session_id: 's', input: 'before' })).ok).toBe(true);
    rmSync(dir, { recursive: true, force: true });
    const refused = await host.request('chat.run', { session_id: 'other', input: 'after' });
    expect(refused).toMatchObject({ ok: false, error: { details: { said: { word: 'store_gone' } } } });
    // What is there can still be read.
    const page = await host.request('sessions.page', { sessionId: 's' });
    expect(page.ok && page.data.messages[0]?.content).toBe('before');
    expect(await host.stop()).toBe(0);
  });
});
