import { describe, expect, it } from 'vitest';
import type { ContentBlock } from '#contract/message';
import type { Usage } from '#contract/usage';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';
import { type ManualCore, manualCore, said } from '../testing/manual-core.ts';
import type { ContextPorts } from './context-meter.ts';

const FILE_TOKENS = 500;

/** A token a word, in a window of 4,000. */
function ports() {
  const counted: string[] = [];
  const context: ContextPorts = {
    countTokens: (texts) => {
      counted.push(...texts);
      return Promise.resolve(texts.map((text) => text.split(/\s+/).filter((word) => word !== '').length));
    },
    fileTokens: (blocks) => Promise.resolve(blocks.filter((block) => block.type !== 'text').length * FILE_TOKENS),
    windowOf: () => Promise.resolve({ tokens: 4000, source: 'known' }),
  };
  return { context, counted };
}

const words = (count: number, word: string) => Array.from({ length: count }, () => word).join(' ');
const usage = (input: number, output: number, reasoning: number | null = null): Usage => ({
  input_tokens: input,
  output_tokens: output,
  total_tokens: input + output,
  cache_read_tokens: null,
  cache_write_tokens: null,
  reasoning_tokens: reasoning,
});
const doneWith = (reported: Usage | null): UpstreamEvent => ({
  type: 'completed',
  output: null,
  finishReason: 'stop',
  usage: reported,
});
const image: ContentBlock = { type: 'image', name: 'a.png', path: '/files/a.png', media_type: 'image/png' };

async function open(style: 'close-socket' | 'stop-request' = 'close-socket') {
  const { context, counted } = ports();
  const core = await manualCore({ style, context, settings: { compressionEnabled: true, systemPrompt: '' } });
  return { core, counted };
}

async function answer(core: ManualCore, input: string | ContentBlock[], text: string, reported: Usage | null) {
  await core.runs.submit({ sessionId: 's', input }, null);
  await core.settle();
  core.calls.at(-1)?.push(said(text), doneWith(reported));
  await core.settle();
}

describe('what the next request will contain', () => {
  it('[E7-13] counts each message once, whoever asks', async () => {
    const { core, counted } = await open();
    await answer(core, 'one two three', words(5, 'a'), null);
    const parts = await core.runs.compactions.contextOf('s');
    expect(parts).toMatchObject({
      parts: { system: 0, pinned: 0, summary: 0, recent: 8, files: 0 },
      items: { pinned: 0, summarised: 0, recent: 2, files: 0 },
      totalTokens: 8,
      windowTokens: 4000,
      windowSource: 'known',
      thresholdTokens: 2000,
      deviation: null,
    });
    counted.length = 0;
    await core.runs.compactions.contextOf('s');
    expect(counted.filter((text) => text !== '')).toEqual([]);
  });

  it('[E7-01] [E6-02] files count by what they hold, apart from the text', async () => {
    const { core } = await open();
    await answer(core, [{ type: 'text', text: 'look at this' }, image, image], 'seen', null);
    const { parts, items, totalTokens } = await core.runs.compactions.contextOf('s');
    expect(parts.files).toBe(2 * FILE_TOKENS);
    expect(items).toMatchObject({ files: 2, recent: 2 });
    expect(totalTokens).toBe(parts.recent + parts.files);
  });

  it('[E7-17] files of a message that is being written are counted beside what was sent', async () => {
    const { core } = await open();
    await answer(core, [{ type: 'text', text: 'look at this' }, image], 'seen', null);
    const before = await core.runs.compactions.contextOf('s');
    expect(before.draftFiles).toEqual({ count: 0, tokens: 0 });
    const { draftFiles, parts, totalTokens } = await core.runs.compactions.contextOf('s', {}, [image, image]);
    expect(draftFiles.count).toBe(2);
    // With the line by which the text names them.
    expect(draftFiles.tokens).toBeGreaterThanOrEqual(2 * FILE_TOKENS);
    expect(draftFiles.tokens).toBeLessThan(2 * FILE_TOKENS + 20);
    expect(parts).toEqual(before.parts);
    expect(totalTokens).toBe(before.totalTokens);
  });

  it('[E7-01] [E7-08] files of a few messages alone reach the limit, and the request is kept within it', async () => {
    const { core } = await open();
    for (let turn = 0; turn < 4; turn++) await answer(core, [{ type: 'text', text: `t${turn}` }, image], 'ok', null);
    await core.runs.submit({ sessionId: 's', input: 'next' }, null);
    await core.settle();
    const asked = core.calls.at(-1)?.request;
    // The oldest picture is named, no longer shown: with it the request has 2,000 and more.
    expect(asked?.history.filter((message) => message.role === 'user' && message.parts === null)).not.toEqual([]);
    expect(core.events.some((event) => event.event === 'run.failed')).toBe(false);
  });

  it('[E7-08] a new message whose files alone fill the window is refused, and says what to do', async () => {
    const { core } = await open();
    await core.runs.submit({ sessionId: 's', input: Array.from({ length: 8 }, () => image) }, null);
    await core.settle();
    const failed = core.events.find((event) => event.event === 'run.failed');
    expect(failed).toMatchObject({ error_info: { code: 'context_window_too_small' } });
  });

  it('[E7-06] a summary and what is pinned beside it have their own parts', async () => {
    const { core } = await open();
    for (let turn = 0; turn < 4; turn++) await answer(core, words(20, 'q'), words(300, 'a'), null);
    const [first] = core.store.messages.all('s');
    await core.runs.compactions.pin('s', first?.id ?? '', true);
    const compacting = core.runs.compactions.compact('s');
    await core.settle();
    core.calls.at(-1)?.push(said(words(30, 'summary')), doneWith(null));
    expect(await compacting).toMatchObject({ compressed: true });
    const { parts, items } = await core.runs.compactions.contextOf('s');
    expect(parts.pinned).toBe(20);
    expect(parts.summary).toBeGreaterThan(30);
    expect(items.pinned).toBe(1);
    expect(items.summarised + items.pinned + items.recent).toBe(8);
  });
});

