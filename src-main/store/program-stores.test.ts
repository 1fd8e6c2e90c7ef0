import { describe, expect, it, onTestFinished } from 'vitest';
import { isTerminalStatus, RUN_STATUSES } from '#contract/records';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { tempDir } from '../testing/temp-dir.ts';
import type { ProgramRequest, RunOptions } from './run-repository.ts';
import { openStore, type Store } from './store.ts';

const MEMORY = ':memory:';

/** The same laws for a store on the disk and for one in memory, as tests and tools open it. */
describe.each(['file', 'memory'])('stores of the runs API (%s)', (where) => {
  const clock = new ManualClock();

  function open(): Store {
    const paths = dataPaths(tempDir());
    const store = openStore(where === 'file' ? paths : { ...paths, database: MEMORY }, { clock });
    onTestFinished(() => store.close());
    for (const id of ['s1', 's2']) {
      store.sessions.insert({
        id,
        title: id,
        title_source: 'auto',
        profile: null,
        model: null,
        workspace: null,
        created_at_ms: 1,
        updated_at_ms: 1,
      });
    }
    return store;
  }

  const program: ProgramRequest = {
    clientId: 'c1',
    assistantId: 'demo',
    metadata: { a: [1, { b: 'ü🦊' }] },
    kwargs: { config: { tags: ['x'] } },
    strategy: 'rollback',
    streamModes: ['values', 'custom'],
    onDisconnect: 'cancel',
    onCompletion: 'keep',
  };
  const options: RunOptions = { profile: 'demo', model: 'm', instructions: null, reasoningEffort: 'low', program };

  function insertRun(
    store: Store,
    id: string,
    atMs: number,
    more: { sessionId?: string; status?: 'pending' | 'success' } = {},
  ): void {
    const { sessionId = 's1', status = 'success' } = more;
    store.runs.insert({
      id,
      sessionId,
      status,
      options,
      queueId: `q-${id}`,
      idempotencyKey: null,
      followUpToRunId: 'before',
      stateBefore: null,
      createdAtMs: atMs,
      ...(status === 'success' ? { endedAtMs: atMs + 5 } : {}),
    });
  }

  it('[E8-20] [BUG-C8] every field of a run comes back as it was written, through its whole life', () => {
    const store = open();
    insertRun(store, 'r', 10, { status: 'pending' });
    expect(store.runPages.run('r')).toMatchObject({
      id: 'r',
      status: 'pending',
      options,
      createdAtMs: 10,
      followUpToRunId: 'before',
      isQueued: false,
    });
    store.runs.accepted('r', { upstreamRunId: 'up', model: 'resolved', credentialId: 'key', atMs: 20 });
    store.runs.cancelling('r');
    const usage = {
      input_tokens: 3,
      output_tokens: 4,
      total_tokens: 7,
      cache_read_tokens: null,
      cache_write_tokens: null,
      reasoning_tokens: null,
    };
    const errorInfo = { code: 'upstream_error' as const, retry: { kind: 'no' as const } };
    store.runs.finish('r', { status: 'error', error: 'broke', errorInfo, finishReason: 'error', usage, endedAtMs: 30 });
    const ended = store.runPages.run('r');
    expect(ended).toMatchObject({
      status: 'error',
      model: 'resolved',
      upstreamRunId: 'up',
      credentialId: 'key',
      startedAtMs: 20,
      endedAtMs: 30,
      error: 'broke',
      errorInfo,
      usage,
      options,
    });
    // A final status is final.
    expect(
      store.runs.finish('r', {
        status: 'success',
        error: null,
        errorInfo: null,
        finishReason: 'stop',
        usage: null,
        endedAtMs: 40,
      }),
    ).toBe(false);
    expect(store.runPages.run('r')).toEqual(ended);
    expect(store.runPages.run('nobody')).toBeNull();
  });

  it('[E8-05] [BUG-C15] runs of one moment keep one order over all pages, and those that wait are among them', () => {
    const store = open();
    for (const id of ['a', 'c', 'b']) insertRun(store, id, 10);
    insertRun(store, 'foreign', 10, { sessionId: 's2' });
    store.queue.insert(
      {
        queueId: 'q',
        sessionId: 's1',
        runId: 'waits',
        sendNow: false,
        input: 'x',
        options,
        idempotencyKey: null,
        createdAtMs: 11,
      },
      'end',
    );
    const ids = (page: Parameters<typeof store.runPages.runs>[1]) =>
      store.runPages.runs('s1', page).map((run) => run.id);
    expect(ids({ limit: 10 })).toEqual(['waits', 'c', 'b', 'a']);
    expect(ids({ limit: 2 })).toEqual(['waits', 'c']);
    expect(ids({ limit: 2, before: { createdAtMs: 10, id: 'c' } })).toEqual(['b', 'a']);
    expect(ids({ limit: 2, offset: 1 })).toEqual(['c', 'b']);
    expect(ids({ limit: 10, statuses: ['pending'] })).toEqual(['waits']);
    // A filter that stood after the limit would find nothing here.
    expect(ids({ limit: 1, statuses: ['success'] })).toEqual(['c']);
    expect(store.runPages.run('waits')).toMatchObject({ status: 'pending', isQueued: true, options });
  });

  it('[E8-15] [BUG-C16] two threads in one transaction have numbers of their own, and a number is never given twice', async () => {
    const store = open();
    const draft = { event: 'run.reattached' as const, run_id: 'r', upstream_run_id: 'u' };
    await Promise.all(
      ['s1', 's2', 's1'].map((sessionId) =>
        store.committer.commit(() =>
          store.events.append(sessionId, store.sessions.takeSeqs(sessionId, 2), [draft, draft], 1),
        ),
      ),
    );
    expect(store.events.after('s1', 0, 10).map((event) => event.seq)).toEqual([1, 2, 3, 4]);
    expect(store.events.after('s2', 0, 10).map((event) => event.seq)).toEqual([1, 2]);
    expect(() => store.events.append('s1', 4, [draft], 1)).toThrow(/UNIQUE/);
  });

  it('[E8-16] pages of events have no holes and no doubles in either direction, also where numbers are missing', () => {
    const store = open();
    for (const seq of [1, 2, 5, 6, 9])
      store.events.append('s1', seq, [{ event: 'run.reattached', run_id: 'r', upstream_run_id: 'u' }], seq);
    const seqs = (page: Parameters<typeof store.runPages.events>[1]) => {
      const { rows, hasMore } = store.runPages.events('r', page);
      return [rows.map((event) => event.seq), hasMore];
    };
    expect(seqs({ limit: 5 })).toEqual([[1, 2, 5, 6, 9], false]);
    expect(seqs({ limit: 4 })).toEqual([[1, 2, 5, 6], true]);
    expect(seqs({ limit: 2, after: 3 })).toEqual([[5, 6], true]);
    expect(seqs({ limit: 2, before: 6 })).toEqual([[2, 5], true]);
    expect(seqs({ limit: 2, before: 5 })).toEqual([[1, 2], false]);
    expect(seqs({ limit: 2, after: 9 })).toEqual([[], false]);
  });

  it('[E8-18] [BUG-C8] [E1-10] a vote is one row for each run and user; others’ rows look absent', () => {
    const store = open();
    insertRun(store, 'r', 10);
    const vote = (userId: string, rating: 1 | -1, id: string, atMs: number) =>
      store.feedback.upsert(
        { id, sessionId: 's1', runId: 'r', userId, messageId: id === 'f1' ? 'm' : null, rating, comment: id },
        atMs,
      );
    vote('local', 1, 'f1', 10);
    expect(vote('local', -1, 'f2', 20)).toEqual({
      id: 'f1',
      sessionId: 's1',
      runId: 'r',
      userId: 'local',
      messageId: 'm',
      rating: -1,
      comment: 'f2',
      createdAtMs: 10,
      updatedAtMs: 20,
    });
    vote('another', 1, 'f3', 30);
    expect(store.feedback.ofRun('s1', 'r', 'local').map((row) => row.id)).toEqual(['f1']);
    // With the filter behind the limit, the page of one could be the other's row.
    expect(store.feedback.ofRun('s1', 'r', 'another', 1).map((row) => row.id)).toEqual(['f3']);
    expect(store.feedback.ofRun('s1', 'r', null)).toHaveLength(2);
    expect(store.feedback.byRun('s1', 'local').get('r')?.id).toBe('f1');
    expect(store.feedback.byRun('s1', 'nobody').size).toBe(0);
    expect(store.feedback.changes('f1', 'local').map((change) => change.rating)).toEqual([1, -1]);
    expect(store.feedback.changes('f1', 'another')).toEqual([]);
    expect(store.feedback.stats('s1', 'r')).toEqual({ total: 2, positive: 1, negative: 1 });
    expect(store.feedback.remove('f3', 's1', 'r', 'local')).toBe(false);
    expect(store.feedback.remove('f3', 's1', 'other-run', 'another')).toBe(false);
    expect(store.feedback.remove('f3', 's1', 'r', 'another')).toBe(true);
    expect(() =>
      store.db
        .prepare(
          "insert into feedback (id, session_id, run_id, user_id, rating, created_at_ms, updated_at_ms) values ('x', 's1', 'r', 'local', 1, 1, 1)",
        )
        .run(),
    ).toThrow(/UNIQUE/);
    // A deleted conversation takes its votes and their history with it.
    store.sessions.remove('s1');
    expect(
      store.db
        .prepare('select (select count(*) from feedback) + (select count(*) from feedback_changes)')
        .pluck()
        .get(),
    ).toBe(0);
  });

  it('[E8-10] feedback on a run that was taken back stays, its texts do not', () => {
    const store = open();
    insertRun(store, 'r', 10);
    store.runs.keepMessages('r', []);
    store.feedback.upsert(
      { id: 'f', sessionId: 's1', runId: 'r', userId: 'local', messageId: null, rating: 1, comment: null },
      1,
    );
    store.runs.markRolledBack('r');
    expect(store.runPages.run('r')).toMatchObject({
      status: 'error',
      firstHumanMessage: null,
      lastAiMessage: null,
      messageCount: 0,
    });
    expect(store.feedback.stats('s1', 'r').total).toBe(1);
  });

  it('[BUG-C14] [E8-01] every status is either live or final, for the code and for the database alike, a timeout too', () => {
    for (const status of RUN_STATUSES) {
      const store = open();
      insertRun(store, 'first', 1, { status: 'pending' });
      store.db.prepare('update runs set status = ? where id = ?').run(status, 'first');
      const isFinal = isTerminalStatus(status);
      expect(store.runs.unfinished(), status).toHaveLength(isFinal ? 0 : 1);
      expect(store.runPages.live(null), status).toHaveLength(isFinal ? 0 : 1);
      // The database lets a second one begin only behind one that is over (BUG-C7).
      const second = () => insertRun(store, 'second', 2, { status: 'pending' });
      if (isFinal) second();
      else expect(second, status).toThrow('UNIQUE');
      // What is over stays as it is.
      const end = { error: null, errorInfo: null, finishReason: null, usage: null, endedAtMs: 9 };
      expect(store.runs.finish('first', { ...end, status: 'success' }), status).toBe(!isFinal);
    }
    expect(RUN_STATUSES.filter(isTerminalStatus)).toEqual(['success', 'error', 'timeout', 'interrupted', 'cancelled']);
  });

  it('[E8-20] only a run that has ended can be forgotten; live ones are found with those that wait, in any thread', () => {
    const store = open();
    insertRun(store, 'ended', 1);
    store.db.prepare('update runs set ended_at_ms = 2 where id = ?').run('ended');
    insertRun(store, 'live', 2, { status: 'pending' });
    insertRun(store, 'elsewhere', 3, { sessionId: 's2', status: 'pending' });
    store.queue.insert(
      {
        queueId: 'q9',
        sessionId: 's1',
        runId: 'waits',
        sendNow: false,
        input: 'x',
        options,
        idempotencyKey: null,
        createdAtMs: 4,
      },
      'end',
    );
    const ids = (sessionId: string | null) => store.runPages.live(sessionId).map((run) => run.id);
    expect(ids(null)).toEqual(['live', 'elsewhere', 'waits']);
    expect(ids('s1')).toEqual(['live', 'waits']);
    expect([store.runPages.count('s1', false), store.runPages.count('s1', true)]).toEqual([1, 2]);
    expect([store.runs.removeEnded('live'), store.runs.removeEnded('ended'), store.runs.removeEnded('ended')]).toEqual([
      false,
      true,
      false,
    ]);
    expect(store.runPages.run('ended')).toBeNull();
  });

  it('[E8-20] [decision 21] a key’s cap is kept to the digit, changed and taken away', () => {
    const store = open();
    const cap = { period: 'day' as const, currency: 'USD', limit: '0.000001' };
    store.clientKeys.insert({ id: 'k', name: 'n', mask: 'm', digest: 'd', scopes: ['runs:read'], createdAtMs: 1, cap });
    const held = () => store.clientKeys.list()[0]?.cap;
    expect(held()).toEqual(cap);
    store.clientKeys.setCap('k', { ...cap, period: 'month' });
    expect(held()).toEqual({ ...cap, period: 'month' });
    store.clientKeys.setCap('k', null);
    expect(held()).toBeNull();
  });
});
