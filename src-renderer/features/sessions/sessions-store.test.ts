import { beforeEach, describe, expect, it } from 'vitest';
import { failed, ok, type Result } from '#contract/errors';
import type { SessionRecord } from '#contract/records';
import type { SluiceApi } from '#contract/routes';
import { useSessionsStore } from './sessions-store.ts';
import { sessionRecord } from './testing/session-record.ts';

/** A core with these conversations; it notes what it was asked. */
function coreWith(stored: SessionRecord[]) {
  const asked: string[] = [];
  const sessions = new Map(stored.map((session) => [session.id, session]));
  const answer = (
    route: string,
    input: { archived?: boolean; limit?: number; offset?: number; sessionId?: string },
  ) => {
    asked.push(input.sessionId === undefined ? `${route} ${input.archived === true}` : `${route} ${input.sessionId}`);
    if (route === 'sessions.get') {
      const session = sessions.get(input.sessionId ?? '');
      if (session === undefined) return failed({ code: 'not_found', message: 'Gone.', retry: { kind: 'no' } });
      return ok({ ...session });
    }
    const all = [...sessions.values()].filter((each) => (each.archivedAtMs !== null) === (input.archived === true));
    const from = input.offset ?? 0;
    return ok({
      sessions: all.slice(from, from + (input.limit ?? 500)).map((each) => ({ ...each })),
      total: all.length,
    });
  };
  const api = {
    request: async (route: string, input: object): Promise<Result<unknown>> => answer(route, input),
    onEvent: () => () => undefined,
  } as unknown as SluiceApi;
  return { api, asked, sessions };
}

const store = () => useSessionsStore.getState();
const ids = (sessions: SessionRecord[] | null) => sessions?.map((session) => session.id);

beforeEach(() => useSessionsStore.setState({ sessions: null, archived: null, hasArchive: false, problem: null }));

describe('the list of conversations', () => {
  it('[E8-28] is whole, however many pages the core needs for it', async () => {
    const { api } = coreWith(Array.from({ length: 4100 }, (_, index) => sessionRecord({ id: `s${index}` })));
    await store().load(api);
    expect(store().sessions).toHaveLength(4100);
  });

  it('[E8-28] asks only for what changed, and the other rows stay as they are', async () => {
    const { api, asked, sessions } = coreWith([sessionRecord({ id: 'a' }), sessionRecord({ id: 'b' })]);
    await store().load(api);
    const before = store().sessions?.find((session) => session.id === 'b');
    asked.length = 0;
    sessions.set('a', sessionRecord({ id: 'a', title: 'renamed' }));
    await store().refresh(api, ['a']);
    expect(asked).toEqual(['sessions.get a']);
    expect(store().sessions?.find((session) => session.id === 'a')?.title).toBe('renamed');
    expect(store().sessions?.find((session) => session.id === 'b')).toBe(before);
  });

  it('[E8-28] many changes at once are one question', async () => {
    const { api, asked } = coreWith([sessionRecord({ id: 'a' })]);
    await store().load(api);
    asked.length = 0;
    await store().refresh(
      api,
      Array.from({ length: 50 }, (_, index) => `s${index}`),
    );
    expect(asked).toEqual(['sessions.list false', 'sessions.list true']);
  });

  it('[E8-28] what changes while an answer is under way is asked for after it', async () => {
    const { api, sessions } = coreWith([sessionRecord({ id: 'a' })]);
    const first = store().load(api);
    sessions.set('a', sessionRecord({ id: 'a', title: 'later' }));
    await Promise.all([first, store().refresh(api, ['a'])]);
    expect(store().sessions?.[0]?.title).toBe('later');
  });

  it('[E8-28] what was deleted elsewhere goes', async () => {
    const { api, sessions } = coreWith([sessionRecord({ id: 'a' }), sessionRecord({ id: 'b' })]);
    await store().load(api);
    sessions.delete('a');
    await store().refresh(api, ['a']);
    expect(ids(store().sessions)).toEqual(['b']);
  });

  it('[E8-28] what is deleted while an answer is under way does not come back with it', async () => {
    const { api, sessions } = coreWith(['stays', 'first', 'second'].map((id) => sessionRecord({ id })));
    await store().load(api);
    // What the core said before it deleted arrives after the news that it did.
    for (const [id, ask] of [
      ['first', () => store().refresh(api, ['first'])],
      ['second', () => store().load(api)],
    ] as const) {
      const answer = ask();
      sessions.delete(id);
      store().drop(id);
      await answer;
      expect(ids(store().sessions)).not.toContain(id);
    }
    expect(ids(store().sessions)).toEqual(['stays']);
  });

  it('[E8-28] what is put away changes lists, and back', async () => {
    const { api } = coreWith([sessionRecord({ id: 'a' }), sessionRecord({ id: 'old', archivedAtMs: 5 })]);
    await store().load(api);
    expect(store()).toMatchObject({ hasArchive: true, archived: null });
    await store().loadArchive(api);
    store().put(sessionRecord({ id: 'a', archivedAtMs: 9 }));
    expect([ids(store().sessions), ids(store().archived)]).toEqual([[], ['a', 'old']]);
    store().put(sessionRecord({ id: 'a' }));
    expect([ids(store().sessions), ids(store().archived)]).toEqual([['a'], ['old']]);
  });

  it('[E8-28] a core that does not answer leaves the list as it was and says so', async () => {
    const { api } = coreWith([sessionRecord({ id: 'a' })]);
    await store().load(api);
    const broken = {
      request: async () => failed({ code: 'upstream_unreachable', message: 'Cut.', retry: { kind: 'no' } }),
    } as unknown as SluiceApi;
    await store().load(broken);
    expect(ids(store().sessions)).toEqual(['a']);
    expect(store().problem?.message).toBe('Cut.');
    await store().load(api);
    expect(store().problem).toBeNull();
  });
});
