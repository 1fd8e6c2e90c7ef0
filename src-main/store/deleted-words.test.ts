import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { emptyMessage } from '#contract/message';
import { ManualClock } from '../platform/clock.ts';
import { type Logger, silentLogger } from '../platform/logger.ts';
import { type DataPaths, dataPaths } from '../platform/paths.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { DeletedWords } from './deleted-words.ts';
import { ReadClient } from './read-client.ts';
import { openStore, type Store } from './store.ts';

/** Two conversations of many messages, each with a word of its own, and what forgets them. */
async function filled(logger: Logger = silentLogger) {
  const paths = dataPaths(tempDir());
  const clock = new ManualClock();
  const store = openStore(paths, { clock });
  const reads = new ReadClient(new URL('./read-worker.ts', import.meta.url), paths.database);
  const words = new DeletedWords({ store, reads, clock, logger });
  for (const id of ['gone', 'kept']) await store.committer.commit(() => talk(store, id));
  return { paths, clock, store, reads, words };
}

function talk(store: Store, id: string): void {
  const session = { id, title: 'Talk', title_source: 'user' as const, created_at_ms: 1, updated_at_ms: 1 };
  store.sessions.insert({ ...session, profile: null, model: null, workspace: null });
  for (let at = 0; at < 40; at++) {
    const row = emptyMessage({ id: `${id}-${at}`, session_id: id, run_id: null, role: 'user', created_at_ms: at });
    const filler = Array.from({ length: 40 }, (_, index) => `filler${(at * 31 + index * 7) % 500}`).join(' ');
    store.messages.append(id, [{ ...row, content: `zebra${id}${at} ${filler}`, status: 'final' }]);
  }
}

const remove = (store: Store, id: string) =>
  store.committer.commit(() => {
    store.messages.unindexSession(id);
    store.sessions.remove(id);
  });

function onDisk(paths: DataPaths): string {
  const files = [paths.database, `${paths.database}-wal`].filter((file) => existsSync(file));
  return files.map((file) => readFileSync(file, 'latin1')).join('');
}

it('[E8-28] the words of a deleted conversation are soon in no file of the store, and what stays is found', async () => {
  const { paths, clock, store, reads } = await filled();
  await remove(store, 'gone');
  // So that this test can fail: a deletion alone leaves them.
  expect(onDisk(paths)).toContain('zebragone');
  for (let round = 0; round < 100 && onDisk(paths).includes('zebragone'); round++) {
    clock.advance(5000);
    await reads.ask('quickCheck', {});
  }
  expect(onDisk(paths)).not.toContain('zebragone');
  expect(await reads.ask('search', { query: 'zebrakept7', limit: 50 })).toMatchObject([{ messageId: 'kept-7' }]);
  expect(await reads.ask('quickCheck', {})).toBe('ok');
  expect(clock.pending).toBe(0);
  await reads.close();
  store.close();
});

it('[E8-28] a round of forgetting is followed by a rest, however often something is deleted', async () => {
  const { paths, clock, store, reads } = await filled();
  const forget = async (word: string) => {
    let steps = 0;
    for (; steps < 100 && onDisk(paths).includes(word); steps++) {
      clock.advance(1000);
      await reads.ask('quickCheck', {});
    }
    return steps;
  };
  await remove(store, 'gone');
  const first = await forget('zebragone');
  expect(first).toBeGreaterThan(1);
  // The rest of the round, up to the emptied log.
  for (let turn = 0; turn < 10; turn++) await reads.ask('quickCheck', {});
  await remove(store, 'kept');
  clock.advance(1000);
  for (let turn = 0; turn < 10; turn++) await reads.ask('quickCheck', {});
  expect(onDisk(paths)).toContain('zebrakept');
  clock.advance(15 * 60_000);
  await forget('zebrakept');
  expect(onDisk(paths)).not.toContain('zebrakept');
  await reads.close();
  store.close();
});

it('[E8-28] who deletes and closes at once leaves no words either', async () => {
  const { paths, store, reads, words } = await filled();
  await remove(store, 'gone');
  words.stop();
  await reads.close();
  words.finish();
  store.close();
  expect(onDisk(paths)).not.toContain('zebragone');
  expect(onDisk(paths)).toContain('zebrakept');
});

it('[E8-28] closing in the middle of forgetting is no trouble: nothing is logged, and the rest is done on the way out', async () => {
  const warned: string[] = [];
  const { paths, clock, store, reads, words } = await filled({
    ...silentLogger,
    warn: (_fields, message) => void warned.push(message),
  });
  await remove(store, 'gone');
  clock.advance(5000);
  words.stop();
  await reads.close();
  await new Promise((resolve) => setImmediate(resolve));
  words.finish();
  store.close();
  expect(warned).toEqual([]);
  expect(onDisk(paths)).not.toContain('zebragone');
});
