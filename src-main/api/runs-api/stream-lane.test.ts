import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventDraft, LoggedEvent } from '#contract/events';
import { emptyMessage } from '#contract/message';
import { type Frame, RunFrames, STREAM_MODES, type StreamMode } from './run-frames.ts';
import { readEventId } from './sse-frame.ts';
import { StreamLane } from './stream-lane.ts';

const frame = (place: number, event = 'messages', data: unknown = place): Frame => ({ place, ms: 1, event, data });
const places = (lane: StreamLane, after: number) => lane.after(after)?.map((one) => one.place) ?? null;

describe('the frames that are held', () => {
  it('[E8-12] [BUG-C17] are 256 at most; who is further behind is told so, and the end cannot fall out', () => {
    const lane = new StreamLane(-1);
    for (let place = 1; place <= 1000; place++) lane.publish([frame(place)]);
    lane.publish([frame(1001, 'end', null)]);
    expect(lane.size.frames).toBe(256);
    expect(places(lane, 744)).toBeNull();
    expect(places(lane, 745)).toHaveLength(256);
    expect(places(lane, 1000)).toEqual([1001]);
    expect(places(lane, 1001)).toEqual([]);
    expect(lane.isEnded).toBe(true);
  });

  it('[E8-12] are bounded in bytes as well, but never fewer than one', () => {
    const lane = new StreamLane(-1);
    for (let place = 1; place <= 10; place++) lane.publish([frame(place, 'values', 'x'.repeat(3 * 1024 * 1024))]);
    expect(lane.size.frames).toBe(1);
    expect(places(lane, 9)).toEqual([10]);
    expect(places(lane, 8)).toBeNull();
  });

  it('[E8-12] take nothing after the end', () => {
    const lane = new StreamLane(-1);
    lane.publish([frame(1, 'end', null)]);
    expect(() => lane.publish([frame(2)])).toThrow('after the end');
  });

  it('[E8-08] an id is read exactly or not at all', () => {
    for (const text of [undefined, '', '-1']) expect(readEventId(text)).toBe('start');
    expect(readEventId('12-34')).toEqual({ ms: 12, place: 34 });
    for (const text of ['x', '1', '1-', '-1-1', '1-1 ', '1-1-1', '1e3-1', '１-1', `1-${'9'.repeat(16)}`])
      expect(readEventId(text), text).toBe('unreadable');
  });
});

/** A run's drafts in any order that an upstream could say them. */
const step = fc.oneof(
  fc.record({
    event: fc.constant('message.delta' as const),
    row: fc.nat(2),
    text: fc.string({ minLength: 1, maxLength: 40 }),
  }),
  fc.record({
    event: fc.constant('reasoning.delta' as const),
    row: fc.nat(2),
    text: fc.string({ minLength: 1, maxLength: 10 }),
  }),
  fc.record({ event: fc.constant('tool' as const), row: fc.nat(3), text: fc.string({ maxLength: 5 }) }),
  fc.record({ event: fc.constant('usage' as const), row: fc.nat(1), text: fc.string({ maxLength: 1 }) }),
);

