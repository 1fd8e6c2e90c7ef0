import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { UsageCall } from '#contract/usage-report';
import { ManualClock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore, type Store } from '../store/store.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { CallJournal } from './call-journal.ts';
import { CallLedger } from './call-ledger.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

interface Opened {
  ledger: CallLedger;
  store: Store;
  clock: ManualClock;
  errors: string[];
}

function openLedger(dir: string, hasJournal: boolean): Opened {
  const clock = new ManualClock();
  const store = openStore(dataPaths(dir), { clock });
  const errors: string[] = [];
  const logger: Logger = {
    info: () => undefined,
    warn: () => undefined,
    error: (_fields, message) => errors.push(message),
    flush: () => undefined,
  };
  const ledger = new CallLedger({
    store,
    clock,
    logger,
    prices: { prepare: () => Promise.resolve(), find: () => null },
    defaultModelOf: () => null,
    picturesOf: () => 'none',
    labelOf: () => null,
    assertMayCall: () => Promise.resolve(),
    ...(hasJournal ? { journal: new CallJournal(dataPaths(dir).callJournal, { logger }) } : {}),
  });
  return { ledger, store, clock, errors };
}

async function withLedger(work: (ledger: CallLedger, store: Store, errors: string[]) => Promise<void>): Promise<void> {
  const { ledger, store, errors } = openLedger(tempDir(), false);
  try {
    await work(ledger, store, errors);
  } finally {
    store.close();
  }
}

/** Ends the process as kill -9 would: nothing more is written, nothing is closed in order. */
function killed({ store }: Opened): void {
  store.db.close();
}

/** What the next process finds in the books, when it has started. */
async function afterwards(dir: string): Promise<{ outcomes: Record<string, string>; requests: number | null }> {
  const { ledger, store } = openLedger(dir, true);
  ledger.closeLeftovers();
  await ledger.settled();
  const rows = store.db.prepare<[], { id: string; outcome: string }>('select id, outcome from usage_calls').all();
  const found = { outcomes: Object.fromEntries(rows.map((row) => [row.id, row.outcome])), requests: requests(store) };
  await ledger.close();
  store.close();
  return found;
}

/** A call of a program, but for its name. */
const OF_PROGRAM = {
  runId: null,
  sessionId: null,
  profile: 'p',
  model: 'm',
  caller: 'lead_agent',
  purpose: 'api',
} as const;

async function ended(ledger: CallLedger, id: string): Promise<UsageCall[]> {
  const track = await ledger.begin({ ...OF_PROGRAM, id }, { inputTokens: 3 });
  await track.notices.sending({ attempt: 1, credentialId: null, model: 'm' });
  track.hear({ type: 'completed', output: null, finishReason: 'stop', usage: null });
  return track.end(false);
}

const booked = (store: Store) => store.db.prepare<[], string>('select id from usage_calls order by id').pluck().all();
const open = (store: Store) => store.db.prepare<[], string>('select id from usage_open_calls').pluck().all();
const requests = (store: Store) =>
  store.db.prepare<[], number>('select sum(requests) from usage_rollups where span_ms = 900000').pluck().get() ?? null;

describe('the ledger', () => {
  it('[decision 31] books calls that end in one turn each once, and those of later turns as well', async () => {
    await withLedger(async (ledger, store, errors) => {
      const rows = [await ended(ledger, 'a'), await ended(ledger, 'b'), await ended(ledger, 'c')];
      for (const row of rows.slice(0, 2)) ledger.bookNow(row);
      await turn();
      expect(booked(store)).toEqual(['a#1', 'b#1']);
      ledger.bookNow(rows[2] ?? []);
      ledger.bookNow(rows[0] ?? []);
      await turn();
      expect(booked(store)).toEqual(['a#1', 'b#1', 'c#1']);
      expect(open(store)).toEqual([]);
      expect(requests(store)).toBe(3);
      expect(errors).toEqual([]);
    });
  });

  it('[decision 31] a call that cannot be booked costs those beside it nothing', async () => {
    await withLedger(async (ledger, store, errors) => {
      const good = [...(await ended(ledger, 'a')), ...(await ended(ledger, 'c'))];
      const bad = (await ended(ledger, 'b')).map((call) => ({ ...call, outcome: 'nonsense' as UsageCall['outcome'] }));
      for (const call of [good[0], bad[0], good[1]]) ledger.bookNow(call === undefined ? [] : [call]);
      await turn();
      await turn();
      expect(booked(store)).toEqual(['a#1', 'c#1']);
      // It stays written down; the next start books it.
      expect(open(store)).toEqual(['b#1']);
      expect(requests(store)).toBe(2);
      expect(errors).toEqual(['a call could not be booked']);
    });
  });
});

