import { describe, expect, it } from 'vitest';
import { emptyMessage } from '#contract/message';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { ReadClient } from './read-client.ts';
import { createReadQueries } from './read-queries.ts';
import { openStore, type Store } from './store.ts';

const TEXTS = [
  'The quick brown fox says "hello" to 100% of its neighbours_x',
  '今天天气很好，我们去公园散步',
  'Straße und Café',
  '한국어 문장도 찾아야 한다',
];

async function filled(dir: string): Promise<Store> {
  const store = openStore(dataPaths(dir), { clock: new ManualClock() });
  await store.committer.commit(() => {
    store.sessions.insert({
      id: 's',
      title: 'Weather 50%',
      title_source: 'user',
      profile: null,
      model: null,
      workspace: null,
      created_at_ms: 1,
      updated_at_ms: 1,
    });
    store.messages.append(
      's',
      TEXTS.map((content, index) => ({
        ...emptyMessage({ id: `m${index}`, session_id: 's', run_id: 'r', role: 'user', created_at_ms: index }),
        content,
        status: 'final' as const,
      })),
    );
  });
  return store;
}

describe('search', () => {
  const cases: [string, string[]][] = [
    ['quick fox', ['m0']],
    ['hel', ['m0']],
    ['"hello"', ['m0']],
    ['100%', ['m0']],
    ['neighbours_x', ['m0']],
    ['天气', ['m1']],
    ['散步', ['m1']],
    ['公', ['m1']],
    ['气天', []],
    ['cafe', ['m2']],
    ['한국', ['m3']],
    ['* OR -', []],
    ['', []],
    ['absent', []],
  ];
  for (const [query, found] of cases) {
    it(`[E8-28] “${query}” finds ${found.length === 0 ? 'nothing' : found.join(', ')}`, async () => {
      const store = await filled(tempDir());
      const hits = createReadQueries(store.db).search({ query, limit: 10 });
      expect(hits.flatMap((hit) => hit.messageId ?? [])).toEqual(found);
      store.close();
    });
  }

  it('[BUG-A37] a percent sign in a title search is a percent sign', async () => {
    const store = await filled(tempDir());
    const queries = createReadQueries(store.db);
    expect(queries.search({ query: '50%', limit: 10 }).filter((hit) => hit.role === 'title')).toHaveLength(1);
    expect(queries.search({ query: '5_%', limit: 10 }).filter((hit) => hit.role === 'title')).toHaveLength(0);
    store.close();
  });

  it('[E8-28] filters by conversation, role, model, date, code and tag, each alone and together', async () => {
    const store = openStore(dataPaths(tempDir()), { clock: new ManualClock() });
    const session = (id: string, tags: string[]) => {
      store.sessions.insert({
        id,
        title: `About lease ${id}`,
        title_source: 'user',
        profile: null,
        model: null,
        workspace: null,
        created_at_ms: 1,
        updated_at_ms: 1,
      });
      store.sessions.change(id, { tags: JSON.stringify(tags) });
    };
    await store.committer.commit(() => {
      session('a', ['work', 'a "quoted" one']);
      session('b', []);
      store.db
        .prepare(
          "insert into runs (id, session_id, queue_id, profile, model, status, options, created_at_ms) values ('r', 'a', 'q', 'p', 'm-1', 'success', '{}', 1)",
        )
        .run();
      const row = (id: string, role: 'user' | 'assistant' | 'tool', content: string, atMs: number) => ({
        ...emptyMessage({ id, session_id: 'a', run_id: 'r', role, created_at_ms: atMs }),
        content,
        status: 'final' as const,
      });
      store.messages.append('a', [
        row('asked', 'user', 'the lease', 100),
        row('answered', 'assistant', 'a lease:\n```sql\nselect 1\n```', 200),
        row('ran', 'tool', 'lease', 300),
      ]);
      store.messages.append('b', [{ ...row('elsewhere', 'user', 'lease', 400), session_id: 'b', run_id: null }]);
    });
    const queries = createReadQueries(store.db);
    const ids = (filter: Partial<Parameters<typeof queries.search>[0]>) =>
      queries
        .search({ query: 'lease', limit: 50, ...filter })
        .flatMap((hit) => hit.messageId ?? [`title ${hit.sessionId}`]);
    expect(ids({}).filter((id) => !id.startsWith('title'))).toEqual(['elsewhere', 'ran', 'answered', 'asked']);
    expect(ids({}).filter((id) => id.startsWith('title'))).toHaveLength(2);
    expect(ids({ sessionId: 'a' })).toEqual(['ran', 'answered', 'asked']);
    expect(ids({ role: 'user' })).toEqual(['elsewhere', 'asked']);
    expect(ids({ model: 'm-1' })).toEqual(['ran', 'answered']);
    expect(ids({ fromMs: 200, toMs: 400 })).toEqual(['ran', 'answered']);
    expect(ids({ hasCode: true })).toEqual(['answered']);
    expect(ids({ tag: 'a "quoted" one' })).toEqual(['ran', 'answered', 'asked']);
    expect(ids({ tag: 'wor' })).toEqual([]);
    expect(ids({ tag: 'work', role: 'user', toMs: 101 })).toEqual(['asked']);
    expect(queries.models({})).toEqual(['m-1']);
    expect(queries.search({ query: 'lease', limit: 50, role: 'assistant' })[0]).toMatchObject({ model: 'm-1' });
    store.close();
  });

  it('[E8-28] deleted rows leave the index', async () => {
    const store = await filled(tempDir());
    await store.committer.commit(() => store.messages.removeRun('r'));
    expect(createReadQueries(store.db).search({ query: 'quick', limit: 10 })).toEqual([]);
    store.close();
  });

  it('[E8-28] the read worker answers from its own thread and starts anew after its end', async () => {
    const dir = tempDir();
    const store = await filled(dir);
    const reads = new ReadClient(new URL('./read-worker.ts', import.meta.url), dataPaths(dir).database);
    expect((await reads.ask('search', { query: 'quick', limit: 5 })).map((hit) => hit.messageId)).toEqual(['m0']);
    await reads.close();
    expect(await reads.ask('quickCheck', {})).toBe('ok');
    await reads.close();
    store.close();
  });
});
