import { describe, expect, it } from 'vitest';
import type { Message } from '#contract/message';
import { applyRunEvent, viewFromSnapshot, viewMessages } from '#contract/run-view';
import { done, type ManualCore, manualCore, said } from '../testing/manual-core.ts';
import type { ContextPorts } from './context-meter.ts';

/** A token a word, in a window of 4,000. */
const context: ContextPorts = {
  countTokens: (texts) => Promise.resolve(texts.map((text) => text.split(/\s+/).filter((word) => word !== '').length)),
  fileTokens: (blocks) => Promise.resolve(blocks.filter((block) => block.type !== 'text').length * 100),
  windowOf: () => Promise.resolve({ tokens: 4000, source: 'default' }),
};
const words = (count: number, word: string) => Array.from({ length: count }, () => word).join(' ');

/** A conversation just below the half of its window. */
async function longTalk(
  style: 'close-socket' | 'stop-request' = 'close-socket',
  ports: ContextPorts = context,
): Promise<ManualCore> {
  const core = await manualCore({
    style,
    context: ports,
    settings: { compressionEnabled: true, compressionTailMessages: 4 },
  });
  for (let turn = 0; turn < 6; turn++)
    await core.turn('s', `question ${turn} ${words(150, 'q')}`, words(150, `a${turn}`));
  return core;
}

async function ask(core: ManualCore, input: string): Promise<void> {
  await core.runs.submit({ sessionId: 's', input }, null);
  await core.settle();
}

