import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiCallRecord } from '#contract/programs';
import { clientsOf, filterCalls, heldCalls, mergeCalls, oldestPlace } from './calls-list.ts';

function call(place: number, fields: Partial<ApiCallRecord> = {}): ApiCallRecord {
  return {
    id: `call ${place}`,
    place,
    revision: place,
    client: 'a program',
    path: '/v1/messages',
    profile: 'demo',
    model: 'demo',
    stream: false,
    startedAtMs: place,
    firstByteMs: null,
    durationMs: null,
    outcome: 'running',
    status: null,
    failure: null,
    credential: null,
    attempts: [],
    inputTokens: null,
    outputTokens: null,
    isEstimate: false,
    cost: null,
    currency: null,
    ...fields,
  };
}

const places = (calls: readonly ApiCallRecord[]) => calls.map(({ place }) => place);

describe('the list of calls', () => {
  it('shows the same whatever order the first list and the news come in', () => {
    const record = fc.record({ place: fc.integer({ min: 1, max: 30 }), step: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(
        fc.array(fc.array(record, { maxLength: 8 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 15 }),
        (batches, oldest) => {
          // A record is what its revision says, as in the core.
          const news = batches.map((batch) =>
            batch.map(({ place, step }) =>
              call(place, { revision: place * 10 + step, durationMs: step === 3 ? place : null }),
            ),
          );
          const told = (order: ApiCallRecord[][]) =>
            order.reduce<ApiCallRecord[]>((known, batch) => mergeCalls(known, batch, oldest), []);
          expect(told(news)).toEqual(told([...news].reverse()));
          const list = told(news);
          expect(places(list)).toEqual(places(list).toSorted((one, other) => other - one));
          expect(list.every(({ place }) => place >= oldest)).toBe(true);
        },
      ),
    );
  });

  it('a list that was asked for before a call ended does not have it run again', () => {
    const ended = call(1, { revision: 9, outcome: 'completed' });
    expect(mergeCalls([ended], [call(1)], 1)).toEqual([ended]);
  });

  it('records that did not change stay the same objects, so that their rows are not drawn anew', () => {
    const known = [call(2), call(1)];
    const merged = mergeCalls(known, [call(3)], 1);
    expect(merged[1]).toBe(known[0]);
    expect(merged[2]).toBe(known[1]);
  });

  it('has no oldest call where there is none', () => {
    expect(mergeCalls([call(1)], [], oldestPlace([]))).toEqual([]);
    expect(oldestPlace([call(4), call(3)])).toBe(3);
  });

  it('a list that stands still keeps its calls and their order, shows how they go on, and counts what waits', () => {
    const held = [call(3), call(2)];
    const current = [call(5), call(4), call(3, { revision: 9, outcome: 'failed' })];
    const { calls, waiting } = heldCalls(held, current);
    expect(places(calls)).toEqual([3, 2]);
    expect(calls[0]?.outcome).toBe('failed');
    expect(waiting).toBe(2);
  });

  it('is narrowed to a program, to the owner, and to what failed', () => {
    const calls = [call(3, { client: null, outcome: 'failed' }), call(2, { outcome: 'failed' }), call(1)];
    expect(places(filterCalls(calls, { client: null, failedOnly: false }))).toEqual([3, 2, 1]);
    expect(places(filterCalls(calls, { client: { name: null }, failedOnly: false }))).toEqual([3]);
    expect(places(filterCalls(calls, { client: { name: 'a program' }, failedOnly: true }))).toEqual([2]);
    expect(clientsOf(calls)).toEqual([null, 'a program']);
  });
});
