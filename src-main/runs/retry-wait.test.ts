import { describe, expect, it } from 'vitest';
import type { RetryNotice, StartNotices } from '../gateway/gateway.ts';
import { deferred } from '../platform/deferred.ts';
import { countingIds, openRunsHarness } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';

const notice: RetryNotice = {
  attempt: 1,
  waitMs: 8000,
  reason: 'The upstream takes no more runs now.',
  code: 'upstream_rate_limited',
};

/** A core whose upstream refuses the first try and waits for the second. */
async function waiting(style: 'stop-request' | 'close-socket') {
  const begun = deferred<StartNotices>();
  let aborted = false;
  const harness = await openRunsHarness({
    dir: tempDir(),
    nextId: countingIds(),
    upstream: {
      stopStyle: () => style,
      attach: () => Promise.resolve(null),
      start: (_profile, _request, signal, notices = {}) => {
        begun.resolve(notices);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(signal.reason as Error);
          });
        });
      },
    },
  });
  await harness.runs.submit({ sessionId: 's', input: 'a' }, null);
  const notices = await begun.promise;
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { ...harness, notices, settle, isAborted: () => aborted };
}

describe('a run that waits for its upstream', () => {
  for (const style of ['stop-request', 'close-socket'] as const) {
    it(`[E9-07] [E4-01] says so, and a stop ends the wait at once, confirmed (${style})`, async () => {
      const core = await waiting(style);
      core.notices.underWay?.(true);
      core.notices.underWay?.(false);
      core.notices.retrying?.(notice);
      await core.settle();
      expect(core.events.at(-1)).toMatchObject({ event: 'run.retrying', ...notice });
      expect(core.runs.snapshot('s').events.at(-1)).toMatchObject({ event: 'run.retrying' });
      const ack = core.runs.abort('s');
      await core.settle();
      expect(core.isAborted()).toBe(true);
      expect(await ack).toMatchObject({ status: 'aborted', synced: true });
      expect(core.store.followUps.list()).toEqual([]);
    });
  }

  it('[E9-07] [E4-01] [BUG-A3] a refusal that arrives after the stop is no reason for another try', async () => {
    const core = await waiting('stop-request');
    core.notices.underWay?.(true);
    void core.runs.abort('s');
    await core.settle();
    expect(core.isAborted()).toBe(false);
    core.notices.underWay?.(false);
    core.notices.retrying?.(notice);
    await core.settle();
    expect(core.isAborted()).toBe(true);
    expect(core.events.at(-1)).toMatchObject({ event: 'abort.completed', synced: true });
    expect(core.events.some((event) => event.event === 'run.retrying')).toBe(false);
  });
});