describe('a conversation that outgrows its model', () => {
  it('[E7-03] [E7-12] [BUG-A11] is summarised by a call without tools or history, visibly, and the answer gets summary and tail', async () => {
    const core = await longTalk();
    const before = core.calls.length;
    await ask(core, `the next one ${words(400, 'n')}`);
    expect(core.runs.snapshot('s').state).toBe('compressing');
    const summary = core.calls[before];
    expect(summary?.request).toMatchObject({ history: [], sessionId: null });
    expect(summary?.input).toContain('question 0');
    summary?.push(said('They asked six questions.'), done);
    await core.settle();
    const answer = core.calls[before + 1]?.request;
    expect(answer?.input.content.startsWith('the next one')).toBe(true);
    expect(answer?.history[0]?.content).toContain('They asked six questions.');
    expect(answer?.history.length).toBeLessThanOrEqual(6);
    const told = core.names().filter((name) => name.startsWith('compression'));
    expect(told).toEqual(['compression.started', 'compression.completed']);
    expect(core.runs.snapshot('s').compactions).toMatchObject([
      { summary: 'They asked six questions.', trigger: 'auto' },
    ]);
    // Nothing was deleted.
    expect(core.transcript('s')).toHaveLength(13);
  });

  it('[E7-02] [BUG-A14] the summary is used as it is until it is due again, with the same beginning', async () => {
    const core = await longTalk();
    await ask(core, `next ${words(400, 'n')}`);
    core.calls.at(-1)?.push(said('Summary.'), done);
    await core.settle();
    const first = core.calls.at(-1)?.request?.history;
    core.calls.at(-1)?.push(said('fine'), done);
    await core.settle();
    const calls = core.calls.length;
    await ask(core, 'short');
    expect(core.calls).toHaveLength(calls + 1);
    expect(core.calls.at(-1)?.request?.history.slice(0, first?.length)).toEqual(first);
    const again = await core.reopen();
    expect(again.runs.snapshot('s').compactions).toHaveLength(1);
  });

  it('[E7-02] [E7-08] switched off, it summarises nothing by itself, uses a summary that a person asked for, and still fits the window', async () => {
    const core = await manualCore({ context, settings: { compressionEnabled: false, compressionTailMessages: 4 } });
    for (let turn = 0; turn < 6; turn++)
      await core.turn('s', `question ${turn} ${words(200, 'q')}`, words(200, `a${turn}`));
    const sent = () => (core.calls.at(-1)?.request?.history ?? []).map(({ content }) => content);
    expect(core.names()).not.toContain('compression.started');
    expect(sent().join(' ').split(' ').length).toBeGreaterThan(2000);
    for (let turn = 6; turn < 12; turn++) await core.turn('s', `question ${turn}`, words(200, 'b'));
    expect(sent().join(' ').split(' ').length).toBeLessThan(3800);
    const compacting = core.runs.compactions.compact('s');
    await core.settle();
    core.calls.at(-1)?.push(said('Summary.'), done);
    expect(await compacting).toMatchObject({ compressed: true });
    await ask(core, 'and now?');
    expect(sent()[0]).toContain('Summary.');
  });

  it('[E7-02] [BUG-A16] behind a summary a turn reads what is new, and all again once a message was pinned', async () => {
    const core = await longTalk();
    await ask(core, `next ${words(400, 'n')}`);
    core.calls.at(-1)?.push(said('Summary.'), done);
    await core.settle();
    core.calls.at(-1)?.push(said('fine'), done);
    await core.settle();
    const pages: string[] = [];
    const { page } = core.store.messages;
    core.store.messages.page = (sessionId, limit, beforeId) => {
      pages.push(sessionId);
      return page(sessionId, limit, beforeId);
    };
    await core.turn('s', 'short', 'yes');
    expect(pages).toEqual([]);
    const [first] = core.store.messages.all('s');
    await core.runs.compactions.pin('s', first?.id ?? '', true);
    await core.turn('s', 'again', 'yes');
    expect(pages).toEqual(['s']);
    expect(core.calls.at(-1)?.request?.history.some(({ content }) => content === first?.content)).toBe(true);
    await core.turn('s', 'and again', 'yes');
    expect(pages).toEqual(['s']);
    expect(core.calls.at(-1)?.request?.history.some(({ content }) => content === first?.content)).toBe(true);
  });

  it('[E7-05] [BUG-A7] [BUG-A8] a summary that fails changes nothing that is kept, is told as a failure, and waits before the next', async () => {
    const core = await longTalk();
    await ask(core, `next ${words(400, 'n')}`);
    const error = { code: 'upstream_error' as const, message: 'The summariser broke.', retry: { kind: 'no' as const } };
    core.calls.at(-1)?.push(said('half a sum'), { type: 'failed', error, usage: null });
    await core.settle();
    const told = core.events.findLast((event) => event.event === 'compression.completed');
    expect(told).toMatchObject({ compressed: false, compactions: [] });
    expect(core.calls.at(-1)?.input.startsWith('next')).toBe(true);
    core.calls.at(-1)?.push(said('ok'), done);
    await core.settle();
    const calls = core.calls.length;
    await ask(core, `more ${words(200, 'm')}`);
    expect(core.calls).toHaveLength(calls + 1);
    expect(core.runs.snapshot('s').compactions).toEqual([]);
  });

  it('[E7-05] [E7-12] [BUG-A8] that a request was shortened stays with its answer, over its end and a restart, and goes along with a fork', async () => {
    const core = await longTalk();
    await ask(core, `next ${words(400, 'n')}`);
    const error = { code: 'upstream_error' as const, message: 'Broken.', retry: { kind: 'no' as const } };
    core.calls.at(-1)?.push({ type: 'failed', error, usage: null });
    await core.settle();
    core.calls.at(-1)?.push(said('ok'), done);
    await core.settle();
    const shortenedIn = (one: ManualCore, sessionId: string) =>
      Object.values(one.runs.snapshot(sessionId).runs).flatMap((run) => run.shortened ?? []);
    const told = shortenedIn(core, 's');
    expect(told).toHaveLength(1);
    expect(told[0]?.reason).toMatch(/^Broken\./);
    expect(told[0]?.afterTokens).toBeLessThan(told[0]?.beforeTokens ?? 0);
    const again = await core.reopen();
    expect(shortenedIn(again, 's')).toEqual(told);
    const last = again.store.messages.all('s').at(-1)?.id ?? '';
    const fork = await again.runs.fork('s', last);
    expect(shortenedIn(again, fork)).toEqual(told);
  });

  it('[E7-12] [E7-15] a summary says what its call cost: once, and nowhere but where it was spent', async () => {
    const price = { input: 1_000_000, output: 10_000_000, cacheRead: null, cacheWrite: null, cacheWrite1h: null };
    const core = await manualCore({
      context,
      settings: { compressionEnabled: true, compressionTailMessages: 4 },
      priceOf: () => ({
        currency: 'USD',
        from: 'override',
        entry: 'm',
        tiers: [{ aboveTokens: 0, reasoning: null, request: null, ...price }],
      }),
    });
    for (let turn = 0; turn < 6; turn++)
      await core.turn('s', `question ${turn} ${words(150, 'q')}`, words(150, `a${turn}`));
    await ask(core, `next ${words(400, 'n')}`);
    core.calls.at(-1)?.push(said('Summary.'), {
      type: 'completed',
      output: null,
      finishReason: 'stop',
      usage: {
        input_tokens: 2000,
        output_tokens: 50,
        total_tokens: 2050,
        cache_read_tokens: null,
        cache_write_tokens: null,
        reasoning_tokens: null,
      },
    });
    await core.settle();
    const spent = { amounts: [{ currency: 'USD', amount: '0.0025', estimated: '0' }], unpricedCalls: 0 };
    const told = core.events.findLast((event) => event.event === 'compression.completed');
    expect(told).toMatchObject({ compactions: [{ cost: spent }] });
    core.calls.at(-1)?.push(said('fine'), done);
    await core.settle();
    const [compaction] = core.runs.snapshot('s').compactions;
    expect(compaction?.cost).toEqual(spent);
    const fork = await core.runs.fork('s', core.store.messages.all('s').at(-1)?.id ?? '');
    expect(core.runs.snapshot(fork).compactions).toMatchObject([{ summary: 'Summary.', cost: null }]);
    await core.runs.compactions.edit('s', compaction?.id ?? '', 'In my words.');
    expect(core.runs.snapshot('s').compactions.map(({ cost }) => cost)).toEqual([spent, null]);
  });

  it('[E4-01] [BUG-A3] [E7-10] a stop while it is summarised ends the summary at once, and nothing is asked after', async () => {
    const core = await longTalk();
    await ask(core, `next ${words(400, 'n')}`);
    const [summary] = core.calls.slice(-1);
    const calls = core.calls.length;
    const ack = core.runs.abort('s');
    await core.settle();
    core.clock.advance(60);
    await core.settle();
    expect(summary?.signal.aborted).toBe(true);
    expect(await ack).toMatchObject({ status: 'aborted', synced: true });
    expect(core.calls).toHaveLength(calls);
    expect(core.runs.snapshot('s')).toMatchObject({ state: 'idle', compactions: [] });
  });

  describe('and whose run is stopped while its summary is being counted', () => {
    const SUMMARY = 'They asked six questions.';

    /** The run waits for a worker that takes its time, and does not hear that nobody waits any more. */
    async function countingTalk(): Promise<{ core: ManualCore; held: (() => void)[] }> {
      const held: (() => void)[] = [];
      const core = await longTalk('close-socket', {
        ...context,
        countTokens: async (texts, model, signal) => {
          if (texts.includes(SUMMARY)) await new Promise<void>((resolve) => held.push(resolve));
          return context.countTokens(texts, model, signal);
        },
      });
      await ask(core, `next ${words(400, 'n')}`);
      core.calls.at(-1)?.push(said(SUMMARY), done);
      await core.settle();
      expect(held).toHaveLength(1);
      return { core, held };
    }

    async function stop(core: ManualCore): Promise<void> {
      const ack = core.runs.abort('s');
      await core.settle();
      core.clock.advance(60);
      await core.settle();
      expect(await ack).toMatchObject({ status: 'aborted', synced: true });
    }

    async function letGo(core: ManualCore, held: (() => void)[]): Promise<void> {
      for (let count = 0; count < held.length; count++) {
        held[count]?.();
        await core.settle();
      }
    }

    it('[E4-01] [E7-10] [decision 6] keeps nothing of the summary, and hears nothing of the run after its end', async () => {
      const { core, held } = await countingTalk();
      await stop(core);
      await letGo(core, held);
      expect(core.names().at(-1)).toBe('abort.completed');
      expect(core.store.compactions.list('s')).toEqual([]);
      expect(core.errors).toEqual([]);
    });

    it('[E3-03] [E4-01] [E7-12] goes on with the next message, whatever comes of that summary and whenever', async () => {
      const { core, held } = await countingTalk();
      await core.runs.submit({ sessionId: 's', input: 'and then?' }, null);
      await stop(core);
      expect(core.runs.snapshot('s').state).toBe('compressing');
      await letGo(core, held);
      expect(core.runs.snapshot('s').state).toBe('compressing');
      core.calls.at(-1)?.push(said('Six.'), done);
      await core.settle();
      core.calls.at(-1)?.push(said('yes'), done);
      await core.settle();
      expect(core.transcript('s').slice(-2)).toEqual(['user: and then?', 'assistant: yes']);
    });
  });

  it('[E7-05] [E7-12] what is shortened without a model is told, with figures and without a summary', async () => {
    const core = await longTalk();
    await ask(core, `next ${words(400, 'n')}`);
    const error = { code: 'upstream_error' as const, message: 'Broken.', retry: { kind: 'no' as const } };
    core.calls.at(-1)?.push({ type: 'failed', error, usage: null });
    await core.settle();
    core.calls.at(-1)?.push(said('ok'), done);
    await core.settle();
    const before = core.events.length;
    // No summary is tried for a while: the next request is shortened, and says so.
    await ask(core, `more ${words(600, 'm')}`);
    const told = core.events.slice(before).filter((event) => event.event.startsWith('compression'));
    expect(told).toMatchObject([{ event: 'compression.completed', compressed: true, llmCompressed: false }]);
    const [figures] = told;
    if (figures?.event !== 'compression.completed') throw new Error('Nothing was told.');
    expect(figures.error).toBeUndefined();
    expect(figures.afterTokens).toBeLessThan(figures.beforeTokens);
    expect(core.runs.snapshot('s').compactions).toEqual([]);
  });

  it('[E7-08] two messages that fill the window each are answered one after the other, the newest one to the byte', async () => {
    const core = await manualCore({ context, settings: { compressionEnabled: true } });
    await core.turn('s', words(3000, 'first'), 'Read.');
    const second = words(3000, 'second');
    await core.turn('s', second, 'Read as well.');
    await core.turn('s', 'And now?', 'Both.');
    expect(core.events.filter((event) => event.event === 'run.completed')).toHaveLength(3);
    const [, asked] = core.calls;
    expect(asked?.request?.input.content).toBe(second);
    expect(asked?.request?.history[0]?.content).toContain('characters left out');
  });

  it('[E7-08] a first message that the model’s known window does not hold is refused with the figures, as a later one is', async () => {
    const windowOf: ContextPorts['windowOf'] = () => Promise.resolve({ tokens: 4000, source: 'profile' });
    const core = await manualCore({ context: { ...context, windowOf } });
    await ask(core, words(3900, 'giant'));
    expect(core.calls).toHaveLength(0);
    expect(core.events.findLast((event) => event.event === 'run.failed')).toMatchObject({
      error_info: { code: 'context_window_too_small' },
    });
    // Where the window is only assumed, the model has the word.
    const assumed = await manualCore({ context });
    await ask(assumed, words(3900, 'giant'));
    expect(assumed.calls).toHaveLength(1);
  });

  it('[E5-01] [E7-12] who opens a conversation while a summary is made at a person’s wish sees that', async () => {
    const core = await longTalk();
    expect(core.runs.snapshot('s').isCompacting).toBe(false);
    const compacting = core.runs.compactions.compact('s');
    await core.settle();
    expect(core.runs.snapshot('s')).toMatchObject({ isCompacting: true, state: 'idle' });
    core.calls.at(-1)?.push(said('Summary.'), done);
    await compacting;
    expect(core.runs.snapshot('s').isCompacting).toBe(false);
  });

  it('[E7-10] a summary that takes two minutes is given up', async () => {
    const core = await longTalk();
    await ask(core, `next ${words(400, 'n')}`);
    core.clock.advance(120_000);
    await core.settle();
    expect(core.events.findLast((event) => event.event === 'compression.completed')).toMatchObject({
      compressed: false,
    });
    expect(core.calls.at(-1)?.input.startsWith('next')).toBe(true);
  });

  it('[BUG-A11] an agent with tools is never the one that summarises', async () => {
    const core = await longTalk('stop-request');
    await ask(core, `next ${words(400, 'n')}`);
    const told = core.events.findLast((event) => event.event === 'compression.completed');
    expect(told).toMatchObject({ compressed: false });
    expect(told?.event === 'compression.completed' && told.error).toContain('agent with tools');
    expect(core.calls.at(-1)?.input.startsWith('next')).toBe(true);
  });
});

