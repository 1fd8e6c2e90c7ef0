import { describe, expect, it } from 'vitest';
import { manualCore, said } from '../testing/manual-core.ts';

describe('a stop that names no run', () => {
  it('[E4-05] [BUG-A4] pressed twice is one stop: the message that goes out next is left alone', async () => {
    const core = await manualCore();
    for (const input of ['a', 'b']) await core.runs.submit({ sessionId: 's', input }, null);
    await core.settle();
    core.calls[0]?.push(said('x'));
    await core.settle();
    const first = core.runs.abort('s');
    await core.settle();
    core.clock.advance(60);
    await core.settle();
    expect(core.calls[1]?.input).toBe('b');
    expect(await core.runs.abort('s')).toEqual(await first);
    expect(core.calls[1]?.signal.aborted).toBe(false);
    core.clock.advance(1000);
    void core.runs.abort('s');
    await core.settle();
    core.clock.advance(60);
    await core.settle();
    expect(core.calls[1]?.signal.aborted).toBe(true);
  });

  it('[E4-01] [E4-05] hits what was sent after the stop before it, however soon', async () => {
    const core = await manualCore();
    for (const input of ['a', 'b', 'c']) {
      await core.runs.submit({ sessionId: 's', input }, null);
      await core.settle();
      const stopped = core.runs.abort('s');
      await core.settle();
      core.clock.advance(60);
      await core.settle();
      expect(await stopped).toMatchObject({ status: 'aborted' });
    }
    expect(core.calls.map((call) => call.signal.aborted)).toEqual([true, true, true]);
  });
});
