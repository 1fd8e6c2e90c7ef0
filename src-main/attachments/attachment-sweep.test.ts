import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useAttachments } from '../runs/attachment-uses.ts';
import { openAttachments } from '../testing/attachments-harness.ts';

const DAY_MS = 24 * 3_600_000;

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe('files that nobody needs', () => {
  it('[E6-08] a file that was never sent goes after a day; one that a conversation holds stays', async () => {
    const { uploads, sweep, clock, store, addSession } = openAttachments();
    await addSession('s1');
    const held = await uploads.receive({ name: 'held.txt', sizeBytes: null }, once('a'));
    const unsent = await uploads.receive({ name: 'unsent.txt', sizeBytes: null }, once('b'));
    await store.committer.commit(() =>
      useAttachments(store, 's1', [
        { type: 'text', text: 'look' },
        { type: 'file', name: held.name, path: held.path },
      ]),
    );
    clock.advance(DAY_MS);
    await sweep.run();
    expect(existsSync(unsent.path)).toBe(true);
    clock.advance(1);
    await sweep.run();
    expect(existsSync(unsent.path)).toBe(false);
    expect(existsSync(held.path)).toBe(true);
    expect(store.attachments.unused(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  it('[E6-08] [E8-28] a deleted conversation takes its files along at once, but for those that another one holds', async () => {
    const { uploads, sweep, store, files, addSession } = openAttachments();
    await addSession('s1');
    await addSession('fork');
    const own = await uploads.receive({ name: 'own.txt', sizeBytes: null }, once('a'));
    const shared = await uploads.receive({ name: 'shared.txt', sizeBytes: null }, once('b'));
    const unsent = await uploads.receive({ name: 'unsent.txt', sizeBytes: null }, once('c'));
    await store.committer.commit(() => {
      useAttachments(store, 's1', [{ type: 'file', name: 'shared.txt', path: shared.path }]);
      store.attachments.copyUses('s1', 'fork');
      useAttachments(store, 's1', [{ type: 'file', name: 'own.txt', path: own.path }]);
    });
    await store.committer.commit(() => store.sessions.remove('s1'));
    await sweep.run();
    expect([own, shared, unsent].map(({ path }) => existsSync(path))).toEqual([false, true, true]);
    expect(store.attachments.byFileName(files()[0] ?? '')).not.toBeNull();
  });

  it('[E6-08] a row whose file is gone goes too, and one whose file cannot be removed is tried again', async () => {
    const { uploads, sweep, clock, store, folder } = openAttachments();
    const record = await uploads.receive({ name: 'a.txt', sizeBytes: null }, once('a'));
    rmSync(record.path);
    // A folder in its place cannot be removed as a file can.
    mkdirSync(join(record.path, 'x'), { recursive: true });
    clock.advance(DAY_MS + 1);
    await sweep.run();
    expect(store.attachments.unused(clock.now())).toHaveLength(1);
    rmSync(record.path, { recursive: true });
    await sweep.run();
    expect(store.attachments.unused(clock.now())).toHaveLength(0);
    expect(existsSync(folder.path)).toBe(true);
  });

  it('[E6-08] what an earlier process left half is removed at the start, and nothing else is', async () => {
    const { sweep, folder, files } = openAttachments();
    await sweep.removeLeftovers();
    folder.ensure();
    const hex = '0123456789abcdef0123456789abcdef';
    const others = ['notes.txt', `${hex}.png`, 'x.part', `${hex}.part.txt`];
    for (const name of [...others, `${hex}.part`]) writeFileSync(join(folder.path, name), 'x');
    await sweep.removeLeftovers();
    expect(files()).toEqual(others.toSorted());
  });
});
