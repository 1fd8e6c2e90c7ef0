import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Message } from '#contract/message';
import { compressContext } from '../compressor/compress-context.ts';
import { planCompression } from '../compressor/plan-compression.ts';
import { fakePorts, inputOf, sizedRow, toolGroup } from '../compressor/testing/conversation.ts';
import type { CompactionRow } from '../store/compaction-repository.ts';
import { KnownContexts } from './known-contexts.ts';

type Turn = (id: string) => Message[];

const tokens = fc.integer({ min: 10, max: 300 });
const turn = fc.oneof<fc.Arbitrary<Turn>[]>(
  tokens.map(
    (count): Turn =>
      (id) => [sizedRow('user', id, count)],
  ),
  tokens.map(
    (count): Turn =>
      (id) => [sizedRow('assistant', id, count)],
  ),
  fc.tuple(fc.integer({ min: 1, max: 4 }), tokens).map(
    ([results, count]): Turn =>
      (id) =>
        toolGroup(id, results, 'data '.repeat(count)),
  ),
);
const talk = (turns: readonly Turn[], name: string) => turns.flatMap((make, at) => make(`${name}${at}`));

const situation = fc.record({
  rows: fc.array(turn, { minLength: 6, maxLength: 60 }).map((turns) => talk(turns, 'a')),
  grown: fc.array(turn, { maxLength: 20 }).map((turns) => talk(turns, 'b')),
  pins: fc.array(fc.nat(120), { maxLength: 5 }),
  windowTokens: fc.constantFrom(4000, 8000, 32_000),
  tailMessages: fc.constantFrom(0, 3, 20),
  rewritten: fc.boolean(),
});

/** Rows in memory, read as the store reads them. */
function storeOf(rows: readonly Message[], current: CompactionRow | null) {
  let rewrites = 0;
  let all = rows;
  return {
    store: {
      compactions: { current: () => current },
      messages: {
        rewrites: () => rewrites,
        shown: (_session: string, id: string) => all.find((row) => row.id === id) ?? null,
        after: (_session: string, id: string) => all.slice(all.findIndex((row) => row.id === id) + 1),
      },
    } as unknown as ConstructorParameters<typeof KnownContexts>[0],
    grow: (more: readonly Message[]) => {
      all = [...all, ...more];
      return all;
    },
    rewrite: () => void rewrites++,
  };
}

it('[E7-02] [BUG-A16] a plan made of what is new is the plan made of everything', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(situation, async ({ rows: unpinned, grown, pins, windowTokens, tailMessages, rewritten }) => {
      const pinned = new Set(pins.flatMap((at) => unpinned[at]?.id ?? []));
      const rows = unpinned.map((row) => (pinned.has(row.id) ? { ...row, pinned: true as const } : row));
      const fields = { windowTokens, settings: { tailMessages }, pinnedIds: pinned };
      const { snapshot } = await compressContext(
        inputOf(rows, { ...fields, force: true }),
        fakePorts(),
        new AbortController().signal,
      ).catch(() => ({ snapshot: null }));
      if (snapshot === null) return;
      const held = storeOf(rows, { ...snapshot } as CompactionRow);
      const known = new KnownContexts(held.store);
      known.remember('s', rows);
      const all = held.grow(grown);
      if (rewritten) {
        held.rewrite();
        expect(known.read('s')).toBeNull();
        return;
      }
      const short = known.read('s');
      expect(short).not.toBeNull();
      if (short === null) return;
      const whole = planCompression(inputOf(all, { ...fields, snapshot }));
      const part = planCompression(
        inputOf(short.rows, { ...fields, snapshot: short.snapshot, coverage: short.coverage }),
      );
      expect(part.kind).toBe(whole.kind);
      if ('tokens' in part && 'tokens' in whole) expect(part.tokens).toBe(whole.tokens);
      if (part.kind === 'assemble' && whole.kind === 'assemble') {
        expect(part.rows).toEqual(whole.rows);
        compared++;
      }
    }),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(50);
});
