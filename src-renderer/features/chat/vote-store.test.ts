import { describe, expect, it, vi } from 'vitest';
import type { Vote } from '#contract/records';
import type { SluiceApi } from '#contract/routes';
import { useVoteStore } from './vote-store.ts';

function fakeApi(votes: Vote[], options: { refuses?: boolean } = {}) {
  const request = vi.fn((route: string) =>
    Promise.resolve(
      route === 'feedback.list'
        ? { ok: true, data: { votes } }
        : options.refuses === true
          ? { ok: false, error: { code: 'storage_full', message: 'The disk is full.', retry: { kind: 'no' } } }
          : { ok: true, data: { vote: null } },
    ),
  );
  return { api: { request, onEvent: () => () => undefined } as unknown as SluiceApi, request };
}

const ratings = (sessionId: string) =>
  Object.fromEntries(
    Object.entries(useVoteStore.getState().bySession[sessionId] ?? {}).map(([runId, vote]) => [runId, vote.rating]),
  );

describe('[E8-18] votes in the window', () => {
  it('asks once for a conversation, however many answers it shows', async () => {
    const { api, request } = fakeApi([{ runId: 'r1', rating: 1, comment: null }]);
    const { ensure } = useVoteStore.getState();
    await Promise.all([ensure(api, 's1'), ensure(api, 's1')]);
    await ensure(api, 's1');
    expect(request).toHaveBeenCalledTimes(1);
    expect(ratings('s1')).toEqual({ r1: 1 });
  });

  it('follows what is cast elsewhere, and leaves conversations that nobody looks at to their loading', async () => {
    const { api } = fakeApi([]);
    const store = useVoteStore.getState();
    await store.ensure(api, 's2');
    store.hear('s2', 'r1', { runId: 'r1', rating: -1, comment: 'no' });
    store.hear('unseen', 'r1', { runId: 'r1', rating: 1, comment: null });
    expect(ratings('s2')).toEqual({ r1: -1 });
    expect(useVoteStore.getState().bySession['unseen']).toBeUndefined();
    store.hear('s2', 'r1', null);
    expect(ratings('s2')).toEqual({});
  });

  it('shows a vote at once, and as it was where the core refuses it', async () => {
    const { api } = fakeApi([{ runId: 'r1', rating: 1, comment: null }], { refuses: true });
    const store = useVoteStore.getState();
    await store.ensure(api, 's3');
    const cast = store.cast(api, 's3', 'r1', -1);
    expect(ratings('s3')).toEqual({ r1: -1 });
    expect(await cast).toMatchObject({ code: 'storage_full' });
    expect(ratings('s3')).toEqual({ r1: 1 });
  });
});
