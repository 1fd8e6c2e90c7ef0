import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventDraft } from '#contract/events';
import { ManualClock } from '../platform/clock.ts';
import { COALESCE_CHARS, COALESCE_MS, DeltaCoalescer } from './delta-coalescer.ts';

const delta = (message_id: string, text: string): EventDraft => ({
  event: 'message.delta',
  run_id: 'r',
  message_id,
  timestamp: 1,
  delta: text,
});
const thought = (message_id: string, text: string): EventDraft => ({
  event: 'reasoning.delta',
  run_id: 'r',
  message_id,
  timestamp: 1,
  delta: text,
  text,
});
const tool = (message_id: string): EventDraft => ({
  event: 'tool.started',
  run_id: 'r',
  message_id,
  tool: 't',
  preview: null,
  tool_call_id: null,
  arguments: null,
});

/** The order of everything, with text as one character after another. */
function trace(drafts: readonly EventDraft[]): string[] {
  return drafts.flatMap((draft) =>
    draft.event === 'message.delta' || draft.event === 'reasoning.delta'
      ? Array.from(draft.delta, (character) => `${draft.event}:${draft.message_id}:${character}`)
      : [`${draft.event}:${'message_id' in draft ? draft.message_id : ''}`],
  );
}

function collecting() {
  const clock = new ManualClock();
  const batches: EventDraft[][] = [];
  const coalescer = new DeltaCoalescer(clock, (drafts) => {
    batches.push(drafts);
    return Promise.resolve();
  });
  return { clock, batches, coalescer };
}

describe('the delta coalescer', () => {
  it('[E1-07] whatever the pace, the writes hold exactly what was pushed, in order', async () => {
    const draft = fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .tuple(fc.constantFrom('a', 'b'), fc.string({ minLength: 1, maxLength: 20 }))
          .map(([id, text]) => delta(id, text)),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('a', 'b'), fc.string({ minLength: 1, maxLength: 20 }))
          .map(([id, text]) => thought(id, text)),
      },
      { weight: 1, arbitrary: fc.constantFrom('a', 'b').map(tool) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(draft, fc.nat(80)), { maxLength: 60 }), async (steps) => {
        const { clock, batches, coalescer } = collecting();
        for (const [pushed, waitMs] of steps) {
          coalescer.push(pushed);
          clock.advance(waitMs);
        }
        await coalescer.flush();
        expect(trace(batches.flat())).toEqual(trace(steps.map(([pushed]) => pushed)));
        expect(clock.pending).toBe(0);
      }),
    );
  });

  it('[E1-07] ten thousand tiny deltas within a second are few writes', async () => {
    const { clock, batches, coalescer } = collecting();
    for (let index = 0; index < 10_000; index++) {
      coalescer.push(delta('a', 'x'));
      if (index % 10 === 9) clock.advance(1);
    }
    await coalescer.flush();
    expect(batches.length).toBeLessThanOrEqual(1000 / COALESCE_MS + 3);
    expect(
      batches
        .flat()
        .map((one) => (one.event === 'message.delta' ? one.delta : ''))
        .join(''),
    ).toBe('x'.repeat(10_000));
  });

  it('[E5-07] text waits no longer than the window, and a long text not at all', () => {
    const { clock, batches, coalescer } = collecting();
    coalescer.push(delta('a', 'first'));
    expect(batches).toHaveLength(1);
    coalescer.push(delta('a', 'second'));
    expect(batches).toHaveLength(1);
    clock.advance(COALESCE_MS);
    expect(batches).toHaveLength(2);
    coalescer.push(delta('a', 'y'.repeat(COALESCE_CHARS)));
    expect(batches).toHaveLength(3);
  });

  it('a write that failed is heard by whoever pushes or flushes next, not swallowed', async () => {
    const coalescer = new DeltaCoalescer(new ManualClock(), () => Promise.reject(new Error('damaged')));
    coalescer.push(delta('a', 'x'));
    await expect(coalescer.flush()).rejects.toThrow('damaged');
    expect(() => coalescer.push(delta('a', 'y'))).toThrow('damaged');
  });
});
