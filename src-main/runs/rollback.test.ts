import { describe, expect, it } from 'vitest';
import { done, type ManualCore, manualCore, said } from '../testing/manual-core.ts';
import type { ContextPorts } from './context-meter.ts';

/** A token a word, in a window of 4,000. */
const context: ContextPorts = {
  countTokens: (texts) => Promise.resolve(texts.map((text) => text.split(/\s+/).filter((word) => word !== '').length)),
  fileTokens: () => Promise.resolve(0),
  windowOf: () => Promise.resolve({ tokens: 4000, source: 'default' }),
};
const words = (count: number, word: string) => Array.from({ length: count }, () => word).join(' ');

/** A conversation just below the half of its window: the next message of 400 words has it summarised. */
async function longTalk(): Promise<ManualCore> {
  const core = await manualCore({ context, settings: { compressionEnabled: true, compressionTailMessages: 4 } });
  for (let turn = 0; turn < 6; turn++)
    await core.turn('s', `question ${turn} ${words(150, 'q')}`, words(150, `a${turn}`));
  return core;
}

/** Everything that is stored of the conversation's state, as bytes. */
function stateOf({ store }: ManualCore): string {
  const { last_seq: _, ...session } = store.sessions.get('s') ?? { last_seq: 0 };
  return JSON.stringify({
    session,
    messages: store.messages.all('s'),
    compactions: store.compactions.rows('s'),
    usage: store.runs.list('s', 100).filter((run) => run.error === null),
  });
}

/** Sends a message that has the conversation summarised, answers the summary, and leaves the answer in the middle. */
async function summarisedRun(core: ManualCore): Promise<string> {
  const { run_id: runId } = await core.runs.submit({ sessionId: 's', input: `secret ${words(400, 'n')}` }, null);
  await core.settle();
  expect(core.runs.snapshot('s').state).toBe('compressing');
  core.calls.at(-1)?.push(said('A summary made on the way.'), done);
  await core.settle();
  core.calls.at(-1)?.push(said('Half an answer'));
  await core.settle();
  return runId;
}

describe('[E8-10] [decision 12] a summary that was made while a run is taken back', () => {
  it('is undone with it: the state is that of before, to the byte, for viewers as well and after a restart', async () => {
    const core = await longTalk();
    const before = stateOf(core);
    const runId = await summarisedRun(core);
    expect(core.store.compactions.list('s')).toHaveLength(1);
    const stopped = core.runs.abort('s', runId, { rollBack: true });
    await core.settle();
    core.clock.advance(60);
    await core.settle();
    await stopped;
    expect(stateOf(core)).toBe(before);
    expect(core.runs.snapshot('s').compactions).toEqual([]);
    expect(core.names().slice(-2)).toEqual(['run.rolled_back', 'compaction.changed']);
    // What it cost stays in the books.
    expect(core.store.usage.sessionTokens('s').inputTokens).toBeGreaterThan(0);
    const again = await core.reopen();
    expect(stateOf(again)).toBe(before);
    // The next message is sent with the rows themselves, not with the summary.
    void again.runs.submit({ sessionId: 's', input: 'short' }, null);
    await again.settle();
    const sent = JSON.stringify(again.calls.at(-1)?.request);
    expect(sent).not.toContain('A summary made on the way.');
    expect(sent).not.toContain('secret');
    expect(sent).toContain('question 0');
  });

  it('leaves the summary of before in its place', async () => {
    const core = await longTalk();
    const kept = await summarisedRun(core);
    core.calls.at(-1)?.push(done);
    await core.settle();
    expect(kept).not.toBe('');
    for (let turn = 6; turn < 9; turn++) await core.turn('s', words(150, 'q'), words(150, 'b'));
    const before = stateOf(core);
    const [first] = core.store.compactions.list('s');
    const runId = await summarisedRun(core);
    expect(core.store.compactions.list('s').length).toBeGreaterThan(1);
    const stopped = core.runs.abort('s', runId, { rollBack: true });
    await core.settle();
    core.clock.advance(60);
    await core.settle();
    await stopped;
    expect(stateOf(core)).toBe(before);
    expect(core.store.compactions.current('s')?.id).toBe(first?.id);
  });

  it('is undone as well where a person had the taken-back run itself summarised', async () => {
    const core = await longTalk();
    const before = stateOf(core);
    await core.turn('s', 'secret', 'also secret');
    const compacting = core.runs.compactions.compact('s');
    await core.settle();
    core.calls.at(-1)?.push(said('They spoke of a secret.'), done);
    expect(await compacting).toMatchObject({ compressed: true });
    await core.runs.rollBack('s', core.store.messages.newestRunId('s') ?? '');
    expect(stateOf(core)).toBe(before);
  });
});
