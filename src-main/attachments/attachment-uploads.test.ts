import { chmodSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '#contract/errors';
import { deferred } from '../platform/deferred.ts';
import { openAttachments } from '../testing/attachments-harness.ts';
import type { OpenFile } from './pending-file.ts';

const refusal = (code: ErrorCode, message?: RegExp, details?: object): unknown =>
  expect.objectContaining({
    code,
    ...(message === undefined ? {} : { message: expect.stringMatching(message) as unknown }),
    ...(details === undefined ? {} : { details: expect.objectContaining(details) as unknown }),
  });

const bytes = (text: string) => Buffer.from(text);

/** A disk that takes `room` bytes of each file and then fails as the system would. */
const failingDisk =
  (room: number, code: string): OpenFile =>
  async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    let written = 0;
    const write = handle.write.bind(handle);
    handle.write = ((...args: unknown[]) => {
      written += args[2] as number;
      if (written > room) return Promise.reject(Object.assign(new Error('the disk failed'), { code }));
      return (write as (...args: unknown[]) => unknown)(...args);
    }) as FileHandle['write'];
    return handle;
  };

async function* stream(...parts: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield Buffer.from(part);
  }
}

describe('an upload by pieces', () => {
  it('[E6-08] [decision 27] becomes an attachment when all of it has come, and lies on disk as it was', async () => {
    const { uploads, store, files, folder, clock } = openAttachments();
    const { uploadId, chunkBytes } = await uploads.begin({ name: 'notes ä.md', sizeBytes: 10 });
    expect(chunkBytes).toBe(1024 * 1024);
    expect(await uploads.append(uploadId, 0, bytes('# no'))).toEqual({ receivedBytes: 4 });
    expect(files()).toEqual([`${uploadId}.part`]);
    expect(await uploads.append(uploadId, 4, bytes('tes\n\n\n'))).toEqual({ receivedBytes: 10 });
    const record = await uploads.finish(uploadId);
    expect(record).toEqual({
      id: 'id1',
      name: 'notes ä.md',
      path: join(folder.path, `${uploadId}.md`),
      mediaType: 'text/markdown',
      sizeBytes: 10,
      isImage: false,
    });
    expect(readFileSync(record.path, 'utf8')).toBe('# notes\n\n\n');
    expect(files()).toEqual([`${uploadId}.md`]);
    expect(store.attachments.byFileName(`${uploadId}.md`)).toMatchObject({
      name: 'notes ä.md',
      created_at_ms: clock.now(),
    });
  });

  it.skipIf(process.platform === 'win32')('[E6-08] is for its owner only', async () => {
    const { uploads, folder } = openAttachments();
    folder.ensure();
    chmodSync(folder.path, 0o755);
    const record = await uploads.receive({ name: 'a.txt', sizeBytes: 1 }, stream('a'));
    expect(statSync(record.path).mode & 0o777).toBe(0o600);
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  });

  it('[E6-08] a piece that comes twice or too early is refused, changes nothing and is told where to go on', async () => {
    const { uploads } = openAttachments();
    const { uploadId } = await uploads.begin({ name: 'a.txt', sizeBytes: 6 });
    await uploads.append(uploadId, 0, bytes('abc'));
    await expect(uploads.append(uploadId, 0, bytes('abc'))).rejects.toEqual(
      refusal('conflict', /came already/, { receivedBytes: 3 }),
    );
    await expect(uploads.append(uploadId, 4, bytes('ef'))).rejects.toEqual(
      refusal('conflict', /too early/, { receivedBytes: 3 }),
    );
    await expect(uploads.append(uploadId, 3, bytes(''))).rejects.toEqual(refusal('invalid_payload', /empty/));
    await expect(uploads.finish(uploadId)).rejects.toEqual(refusal('conflict', /3 of 6/, { receivedBytes: 3 }));
    await uploads.append(uploadId, 3, bytes('def'));
    expect(readFileSync((await uploads.finish(uploadId)).path, 'utf8')).toBe('abcdef');
  });

  it('[E6-08] pieces that are sent without waiting are taken in their order', async () => {
    const { uploads } = openAttachments();
    const { uploadId } = await uploads.begin({ name: 'a.txt', sizeBytes: 6 });
    const sent = [0, 2, 4].map((at) => uploads.append(uploadId, at, bytes('abcdef'.slice(at, at + 2))));
    const finished = uploads.finish(uploadId);
    expect(await Promise.all(sent)).toEqual([{ receivedBytes: 2 }, { receivedBytes: 4 }, { receivedBytes: 6 }]);
    expect(readFileSync((await finished).path, 'utf8')).toBe('abcdef');
  });

  it('[E6-08] whatever pieces come, in whatever order and however often, the file is the one that was sent', async () => {
    const { uploads } = openAttachments({ limits: { chunkBytes: 16 } });
    const sent = fc.tuple(
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.array(fc.tuple(fc.nat(70), fc.nat(20)), { maxLength: 12 }),
    );
    await fc.assert(
      fc.asyncProperty(sent, async ([file, strays]) => {
        const { uploadId } = await uploads.begin({ name: 'a', sizeBytes: file.length });
        let received = 0;
        const send = async (from: number, count: number) => {
          const piece = file.subarray(from, from + count);
          try {
            ({ receivedBytes: received } = await uploads.append(uploadId, from, piece));
          } catch (thrown) {
            // A stray piece is refused; the next right one is taken all the same.
            expect(thrown).toMatchObject({ details: { receivedBytes: received } });
          }
        };
        for (const [from, count] of strays) await send(from, count);
        for (let rounds = 0; received < file.length && rounds < 64; rounds++) await send(received, 16);
        expect(readFileSync((await uploads.finish(uploadId)).path)).toEqual(Buffer.from(file));
      }),
      { numRuns: 30 },
    );
  });

  it('[E6-08] an empty file and one over the limit are refused with a sentence, before and while they come', async () => {
    const { uploads, files } = openAttachments({ limits: { maxBytes: 2 * 1024 * 1024 } });
    await expect(uploads.begin({ name: 'void.txt', sizeBytes: 0 })).rejects.toEqual(
      refusal('invalid_payload', /“void.txt” is empty/),
    );
    await expect(uploads.begin({ name: 'big.bin', sizeBytes: 2 * 1024 * 1024 + 1 })).rejects.toEqual(
      refusal('payload_too_large', /“big.bin” is larger than 2 MB/),
    );
    const { uploadId } = await uploads.begin({ name: 'liar.txt', sizeBytes: 3 });
    await expect(uploads.append(uploadId, 0, bytes('four'))).rejects.toEqual(
      refusal('invalid_payload', /larger than it was announced/),
    );
    await expect(uploads.append(uploadId, 0, bytes('a'))).rejects.toEqual(refusal('not_found'));
    const piece = 'x'.repeat(1024 * 1024);
    await expect(uploads.receive({ name: 'endless', sizeBytes: null }, stream(piece, piece, 'x'))).rejects.toEqual(
      refusal('payload_too_large'),
    );
    await expect(uploads.receive({ name: 'void', sizeBytes: null }, stream())).rejects.toEqual(
      refusal('invalid_payload', /empty/),
    );
    expect(files()).toEqual([]);
  });

  it('[E6-08] a file of exactly the limit is taken', async () => {
    const { uploads } = openAttachments({ limits: { maxBytes: 1024 * 1024 } });
    const record = await uploads.receive({ name: 'just', sizeBytes: null }, stream('x'.repeat(1024 * 1024)));
    expect(record.sizeBytes).toBe(1024 * 1024);
  });

  it('[E6-08] a cancelled upload leaves nothing, and what comes after it is told so', async () => {
    const { uploads, files, store } = openAttachments();
    const { uploadId } = await uploads.begin({ name: 'a.txt', sizeBytes: 3 });
    const late = uploads.append(uploadId, 0, bytes('abc'));
    const cancelled = uploads.cancel(uploadId);
    const tooLate = uploads.finish(uploadId);
    await late;
    expect(await cancelled).toBe(true);
    await expect(tooLate).rejects.toEqual(refusal('not_found'));
    expect(await uploads.cancel(uploadId)).toBe(false);
    expect(files()).toEqual([]);
    expect(store.attachments.unused(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  it('[E6-08] uploads at the same time do not touch each other', async () => {
    const { uploads, files } = openAttachments();
    const texts = Array.from({ length: 8 }, (_, index) => `file ${index} `.repeat(index + 1));
    const records = await Promise.all(
      texts.map(async (text, index) => {
        const { uploadId } = await uploads.begin({ name: 'same.txt', sizeBytes: text.length });
        for (let at = 0; at < text.length; at += 5) await uploads.append(uploadId, at, bytes(text.slice(at, at + 5)));
        if (index % 4 === 3) {
          await uploads.cancel(uploadId);
          return null;
        }
        return uploads.finish(uploadId);
      }),
    );
    const kept = records.flatMap((record, index) =>
      record === null ? [] : [[readFileSync(record.path, 'utf8'), texts[index]]],
    );
    expect(kept).toHaveLength(6);
    for (const [onDisk, sent] of kept) expect(onDisk).toBe(sent);
    expect(files()).toHaveLength(6);
  });

  it('[E6-08] only so many uploads are under way, and an idle one gives its place back after two minutes', async () => {
    const { uploads, clock, files } = openAttachments();
    const begun = await Promise.all(Array.from({ length: 64 }, () => uploads.begin({ name: 'a.txt', sizeBytes: 2 })));
    await expect(uploads.begin({ name: 'b.txt', sizeBytes: 2 })).rejects.toEqual(refusal('queue_full', /64 files/));
    const [first] = begun;
    if (first === undefined) throw new Error('nothing was begun');
    clock.advance(90_000);
    await uploads.append(first.uploadId, 0, bytes('a'));
    clock.advance(60_000);
    // The idle ones end one by one; the one that is still used goes on.
    await Promise.all(begun.slice(1).map(({ uploadId }) => expect(uploads.finish(uploadId)).rejects.toBeDefined()));
    await expect.poll(files).toEqual([`${first.uploadId}.part`]);
    await uploads.append(first.uploadId, 1, bytes('b'));
    await uploads.finish(first.uploadId);
    await uploads.begin({ name: 'b.txt', sizeBytes: 2 });
    expect(clock.pending).toBe(1);
  });

  it('[E6-08] a piece that takes the disk longer than the idle time does not end its upload', async () => {
    const writing = deferred<void>();
    const goOn = deferred<void>();
    const { uploads, clock } = openAttachments({
      openFile: async (path, flags, mode) => {
        const handle = await open(path, flags, mode);
        const write = handle.write.bind(handle);
        handle.write = (async (...args: unknown[]) => {
          writing.resolve();
          await goOn.promise;
          return (write as (...args: unknown[]) => unknown)(...args);
        }) as FileHandle['write'];
        return handle;
      },
    });
    const { uploadId } = await uploads.begin({ name: 'a.txt', sizeBytes: 2 });
    const first = uploads.append(uploadId, 0, bytes('a'));
    await writing.promise;
    clock.advance(3_600_000);
    goOn.resolve();
    await first;
    await uploads.append(uploadId, 1, bytes('b'));
    expect((await uploads.finish(uploadId)).sizeBytes).toBe(2);
  });

  it.each([
    ['ENOSPC', 'storage_full'],
    ['EDQUOT', 'storage_full'],
    ['EIO', 'storage_unavailable'],
  ] as const)('[E6-08] a disk that fails with %s is told as %s, and nothing is left behind', async (errno, code) => {
    const { uploads, files, store } = openAttachments({ openFile: failingDisk(4, errno) });
    const { uploadId } = await uploads.begin({ name: 'a.txt', sizeBytes: 10 });
    await uploads.append(uploadId, 0, bytes('abc'));
    await expect(uploads.append(uploadId, 3, bytes('def'))).rejects.toEqual(refusal(code));
    await expect(uploads.finish(uploadId)).rejects.toEqual(refusal('not_found'));
    await expect(uploads.receive({ name: 'b', sizeBytes: null }, stream('abcdef'))).rejects.toEqual(refusal(code));
    expect(files()).toEqual([]);
    expect(store.attachments.unused(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  it('[E6-08] a file that cannot get its name or its row is not kept', async () => {
    const { uploads, files, store, folder } = openAttachments();
    const first = await uploads.begin({ name: 'a.txt', sizeBytes: 1 });
    await uploads.append(first.uploadId, 0, bytes('a'));
    // Somebody put a folder where the file is to go.
    mkdirSync(join(folder.path, `${first.uploadId}.txt`, 'x'), { recursive: true });
    await expect(uploads.finish(first.uploadId)).rejects.toEqual(refusal('storage_unavailable'));
    expect(store.attachments.unused(Number.MAX_SAFE_INTEGER)).toEqual([]);
    rmSync(join(folder.path, `${first.uploadId}.txt`), { recursive: true });
    store.committer.reportDamage();
    await expect(uploads.receive({ name: 'b.txt', sizeBytes: 1 }, stream('b'))).rejects.toEqual(
      refusal('storage_unavailable', /damaged/),
    );
    expect(files()).toEqual([]);
  });

  it('[E6-08] a stream that breaks off leaves nothing', async () => {
    const { uploads, files } = openAttachments();
    const broken = stream('abc', Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
    await expect(uploads.receive({ name: 'a.txt', sizeBytes: 6 }, broken)).rejects.toEqual(refusal('aborted', /whole/));
    await expect(uploads.receive({ name: 'a.txt', sizeBytes: 6 }, stream('abc'))).rejects.toEqual(refusal('aborted'));
    expect(files()).toEqual([]);
  });

  it('[E6-08] after closing nothing arrives and nothing is left', async () => {
    const { uploads, files, clock } = openAttachments();
    const { uploadId } = await uploads.begin({ name: 'a.txt', sizeBytes: 3 });
    await uploads.append(uploadId, 0, bytes('a'));
    await uploads.close();
    await expect(uploads.begin({ name: 'a.txt', sizeBytes: 3 })).rejects.toEqual(refusal('shutting_down'));
    expect(files()).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
