import { describe, expect, it } from 'vitest';
import { deferred } from '../platform/deferred.ts';
import { silentLogger } from '../platform/logger.ts';
import { manualCore, said } from '../testing/manual-core.ts';
import { RunLifecycle, type RunLifecycleEvent } from './run-lifecycle.ts';

describe('observers of runs', () => {
  it('[E8-19] hear the same things in the same order, numbered, whatever one of them does', async () => {
    const core = await manualCore();
    const errors: string[] = [];
    const logger = { ...silentLogger, error: (_: object, text: string) => void errors.push(text) };
    const lifecycle = new RunLifecycle({ log: core.log, logger });
    const gate = deferred<void>();
    const [quick, slow]: RunLifecycleEvent[][] = [[], []];
    lifecycle.observe({ name: 'quick', heard: (event) => void quick?.push(event) });
    lifecycle.observe({
      name: 'throws',
      heard: () => {
        throw new Error('not today');
      },
    });
    lifecycle.observe({
      name: 'slow',
      heard: async (event) => {
        await gate.promise;
        slow?.push(event);
      },
    });
    await core.turn('s', 'one', 'answer');
    await core.runs.submit({ sessionId: 's', input: 'two' }, null);
    await core.settle();
    const stopped = core.runs.abort('s');
    await core.settle();
    await stopped;
    await core.runs.submit({ sessionId: 's', input: 'three' }, null);
    await core.settle();
    core.calls.at(-1)?.push(said('x'), {
      type: 'failed',
      error: { code: 'upstream_error', message: 'broke', retry: { kind: 'no' } },
      usage: null,
    });
    await core.settle();
    expect(quick?.map((event) => event.event_type)).toEqual([
      ...['run_started', 'human_message', 'thread_status_updated', 'run_completed', 'thread_status_updated'],
      ...['run_started', 'human_message', 'thread_status_updated', 'run_cancelled', 'thread_status_updated'],
      ...['run_started', 'human_message', 'thread_status_updated', 'run_failed', 'thread_status_updated'],
    ]);
    expect(quick?.map((event) => event.sequence)).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
    expect(quick?.map((event) => event.event_id)).toEqual(
      quick?.map((event) => `${event.run_id}:${event.event_type}:${event.sequence}`),
    );
    expect(slow).toEqual([]);
    gate.resolve();
    await core.settle();
    expect(slow).toEqual(quick);
    expect(errors).toHaveLength(quick?.length ?? -1);
  });

  it('[E8-19] [BUG-C9] what they hear is stored already: the row says the same as the event', async () => {
    const core = await manualCore();
    const lifecycle = new RunLifecycle({ log: core.log, logger: silentLogger });
    const statuses: (string | undefined)[] = [];
    lifecycle.observe({
      name: 'looks',
      heard: (event) => {
        if (event.event_type === 'run_started' || event.event_type === 'run_completed')
          statuses.push(core.store.runs.get(event.run_id)?.status);
      },
    });
    await core.turn('s', 'one', 'answer');
    expect(statuses).toEqual(['pending', 'success']);
  });
});
