import { expect, it, onTestFinished, vi } from 'vitest';
import { applyRunEvent, emptyRunView } from '#contract/run-view';
import { fail, text } from '../../e2e/fake-upstream/script.ts';
import { openPooledGateway } from '../gateway/testing/pooled-gateway.ts';
import { countingIds, openRunsHarness } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';

it('[E10-15] [E10-27] an answer that moved on to another key before its first part is that key’s, and its wait is over when it begins', async () => {
  const world = await openPooledGateway({});
  for (const number of [1, 2]) await world.add(`k${number}`, { priority: number });
  world.fake.next([fail('Overloaded', 'overloaded_error')], [text('whole')]);
  const harness = await openRunsHarness({
    dir: tempDir(),
    upstream: world.gateway,
    clock: world.clock,
    nextId: countingIds(),
  });
  onTestFinished(() => harness.store.close());
  const { run_id: runId } = await harness.runs.submit({ sessionId: 's', input: 'hello' }, null);
  const ended = vi.waitFor(() => expect(harness.store.runs.get(runId)?.status).toBe('success'), { timeout: 10_000 });
  await world.hurry(ended);
  expect(harness.store.runs.get(runId)?.credentialId).toBe(world.ids.get('k2'));
  const names = harness.events.map((event) => event.event);
  expect(names.filter((name) => name === 'run.started')).toHaveLength(1);
  expect(names.indexOf('run.retrying')).toBeLessThan(names.indexOf('message.delta'));
  // What a window shows of it: the wait is gone with the first part.
  let view = emptyRunView('s');
  for (const event of harness.events) {
    view = applyRunEvent(view, event);
    if (event.event === 'run.retrying') expect(view.run?.retry).not.toBeNull();
    if (event.event === 'message.delta') expect(view.run?.retry).toBeNull();
  }
});