describe('a summary in a person’s hands', () => {
  async function compacted(): Promise<ManualCore> {
    const core = await longTalk();
    const compacting = core.runs.compactions.compact('s');
    await core.settle();
    core.calls.at(-1)?.push(said('By hand.'), done);
    expect(await compacting).toMatchObject({ compressed: true });
    return core;
  }

  it('[E7-06] is made on request, edited and undone; undone, the messages are sent again', async () => {
    const core = await compacted();
    const [compaction] = core.runs.snapshot('s').compactions;
    expect(compaction).toMatchObject({ summary: 'By hand.', trigger: 'manual' });
    await core.runs.compactions.edit('s', compaction?.id ?? '', 'In my words.');
    await ask(core, 'short');
    expect(core.calls.at(-1)?.request?.history[0]?.content).toContain('In my words.');
    core.calls.at(-1)?.push(said('x'), done);
    await core.settle();
    expect(await core.runs.compactions.undo('s')).toBe(true);
    expect(await core.runs.compactions.undo('s')).toBe(true);
    expect(await core.runs.compactions.undo('s')).toBe(false);
    await ask(core, 'short');
    const sent = core.calls.at(-1)?.request;
    expect(sent?.history[0]?.content ?? sent?.input.content).toContain('question 0');
  });

  it('[E7-06] goes along with a fork that holds all that it stands for', async () => {
    const core = await compacted();
    const rows = core.store.messages.all('s');
    const whole = await core.runs.fork('s', rows.at(-1)?.id ?? '');
    await core.runs.submit({ sessionId: whole, input: 'short' }, null);
    await core.settle();
    expect(core.calls.at(-1)?.request?.history[0]?.content).toContain('By hand.');
    const part = await core.runs.fork('s', rows[1]?.id ?? '');
    expect(core.runs.snapshot(part).compactions).toEqual([]);
  });

  it('[E7-06] does not outlive what it covers: an edited message ends it', async () => {
    const core = await compacted();
    const first = core.store.messages.all('s').find((row) => row.content.startsWith('question 1'));
    await core.runs.submit({ sessionId: 's', input: 'question 1, anew', replaceFrom: first?.id ?? '' }, null);
    await core.settle();
    const sent = core.calls.at(-1)?.request;
    expect(sent?.history.map((message) => message.content).join(' ')).not.toContain('By hand.');
    expect(sent?.history[0]?.content).toContain('question 0');
  });

  it('[E7-10] a stop ends a summary that was asked for, and a busy conversation is not compacted', async () => {
    const core = await longTalk();
    const compacting = core.runs.compactions.compact('s');
    compacting.catch(() => undefined);
    await core.settle();
    await expect(core.runs.compactions.compact('s')).rejects.toMatchObject({ code: 'conflict_active_run' });
    await core.runs.abort('s');
    expect(await compacting).toMatchObject({ compressed: false, error: 'It was stopped.' });
    expect(core.events.at(-1)).toMatchObject({ event: 'compression.completed', compressed: false });
    expect(core.runs.snapshot('s').compactions).toEqual([]);
    await ask(core, 'short');
    await expect(core.runs.compactions.compact('s')).rejects.toMatchObject({ code: 'conflict_active_run' });
  });

  it('[E7-10] [E8-28] [BUG-A41] a deletion ends a summary that was asked for, and nothing of it is left', async () => {
    const core = await longTalk();
    const compacting = core.runs.compactions.compact('s');
    const told = compacting.then(
      () => 'ended',
      (thrown: unknown) => String(thrown),
    );
    await core.settle();
    const call = core.calls.at(-1);
    await core.runs.deleteSession('s');
    await core.settle();
    expect(call?.signal.aborted).toBe(true);
    call?.push(said('Too late.'), done);
    await core.settle();
    expect(await told).not.toContain('No session');
    expect(core.errors).toEqual([]);
    expect(core.store.sessions.get('s')).toBeNull();
  });

  it('[E7-07] a pinned message is sent word for word, wherever it stands', async () => {
    const core = await longTalk();
    const pinned = core.store.messages.all('s')[2];
    await core.runs.compactions.pin('s', pinned?.id ?? '', true);
    await ask(core, `next ${words(400, 'n')}`);
    core.calls.at(-1)?.push(said('Summary.'), done);
    await core.settle();
    const sent = core.calls.at(-1)?.request?.history.map((message) => message.content) ?? [];
    expect(sent).toContain(pinned?.content);
    expect(core.events.some((event) => event.event === 'message.pinned' && event.pinned)).toBe(true);
  });

  it('[E7-07] [E5-02] a message that is pinned while it is answered is pinned for every viewer, then and afterwards', async () => {
    const core = await longTalk();
    const before = viewFromSnapshot('s', core.runs.snapshot('s'));
    await ask(core, 'short');
    const asked = core.store.messages.all('s').at(-1);
    await core.runs.compactions.pin('s', asked?.id ?? '', true);
    const pinned = (rows: readonly Message[]) => rows.filter((row) => row.pinned === true).map((row) => row.content);
    expect(pinned(core.runs.snapshot('s').messages)).toEqual(['short']);
    core.calls.at(-1)?.push(said('Yes.'), done);
    await core.settle();
    const followed = core.events.reduce(applyRunEvent, before);
    expect(pinned(viewMessages(followed))).toEqual(['short']);
    expect(viewMessages(followed)).toEqual(core.runs.snapshot('s').messages);
  });

  it('[E7-01] what the next request holds is known by part', async () => {
    const core = await compacted();
    const parts = await core.runs.compactions.contextOf('s');
    expect(parts).toMatchObject({ windowTokens: 4000, thresholdTokens: 2000 });
    expect(parts.parts.summary).toBeGreaterThan(2);
    expect(parts.parts.recent).toBeGreaterThan(0);
    expect(parts.totalTokens).toBe(parts.parts.system + parts.parts.pinned + parts.parts.summary + parts.parts.recent);
  });
});
