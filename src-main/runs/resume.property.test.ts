import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoggedEvent } from '#contract/events';
import { applyRunEvent, type RunView, viewFromSnapshot, viewMessages } from '#contract/run-view';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';
import { done, manualCore, said } from '../testing/manual-core.ts';

const part = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).map(said) },
  fc.constant<UpstreamEvent>({ type: 'reasoning', text: 'thought ' }),
  fc.constant<UpstreamEvent>({ type: 'tool-start', callId: null, name: 'look', preview: null, arguments: '{}' }),
  fc.constant<UpstreamEvent>({
    type: 'tool-end',
    callId: null,
    name: 'look',
    durationSeconds: 1,
    isError: false,
    output: 'x',
  }),
);
const drawn = (view: RunView) =>
  viewMessages(view).map((row) => [row.id, row.role, row.content, row.reasoning, row.tool_state, row.status]);

describe('coming back to a session', () => {
  it('[E5-02] [E5-03] [decision 3] [decision 13] at 1,000 points of random answers: snapshot or cursor and what follows make the whole, to the byte', async () => {
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 }),
        async (batches) => {
          const core = await manualCore();
          const told: LoggedEvent[] = core.events;
          const points: { view: RunView; from: number }[] = [];
          const look = () => {
            const snapshot = core.runs.snapshot('s');
            // Subscribing happens in the same turn: from here on this viewer hears every event.
            points.push({ view: viewFromSnapshot('s', snapshot), from: told.length });
          };
          await core.turn('s', 'first', 'answer');
          look();
          await core.runs.submit({ sessionId: 's', input: 'second' }, null);
          look();
          await core.settle();
          look();
          for (const batch of batches) {
            core.calls[1]?.push(...batch);
            look();
            await core.settle();
            look();
            core.clock.advance(40);
            look();
            await core.settle();
            look();
          }
          core.calls[1]?.push(done);
          await core.settle();
          const whole = drawn(viewFromSnapshot('s', core.runs.snapshot('s')));
          for (const { view, from } of points) {
            cuts++;
            expect(drawn(told.slice(from).reduce(applyRunEvent, view))).toEqual(whole);
            const missed = core.runs.eventsAfter('s', view.lastSeq) ?? [];
            expect(drawn(missed.reduce(applyRunEvent, view))).toEqual(whole);
          }
          core.store.db.close();
        },
      ),
      { numRuns: 80 },
    );
    expect(cuts).toBeGreaterThanOrEqual(1000);
  }, 60_000);

  it('[E5-04] [BUG-A25] state events come in their order and only of the run that is live', async () => {
    const core = await manualCore({ style: 'stop-request' });
    await core.turn('s', 'first', 'answer');
    await core.runs.submit({ sessionId: 's', input: 'second' }, null);
    await core.settle();
    const question = { approvalId: 'q', command: 'rm', description: 'Remove', choices: ['once' as const] };
    core.calls[1]?.push({ type: 'approval-request', ...question });
    await core.settle();
    void core.runs.abort('s');
    await core.settle();
    core.clock.advance(60);
    await core.settle();
    const { events, run_id } = core.runs.snapshot('s');
    expect(events.map((event) => event.event)).toEqual(['run.started', 'approval.requested', 'abort.started']);
    expect(events.every((event) => event.run_id === run_id)).toBe(true);
    core.calls[1]?.push({ type: 'cancelled', usage: null });
    await core.settle();
    expect(core.runs.snapshot('s').events).toEqual([]);
  });
});