describe('calls of programs', () => {
  it('[decision 31] go into the store together, a moment later or when somebody reads', async () => {
    const opened = openLedger(tempDir(), true);
    const { ledger, store, clock, errors } = opened;
    for (const id of ['a', 'b']) ledger.bookNow(await ended(ledger, id));
    await turn();
    expect(booked(store)).toEqual([]);
    await ledger.settled();
    expect(booked(store)).toEqual(['a#1', 'b#1']);
    ledger.bookNow(await ended(ledger, 'c'));
    clock.advance(100);
    await turn();
    expect(booked(store)).toEqual(['a#1', 'b#1', 'c#1']);
    expect(open(store)).toEqual([]);
    expect(requests(store)).toBe(3);
    for (let number = 0; number < 32; number++) ledger.bookNow(await ended(ledger, `many${number}`));
    await turn();
    expect(booked(store)).toHaveLength(35);
    expect(errors).toEqual([]);
    store.close();
  });

  it('are booked eight at a time where they go one by one, and together where many are under way', async () => {
    const { ledger, store } = openLedger(tempDir(), true);
    const inStore = () => booked(store).length;
    for (let number = 0; number < 8; number++) {
      expect(inStore()).toBe(0);
      ledger.bookNow(await ended(ledger, `one${number}`));
    }
    await turn();
    expect(inStore()).toBe(8);
    const rows = [];
    for (let number = 0; number < 60; number++) rows.push(await ended(ledger, `many${number}`));
    for (const row of rows.slice(0, 20)) ledger.bookNow(row);
    await turn();
    expect(inStore()).toBe(8);
    await ledger.settled();
    expect(inStore()).toBe(28);
    store.close();
  });

  it('[decision 31] wait for nothing where they say that they leave, unless many are under way', async () => {
    const dir = tempDir();
    const { ledger, store } = openLedger(dir, true);
    const begun = (id: string) => ledger.begin({ ...OF_PROGRAM, id }, { inputTokens: 3 }, { saysLeaving: true });
    const sending = { attempt: 1, credentialId: null, model: 'm' };
    const first = await begun('first');
    expect(first.notices.sending(sending)).toBeNull();
    first.leaving();
    // In the same turn.
    expect(readFileSync(dataPaths(dir).callJournal[0], 'utf8')).toContain('first#1');
    const waits: unknown[] = [];
    for (let number = 0; number < 20; number++) waits.push((await begun(`more${number}`)).notices.sending(sending));
    expect(waits[0]).toBeNull();
    expect(waits.at(-1)).toBeInstanceOf(Promise);
    store.close();
  });

  it('[decision 31] are booked once each after a kill: as they ended, and as lost where that is not known', async () => {
    const dir = tempDir();
    const opened = openLedger(dir, true);
    const { ledger } = opened;
    ledger.bookNow(await ended(ledger, 'stored'));
    await ledger.settled();
    ledger.bookNow(await ended(ledger, 'over'));
    await ended(ledger, 'under way');
    await turn();
    killed(opened);
    const outcomes = { 'stored#1': 'completed', 'over#1': 'completed', 'under way#1': 'lost' };
    for (let starts = 0; starts < 2; starts++) expect(await afterwards(dir)).toEqual({ outcomes, requests: 3 });
  });

  it('[decision 31] that stand in the store already when the process dies are not booked again', async () => {
    const dir = tempDir();
    const opened = openLedger(dir, true);
    const { ledger, store } = opened;
    const rows = await ended(ledger, 'a');
    // As it is when the process dies between the commit and the journal.
    ledger.bookNow(rows);
    await turn();
    await store.committer.commit(() => store.usage.book(rows));
    killed(opened);
    expect(await afterwards(dir)).toEqual({ outcomes: { 'a#1': 'completed' }, requests: 1 });
  });

  it('[decision 31] that the store refuses cost those beside them nothing, and stay written down', async () => {
    const dir = tempDir();
    const opened = openLedger(dir, true);
    const { ledger, store, errors } = opened;
    const bad = (await ended(ledger, 'b')).map((call) => ({ ...call, outcome: 'nonsense' as UsageCall['outcome'] }));
    for (const rows of [await ended(ledger, 'a'), bad, await ended(ledger, 'c')]) ledger.bookNow(rows);
    await ledger.settled();
    expect(booked(store)).toEqual(['a#1', 'c#1']);
    expect(errors).toEqual(['a call could not be booked']);
    store.close();
    const next = openLedger(dir, true);
    next.ledger.closeLeftovers();
    await next.ledger.settled();
    expect(next.errors).toEqual(['a call could not be booked']);
    next.store.close();
  });

  it('that never left are in no books', async () => {
    const dir = tempDir();
    const opened = openLedger(dir, true);
    const { ledger } = opened;
    const subject = { id: 'a', runId: null, sessionId: null, profile: 'p', model: 'm' } as const;
    const track = await ledger.begin({ ...subject, caller: 'lead_agent', purpose: 'api' }, { inputTokens: 3 });
    await track.notices.sending({ attempt: 1, credentialId: null, model: 'm' });
    track.notices.notAccepted({ attempt: 1, credentialId: null, model: 'm' }, null);
    await turn();
    killed(opened);
    expect(await afterwards(dir)).toEqual({ outcomes: {}, requests: null });
  });
});
