import { beforeEach, describe, expect, it, vi } from 'vitest';
import { failed, ok } from '#contract/errors';
import type { SluiceApi } from '#contract/routes';
import type { UploadSource } from '../../ipc/upload-file.ts';
import { filesOf, useAttachmentStore } from './attachment-store.ts';

const file = (name: string): UploadSource => ({
  name,
  type: 'text/plain',
  size: 3,
  slice: () => ({ arrayBuffer: async () => new Uint8Array([1, 2, 3]).buffer }),
});

/** A core that holds every beginning until the test lets it go. */
class Core {
  begun: string[] = [];
  cancelled = 0;
  refused = new Set<string>();
  #go: (() => void)[] = [];
  readonly api = {
    request: async (route: string, input: { name?: string; uploadId?: string }) => {
      if (route === 'attachments.begin') {
        this.begun.push(input.name ?? '');
        await new Promise<void>((resolve) => this.#go.push(resolve));
        if (this.refused.has(input.name ?? ''))
          return failed({ code: 'payload_too_large', message: 'Too large.', retry: { kind: 'no' } });
        return ok({ uploadId: input.name, chunkBytes: 1024 });
      }
      if (route === 'attachments.cancel') this.cancelled++;
      if (route !== 'attachments.finish') return ok({});
      const name = input.uploadId ?? '';
      return ok({ id: name, name, path: `/f/${name}`, mediaType: 'text/plain', sizeBytes: 3, isImage: false });
    },
  } as unknown as Pick<SluiceApi, 'request'>;

  letGo(): void {
    for (const go of this.#go.splice(0)) go();
  }
}

const states = (sessionId: string) =>
  filesOf(useAttachmentStore.getState().files, sessionId).map(({ name, state }) => `${name} ${state.kind}`);

describe('files of a draft', () => {
  beforeEach(() => {
    useAttachmentStore.setState(useAttachmentStore.getInitialState(), true);
  });

  it('[E6-08] three are on their way at once, the others wait and follow', async () => {
    const core = new Core();
    useAttachmentStore.getState().add(core.api, 'a', ['1', '2', '3', '4', '5'].map(file));
    expect(core.begun).toEqual(['1', '2', '3']);
    expect(states('a').at(-1)).toBe('5 waiting');
    core.letGo();
    await vi.waitFor(() => expect(core.begun).toHaveLength(5));
    core.letGo();
    await vi.waitFor(() => expect(states('a').every((each) => each.endsWith('ready'))).toBe(true));
  });

  it('[E6-08] a failure is kept beside its own file, and can be tried again', async () => {
    const core = new Core();
    core.refused.add('big');
    useAttachmentStore.getState().add(core.api, 'b', [file('big'), file('small')]);
    core.letGo();
    await vi.waitFor(() => expect(states('b')).toEqual(['big failed', 'small ready']));
    core.refused.clear();
    const [first] = filesOf(useAttachmentStore.getState().files, 'b');
    useAttachmentStore.getState().retry(core.api, 'b', first?.key ?? '');
    core.letGo();
    await vi.waitFor(() => expect(states('b')).toEqual(['big ready', 'small ready']));
  });

  it('[E6-08] a file that is taken back is cancelled, and another conversation keeps its own', async () => {
    const core = new Core();
    useAttachmentStore.getState().add(core.api, 'c', [file('x')]);
    useAttachmentStore.getState().add(core.api, 'd', [file('y')]);
    const [gone] = filesOf(useAttachmentStore.getState().files, 'c');
    useAttachmentStore.getState().remove('c', gone?.key ?? '');
    core.letGo();
    await vi.waitFor(() => expect(core.cancelled).toBe(1));
    expect(states('c')).toEqual([]);
    await vi.waitFor(() => expect(states('d')).toEqual(['y ready']));
  });

  it('[E6-08] a file that is stored no longer says so, and is not sent', async () => {
    const block = (name: string) => ({ type: 'file' as const, name, path: `/f/${name}`, media_type: 'text/plain' });
    const { putBack, checkKept } = useAttachmentStore.getState();
    putBack('e', [block('old'), block('new')]);
    expect(states('e')).toEqual(['old ready', 'new ready']);
    await checkKept('e', async (path) => path !== '/f/old', 'It is gone.');
    expect(states('e')).toEqual(['old failed', 'new ready']);
    const [old] = filesOf(useAttachmentStore.getState().files, 'e');
    expect(old?.state).toMatchObject({ error: { message: 'It is gone.', retry: { kind: 'no' } } });
  });

  it('[E6-08] a file that was taken back while it was looked for does not return', async () => {
    const { putBack, checkKept, remove } = useAttachmentStore.getState();
    putBack('f', [{ type: 'image', name: 'i', path: '/f/i', media_type: 'image/png' }]);
    const [file] = filesOf(useAttachmentStore.getState().files, 'f');
    const checked = checkKept('f', async () => false, 'It is gone.');
    remove('f', file?.key ?? '');
    await checked;
    expect(states('f')).toEqual([]);
  });
});
