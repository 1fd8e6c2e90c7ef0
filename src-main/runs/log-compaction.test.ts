import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyRunEvent, emptyRunView, viewMessages } from '#contract/run-view';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';
import { done, type ManualCore, manualCore, said } from '../testing/manual-core.ts';
import { LogCompaction } from './log-compaction.ts';

const DAY_MS = 24 * 3_600_000;
const part = fc.constantFrom<UpstreamEvent>(
  said('word '),
  { type: 'reasoning', text: 'a thought that is long enough ' },
  { type: 'tool-start', callId: null, name: 'look', preview: null, arguments: null },
  { type: 'tool-end', callId: null, name: 'look', durationSeconds: 1, isError: false, output: 'x' },
);

async function compact(core: ManualCore): Promise<number> {
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined, flush: () => undefined };
  const working = new LogCompaction({ store: core.store, clock: core.clock, logger }).compact();
  let isOver = false;
  void working.finally(() => {
    isOver = true;
  });
  for (let turn = 0; turn < 500 && !isOver; turn++) {
    core.clock.advance(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return working;
}

/** The fold of the whole log, however many lines it has. */
function fold(core: ManualCore) {
  const view = core.store.events
    .after('s', 0, 100_000)
    .reduce((known, event) => applyRunEvent(known, event), emptyRunView('s'));
  return viewMessages(view).map((row) => [row.id, row.role, row.content, row.reasoning, row.tool_state]);
}

describe('the log after a day', () => {
  it('[decision 1] says the same in fewer lines, whatever the answer was made of', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(part, { minLength: 1, maxLength: 4 }), { maxLength: 12 }), async (batches) => {
        const core = await manualCore();
        await core.runs.submit({ sessionId: 's', input: 'a' }, null);
        await core.settle();
        for (const batch of batches) {
          core.calls[0]?.push(...batch);
          await core.settle();
          core.clock.advance(40);
          await core.settle();
        }
        core.calls[0]?.push(said('end'), done);
        await core.settle();
        const before = fold(core);
        const lines = core.store.events.after('s', 0, 100_000).length;
        expect(await compact(core)).toBe(0);
        core.clock.advance(DAY_MS + 1);
        expect(await compact(core)).toBe(1);
        expect(fold(core)).toEqual(before);
        expect(core.store.events.after('s', 0, 100_000).length).toBeLessThanOrEqual(lines);
        expect(await compact(core)).toBe(0);
        core.store.db.close();
      }),
      { numRuns: 40 },
    );
  });

  it('[decision 1] a long answer becomes one line, in slices, and a viewer from before it is told of a gap', async () => {
    const core = await manualCore();
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.settle();
    for (let index = 0; index < 1200; index++) {
      core.calls[0]?.push(said(`${index} `));
      if (index % 50 === 0) await core.settle();
      core.clock.advance(40);
    }
    core.calls[0]?.push(done);
    await core.settle();
    const before = fold(core);
    const lastSeq = core.runs.snapshot('s').lastSeq;
    core.clock.advance(DAY_MS + 1);
    expect(await compact(core)).toBe(1);
    expect(fold(core)).toEqual(before);
    expect(
      core.store.events.after('s', 0, 100_000).filter((line) => line.event === 'message.delta').length,
    ).toBeLessThan(5);
    expect(core.runs.eventsAfter('s', 3)).toBeNull();
    expect(core.runs.eventsAfter('s', lastSeq - 1)).toHaveLength(1);
  });
});