describe('what reports teach', () => {
  const correctionOf = (core: ManualCore) => core.store.tokenCorrections.get('demo', null);

  it('[E7-14] [E7-17] figures are corrected by what the upstream reported of the same model', async () => {
    const { core } = await open();
    // Ours: 100 + 100. Theirs: half as much again.
    await answer(core, words(100, 'q'), words(100, 'a'), usage(150, 150));
    expect(correctionOf(core)).toMatchObject({ ratio: 1.5, reports: 1 });
    expect((await core.runs.compactions.contextOf('s')).totalTokens).toBe(300);
    const again = await core.reopen();
    expect((await again.runs.compactions.contextOf('s')).totalTokens).toBe(300);
  });

  it('[E7-17] thoughts are not sent again and teach nothing about what is', async () => {
    const { core } = await open();
    await answer(core, words(100, 'q'), words(100, 'a'), usage(150, 950, 800));
    expect(correctionOf(core)).toMatchObject({ ratio: 1.5 });
  });

  it('[E7-14] from the second report on it is known how far figures are off', async () => {
    const { core } = await open();
    await answer(core, words(100, 'q'), words(100, 'a'), usage(150, 150));
    await answer(core, words(100, 'q'), words(100, 'a'), usage(440, 220));
    expect((await core.runs.compactions.contextOf('s')).deviation).toBeCloseTo(0.1);
  });

  it('[E7-01] the trigger is counted in the model’s own tokens', async () => {
    for (const [reported, isCompressed] of [
      [usage(100, 100), false],
      [usage(200, 200), true],
    ] as const) {
      const { core } = await open();
      await answer(core, words(100, 'q'), words(100, 'a'), reported);
      for (let turn = 0; turn < 10; turn++) await answer(core, words(50, 'q'), words(50, 'a'), null);
      await core.runs.submit({ sessionId: 's', input: 'next' }, null);
      await core.settle();
      // 1,200 words are below 2,000 tokens and, at two tokens a word, above.
      const history = core.calls.at(-1)?.request?.history ?? [];
      const sent = history.reduce((sum, { content }) => sum + content.split(' ').length, 0);
      expect(sent < 1200).toBe(isCompressed);
    }
  });

  it.each([
    ['an answer without figures', null],
    ['a report that says nothing of the input', { ...usage(0, 150), input_tokens: null }],
  ])('[E7-14] %s teaches nothing', async (_what, reported) => {
    const { core } = await open();
    await answer(core, words(100, 'q'), words(100, 'a'), reported);
    expect(correctionOf(core)).toBeNull();
  });

  it('[E7-14] an agent’s figures and those of a request full of files teach nothing', async () => {
    const agent = await open('stop-request');
    await answer(agent.core, words(100, 'q'), words(100, 'a'), usage(5000, 100));
    expect(correctionOf(agent.core)).toBeNull();
    const { core } = await open();
    await answer(core, [{ type: 'text', text: words(100, 'q') }, image], words(100, 'a'), usage(1500, 150));
    expect(correctionOf(core)).toBeNull();
  });

  it('[E7-13] after the first reports it is learned now and then, not with every answer', async () => {
    const { core } = await open();
    for (let turn = 0; turn < 6; turn++) await answer(core, words(50, 'q'), words(50, 'a'), usage(300, 100));
    expect(correctionOf(core)?.reports).toBe(3);
    core.clock.advance(60_000);
    await answer(core, words(10, 'q'), words(10, 'a'), usage(900, 100));
    expect(correctionOf(core)?.reports).toBe(4);
  });
});
