import { describe, expect, it } from 'vitest';
import type { ModelOverride } from '#contract/usage-report';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore } from '../store/store.ts';
import { countingIds } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { findOverride, ModelOverrides } from './model-overrides.ts';
import { PriceBook } from './price-book.ts';

const entry = (some: Partial<ModelOverride>): ModelOverride => ({
  id: 'e',
  profile: null,
  model: '*',
  currency: 'USD',
  input: '1',
  output: '2',
  cacheRead: null,
  cacheWrite: null,
  cacheWrite1h: null,
  contextTokens: null,
  ...some,
});

describe('which entry holds', () => {
  const entries = ['*', 'gpt-*', 'gpt-4o', '*-mini', 'org/*-x-*'].map((model) => entry({ id: model, model }));
  const at = (model: string, all = entries) => findOverride(all, { profile: 'p', model }, () => true)?.id;

  it.each([
    ['gpt-4o', 'gpt-4o'],
    ['GPT-4o', 'gpt-4o'],
    ['gpt-5', 'gpt-*'],
    ['o3-mini', '*-mini'],
    ['org/a-x-b', 'org/*-x-*'],
    ['org/a-y-b', '*'],
    ['other', '*'],
  ])('[E7-18] %s is told by %s', (model, id) => {
    expect(at(model)).toBe(id);
  });

  it('[E7-18] an entry for the profile goes before a longer one for all, and never holds for another profile', () => {
    const own = entry({ id: 'own', profile: 'p', model: 'gpt-*' });
    expect(at('gpt-4o', [...entries, own])).toBe('own');
    expect(findOverride([own], { profile: 'q', model: 'gpt-4o' }, () => true)).toBe(null);
  });

  it('[E7-18] a pattern of many stars takes no time', () => {
    const hard = entry({ model: `${'a*'.repeat(60)}b` });
    expect(findOverride([hard], { profile: 'p', model: 'a'.repeat(200) }, () => true)).toBe(null);
  });
});

describe('the table', () => {
  function open(dir = tempDir()) {
    const store = openStore(dataPaths(dir), { clock: new ManualClock() });
    const table = new ModelOverrides({ store, clock: new ManualClock(), newId: countingIds() });
    return { store, table };
  }
  const { id: _id, ...blank } = entry({});
  const fresh = { ...blank, id: null };

  it('[E7-18] keeps entries over a restart, tells window and price apart, and gives them up', async () => {
    const dir = tempDir();
    const first = open(dir);
    await first.table.save({ ...fresh, model: 'm', contextTokens: 8000, input: null, output: null });
    await first.table.save({ ...fresh, model: '*', input: '0.075', output: '3.75' });
    first.store.close();
    const { store, table } = open(dir);
    expect(table.windowOf('p', 'm')).toBe(8000);
    expect(table.windowOf('p', 'other')).toBe(null);
    expect(table.priceOf('p', 'm')?.tiers[0]).toMatchObject({ input: 75_000, output: 3_750_000, cacheRead: null });
    await table.remove(table.entries[1]?.id ?? '');
    expect(table.priceOf('p', 'm')).toBe(null);
    await expect(table.remove('gone')).rejects.toMatchObject({ code: 'not_found' });
    store.close();
  });

  it.each([
    ['words', { input: 'cheap' }, 'invalid_payload'],
    ['a comma', { input: '3,75' }, 'invalid_payload'],
    ['below zero', { output: '-1' }, 'invalid_payload'],
    ['finer than the ledger', { input: '0.0000001' }, 'invalid_payload'],
    ['half a price', { output: null }, 'invalid_payload'],
    ['nothing', { input: null, output: null }, 'invalid_payload'],
    ['a second one', {}, 'conflict'],
  ])('[E7-18] refuses %s with a sentence and keeps what it has', async (_what, some, code) => {
    const { store, table } = open();
    await table.save(fresh);
    await expect(table.save({ ...fresh, ...some })).rejects.toMatchObject({ code });
    expect(table.entries).toHaveLength(1);
    store.close();
  });

  it('[E7-15] [BUG-A24] a price is that of the model that runs: own entry, list, else unknown', async () => {
    const { store, table } = open();
    const profiles = {
      p: { name: 'p', kind: 'openai-chat' as const, baseUrl: 'https://api.openai.com', defaultModel: 'gpt-4o' },
      local: { name: 'local', kind: 'openai-chat' as const, baseUrl: 'http://127.0.0.1:1', defaultModel: 'gpt-4o' },
      demo: { name: 'demo', kind: 'demo' as const, baseUrl: '', defaultModel: null },
    };
    const logger = { info() {}, warn() {}, error() {}, flush() {} };
    const book = new PriceBook({
      overrides: table,
      profileOf: (name) => profiles[name as keyof typeof profiles] ?? null,
      logger,
    });
    expect(book.find('p', 'gpt-4o', 0)).toBe(null);
    await book.prepare('p', null);
    const now = Date.parse('2026-11-21');
    expect(book.find('p', null, now)).toMatchObject({ from: 'list', entry: 'openai/gpt-4o' });
    expect(book.find('p', 'gpt-4o-mini', now)).toMatchObject({ entry: 'openai/gpt-4o-mini' });
    expect(book.find('local', null, now)).toBe(null);
    expect(book.find('demo', null, now)).toMatchObject({ from: 'demo', tiers: [{ input: 0, output: 0 }] });
    expect(book.find('gone', null, now)).toBe(null);
    await table.save({ ...fresh, profile: 'local', model: 'gpt-4o' });
    expect(book.find('local', null, now)).toMatchObject({ from: 'override', entry: 'local/gpt-4o' });
    store.close();
  });
});
