import { describe, expect, it } from 'vitest';
import { failed, ok } from '#contract/errors';
import type { SluiceApi } from '#contract/routes';
import { toBase64, type UploadSource, uploadFile } from './upload-file.ts';

const CHUNK = 4;

function source(bytes: number[], name = 'a.bin'): UploadSource {
  return {
    name,
    type: 'application/octet-stream',
    size: bytes.length,
    slice: (from, to) => ({ arrayBuffer: async () => new Uint8Array(bytes.slice(from, to)).buffer }),
  };
}

/** A core that keeps what it is given, and refuses the call that a test names. */
class Core {
  readonly calls: string[] = [];
  readonly offsets: number[] = [];
  received = '';
  refuse: string | null = null;
  before: (call: string) => void = () => undefined;

  readonly api = {
    request: async (route: string, input: { data?: string; offsetBytes?: number }) => {
      this.calls.push(route);
      this.before(route);
      await Promise.resolve();
      if (route === this.refuse) return failed({ code: 'storage_full', message: 'Full.', retry: { kind: 'no' } });
      if (route === 'attachments.begin') return ok({ uploadId: 'u1', chunkBytes: CHUNK });
      if (route === 'attachments.append') {
        this.offsets.push(input.offsetBytes ?? -1);
        this.received += atob(input.data ?? '');
        return ok({ receivedBytes: this.received.length });
      }
      return ok({ id: 'a1', name: 'a.bin', path: '/a', mediaType: '', sizeBytes: 9, isImage: false });
    },
  } as unknown as Pick<SluiceApi, 'request'>;
}

describe('upload', () => {
  it('[E6-08] a file arrives whole, in pieces, in order, with its progress', async () => {
    const core = new Core();
    const seen: number[] = [];
    const bytes = [0, 255, 128, 10, 13, 65, 66, 0, 1];
    const answer = await uploadFile(core.api, source(bytes), new AbortController().signal, (sent) => seen.push(sent));
    expect(answer?.ok).toBe(true);
    expect(Array.from(core.received, (each) => each.charCodeAt(0))).toEqual(bytes);
    expect(core.offsets).toEqual([0, 4, 8]);
    expect(seen).toEqual([4, 8, 9]);
  });

  it('[E6-08] an empty file has no pieces and is still finished', async () => {
    const core = new Core();
    await uploadFile(core.api, source([]), new AbortController().signal, () => undefined);
    expect(core.calls).toEqual(['attachments.begin', 'attachments.finish']);
  });

  it('[E6-08] taking a file back stops after the piece under way and cancels at the core', async () => {
    const core = new Core();
    const stop = new AbortController();
    core.before = (call) => {
      if (call === 'attachments.append') stop.abort();
    };
    expect(
      await uploadFile(core.api, source(Array.from({ length: 20 }, () => 1)), stop.signal, () => undefined),
    ).toBeNull();
    expect(core.calls).toEqual(['attachments.begin', 'attachments.append', 'attachments.cancel']);
  });

  it('[E6-08] a refused piece is the answer, and what had arrived is cancelled', async () => {
    const core = new Core();
    core.refuse = 'attachments.append';
    const answer = await uploadFile(core.api, source([1, 2]), new AbortController().signal, () => undefined);
    expect(answer).toMatchObject({ ok: false, error: { code: 'storage_full' } });
    expect(core.calls.at(-1)).toBe('attachments.cancel');
  });

  it('[E6-08] a file that cannot be read says so in words', async () => {
    const core = new Core();
    const gone: UploadSource = {
      ...source([1, 2], 'folder'),
      slice: () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) }),
    };
    const answer = await uploadFile(core.api, gone, new AbortController().signal, () => undefined);
    expect(answer?.ok === false ? answer.error.message : '').toContain('“folder” could not be read');
  });

  it('any bytes survive Base64, also beyond what a call takes as arguments', () => {
    const bytes = Uint8Array.from({ length: 200_003 }, (_, index) => (index * 31) % 256);
    expect(Uint8Array.from(atob(toBase64(bytes)), (each) => each.charCodeAt(0))).toEqual(bytes);
  });
});