function draftsOf(steps: readonly { event: string; row: number; text: string }[], isFailed: boolean): EventDraft[] {
  const run_id = 'r';
  const message = {
    ...emptyMessage({ id: 'u', session_id: 't', run_id, role: 'user', created_at_ms: 1 }),
    content: 'q',
    status: 'final' as const,
  };
  const drafts: EventDraft[] = [
    { event: 'run.peer_user_message', run_id, message, queue_id: null, profile: 'p', model: null },
  ];
  for (const { event, row, text } of steps) {
    const message_id = `m${row}`;
    if (event === 'message.delta') drafts.push({ event, run_id, message_id, timestamp: 1, delta: text });
    else if (event === 'reasoning.delta') drafts.push({ event, run_id, message_id, timestamp: 1, delta: text, text });
    else if (event === 'tool') {
      const tool = { run_id, message_id: `t${drafts.length}`, tool: 'look', tool_call_id: `c${drafts.length}` };
      drafts.push(
        { event: 'tool.started', ...tool, preview: null, arguments: text },
        { event: 'tool.completed', ...tool, duration: null, error: false, output: text },
      );
    } else
      drafts.push({
        event: 'usage.updated',
        run_id,
        inputTokens: 1,
        outputTokens: 1,
        contextTokens: null,
        source: 'provider',
      });
  }
  drafts.push(
    isFailed
      ? {
          event: 'run.failed',
          run_id,
          error: 'broke',
          error_info: { code: 'upstream_error', retry: { kind: 'no' } },
          queue_remaining: 0,
          status: 'error',
          usage: null,
        }
      : { event: 'run.completed', run_id, output: '', usage: null, finish_reason: 'stop', queue_remaining: 0 },
  );
  // What comes of a run after its end is none of its stream's business.
  drafts.push({
    event: 'run.reconciled',
    run_id,
    upstream_status: 'completed',
    usage: null,
    message_id: null,
    delta: '',
  });
  return drafts;
}

function framesOf(events: readonly LoggedEvent[], modes: readonly StreamMode[]): Frame[] {
  const frames = new RunFrames({
    threadId: 't',
    runId: 'r',
    assistantId: 'p',
    modes: new Set(modes),
    before: () => [],
    isRolledBack: () => false,
  });
  return events.flatMap((event) => frames.next(event));
}

describe('frames of a run', () => {
  it('[E8-08] [decision 2] whatever is said: metadata first, one end last, ids grow, and each mode’s frames are those of all modes', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.boolean(),
        fc.subarray([...STREAM_MODES], { minLength: 1 }),
        (steps, isFailed, modes) => {
          const events = draftsOf(steps, isFailed).map(
            (draft, index): LoggedEvent => ({ v: 1, session_id: 't', seq: index + 3, ts: 1000 + index, ...draft }),
          );
          const all = framesOf(events, STREAM_MODES);
          expect(all[0]?.event).toBe('metadata');
          expect(all.at(-1)?.event).toBe('end');
          expect(all.filter((one) => one.event === 'end')).toHaveLength(1);
          expect(all.filter((one) => one.event === 'error')).toHaveLength(isFailed ? 1 : 0);
          for (const [index, one] of all.entries())
            if (index > 0) expect(one.place).toBeGreaterThan(all[index - 1]?.place ?? 0);
          const some = framesOf(events, modes);
          const known = new Map(all.map((one) => [one.place, one]));
          for (const one of some) expect(one).toEqual(known.get(one.place));
          const text = steps
            .filter((one) => one.event === 'message.delta')
            .map((one) => one.text)
            .join('');
          const tuples = framesOf(events, ['messages-tuple']).filter((one) => one.event === 'messages');
          const chunks = tuples
            .map((one) => (one.data as [{ type: string; content: string }])[0])
            .filter((chunk) => chunk.type === 'AIMessageChunk');
          expect(chunks.map((chunk) => chunk.content).join('')).toBe(text);
        },
      ),
    );
  });

  it('[BUG-C13] a long answer costs a stream of whole messages a fixed multiple of its length, not its square', () => {
    const steps = Array.from({ length: 3000 }, () => ({ event: 'message.delta', row: 0, text: 'ten chars.' }));
    const events = draftsOf(steps, false).map(
      (draft, index): LoggedEvent => ({ v: 1, session_id: 't', seq: index + 1, ts: 1, ...draft }),
    );
    const bytes = framesOf(events, ['messages']).reduce((sum, one) => sum + JSON.stringify(one.data).length, 0);
    expect(bytes).toBeLessThan(30_000 * 40);
    const values = framesOf(events, ['values']).reduce((sum, one) => sum + JSON.stringify(one.data).length, 0);
    expect(values).toBeLessThan(30_000 * 2);
  });
});
