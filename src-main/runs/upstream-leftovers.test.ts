import { describe, expect, it } from 'vitest';
import { AppFailure } from '../platform/app-failure.ts';
import { manualCore } from '../testing/manual-core.ts';

const TEN_SECONDS_MS = 10_000;

function upstreamThat(answers: () => 'deleted' | 'gone' | 'unsupported') {
  const asked: string[] = [];
  return {
    asked,
    port: {
      deleteUpstreamSession: (profile: string, id: string) => {
        asked.push(`${profile} ${id}`);
        return Promise.resolve().then(answers);
      },
    },
  };
}

describe('throw-away sessions at upstreams', () => {
  it('[E8-29] [BUG-A6] [BUG-A34] one is removed once its run is stored, and never before', async () => {
    const { asked, port } = upstreamThat(() => 'deleted');
    const core = await manualCore({ style: 'stop-request', upstream: port });
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.settle();
    core.clock.advance(TEN_SECONDS_MS);
    await core.settle();
    expect(asked).toEqual([]);
    core.calls[0]?.push({ type: 'completed', output: 'x', finishReason: 'stop', usage: null });
    await core.settle();
    core.clock.advance(300_000);
    await core.settle();
    expect(asked).toEqual(['demo session-a']);
    expect(core.store.upstreamSessions.list()).toEqual([]);
  });

  it('[E8-29] [BUG-A34] three failures, further and further apart, make it dead and visible', async () => {
    const { asked, port } = upstreamThat(() => {
      throw new AppFailure('upstream_error', 'The agent is busy.');
    });
    const core = await manualCore({ style: 'stop-request', upstream: port });
    await core.turn('s', 'a', 'b');
    for (let minute = 0; minute < 30; minute++) {
      core.clock.advance(60_000);
      await core.settle();
    }
    expect(asked).toHaveLength(3);
    expect(core.store.upstreamSessions.list()).toMatchObject([
      { upstreamSessionId: 'session-a', status: 'dead', attempts: 3, lastError: 'The agent is busy.' },
    ]);
  });

  it('[E8-29] what waits to be removed survives a restart', async () => {
    const { asked, port } = upstreamThat(() => 'gone');
    const core = await manualCore({ style: 'stop-request', upstream: port });
    await core.turn('s', 'a', 'b');
    const again = await core.reopen();
    again.clock.advance(TEN_SECONDS_MS);
    await again.settle();
    expect(asked).toEqual(['demo session-a']);
    expect(again.store.upstreamSessions.list()).toEqual([]);
  });
});
