import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { dataPaths } from '../../platform/paths.ts';
import { openStore } from '../../store/store.ts';
import { tempDir } from '../../testing/temp-dir.ts';
import { createTagHandlers } from './tag-handlers.ts';

async function tagged(tags: Record<string, string[]>) {
  const store = openStore(dataPaths(tempDir()), { clock: new ManualClock() });
  const told: unknown[] = [];
  const handlers = createTagHandlers({
    store,
    publisher: { announce: (event: string, payload: unknown) => void told.push([event, payload]) } as never,
  });
  await store.committer.commit(() => {
    for (const [id, own] of Object.entries(tags)) {
      const session = { id, title: id, title_source: 'auto', profile: null, model: null, workspace: null } as const;
      store.sessions.insert({ ...session, created_at_ms: 1, updated_at_ms: 1 });
      store.sessions.change(id, { tags: JSON.stringify(own) });
    }
    store.sessions.change('archived', { archived_at_ms: 5 });
  });
  const tagsOf = (id: string) => JSON.parse(store.sessions.get(id)?.tags ?? 'null') as unknown;
  return { store, handlers, told, tagsOf };
}

describe('tags of all conversations', () => {
  it('[E8-28] a new name reaches every conversation, archived ones too, and those only are told of', async () => {
    const { store, handlers, told, tagsOf } = await tagged({ a: ['Tax', 'Home'], archived: ['Tax'], c: ['Home'] });
    const { changed, tags } = await handlers['tags.rename']({ tag: 'Tax', to: 'Money' }, null);
    expect(changed).toBe(2);
    expect(tags).toEqual([
      { tag: 'Home', count: 2 },
      { tag: 'Money', count: 2 },
    ]);
    expect([tagsOf('a'), tagsOf('archived'), tagsOf('c')]).toEqual([['Money', 'Home'], ['Money'], ['Home']]);
    expect(told).toEqual([['sessions.changed', { ids: ['a', 'archived'], reason: 'updated' }]]);
    store.close();
  });

  it('[E8-28] a name that another tag has is refused until the two are to be one, and then stands once', async () => {
    const { store, handlers, tagsOf } = await tagged({ a: ['Tax', 'Money'], archived: ['Money'], c: ['Tax'] });
    await expect(async () => handlers['tags.rename']({ tag: 'Tax', to: 'money' }, null)).rejects.toThrow(/“Money”/);
    expect(tagsOf('a')).toEqual(['Tax', 'Money']);
    await handlers['tags.rename']({ tag: 'Tax', to: 'money', merge: true }, null);
    expect([tagsOf('a'), tagsOf('archived'), tagsOf('c')]).toEqual([['Money'], ['Money'], ['Money']]);
    store.close();
  });

  it('[E8-28] a tag is written in other letters without a question', async () => {
    const { store, handlers, tagsOf } = await tagged({ a: ['tax'], archived: [], c: [] });
    await handlers['tags.rename']({ tag: 'tax', to: 'Tax' }, null);
    expect(tagsOf('a')).toEqual(['Tax']);
    store.close();
  });

  it('[E8-28] a deleted tag is off every conversation, and one that is not there changes nothing', async () => {
    const { store, handlers, told, tagsOf } = await tagged({ a: ['Tax', 'Home'], archived: ['Tax'], c: ['Home'] });
    await handlers['tags.delete']({ tag: 'Tax' }, null);
    expect([tagsOf('a'), tagsOf('archived'), tagsOf('c')]).toEqual([['Home'], [], ['Home']]);
    expect(await handlers['tags.delete']({ tag: 'Tax' }, null)).toMatchObject({ changed: 0 });
    expect(told).toHaveLength(1);
    store.close();
  });
});
