import { describe, expect, it } from 'vitest';
import type { UsageCall } from '#contract/usage-report';
import { ManualClock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore, type Store } from '../store/store.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { CallLedger } from './call-ledger.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function withLedger(work: (ledger: CallLedger, store: Store, errors: string[]) => Promise<void>): Promise<void> {
  const clock = new ManualClock();
  const store = openStore(dataPaths(tempDir()), { clock });
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
  });
  try {
    await work(ledger, store, errors);
  } finally {
    store.close();
  }
}

async function ended(ledger: CallLedger, id: string): Promise<UsageCall[]> {
  const subject = {
    id,
    runId: null,
    sessionId: null,
    profile: 'p',
    model: 'm',
    caller: 'lead_agent',
    purpose: 'api',
  } as const;
  const track = await ledger.begin(subject, { inputTokens: 3 });
  await track.notices.sending({ attempt: 1, credentialId: null, model: 'm' });
  track.hear({ type: 'completed', output: null, finishReason: 'stop', usage: null });
  return track.end(false);
}

const booked = (store: Store) => store.db.prepare<[], string>('select id from usage_calls order by id').pluck().all();
const open = (store: Store) => store.db.prepare<[], string>('select id from usage_open_calls').pluck().all();
const requests = (store: Store) =>
  store.db.prepare<[], number>('select sum(requests) from usage_rollups where span_ms = 900000').pluck().get();

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
