import { describe, expect, test } from 'vitest';
import { AbortReason } from '../../../platform/app-failure.ts';
import { ManualClock } from '../../../platform/clock.ts';
import { contextOf, Reading, reasoningOf, rejectionOf, requestOf, terminalOf, textOf } from '../../testing/calls.ts';
import type { UpstreamRequest } from '../../upstream-adapter.ts';
import type { UpstreamEvent } from '../../upstream-event.ts';
import { adapterFor } from '../registry.ts';
import { demoTexts, languageOf } from './demo-texts.ts';
import { countWords, repeatWords, wordPieces } from './demo-words.ts';
import { planDemo } from './plan-demo.ts';

const demo = adapterFor('demo');

async function begin(content: string, fields: Partial<UpstreamRequest> = {}, signal?: AbortSignal) {
  const clock = new ManualClock();
  const context = contextOf('demo', '', { clock, secret: null, ...(signal === undefined ? {} : { signal }) });
  const run = await demo.start(requestOf({ input: { content, parts: null }, ...fields }), context);
  return { run, clock, reading: new Reading(run) };
}

/** Lets promises run, then moves the clock, until the run is over. */
async function play({ clock, reading }: { clock: ManualClock; reading: Reading }, stepMs = 100): Promise<number> {
  const startMs = clock.now();
  let isOver = false;
  void reading.done.finally(() => {
    isOver = true;
  });
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isOver) return clock.now() - startMs;
    clock.advance(stepMs);
  }
}

async function said(content: string, fields: Partial<UpstreamRequest> = {}) {
  const begun = await begin(content, fields);
  const tookMs = await play(begun);
  return { events: begun.reading.events, tookMs };
}

describe('[E9-01] demo', () => {
  test('an ordinary message is told plainly that no model answers, and what can be tried', async () => {
    const { events } = await said('What is the capital of France?');
    expect(textOf(events)).toContain('not a model');
    expect(textOf(events)).toContain('“What is the capital of France?”');
    expect(textOf(events)).toContain('/slow');
    expect(terminalOf(events)).toMatchObject({ type: 'completed', finishReason: 'stop', output: null });
  });

  test('the same message gets the same answer', async () => {
    expect(textOf((await said('hi')).events)).toBe(textOf((await said('hi')).events));
  });

  test('usage counts its own words, history and instructions included', async () => {
    const { events } = await said('/echo one two three', {
      instructions: 'be brief',
      history: [{ role: 'user', content: 'a b c', parts: null }],
    });
    expect(terminalOf(events).usage).toEqual({
      input_tokens: 9,
      output_tokens: 3,
      total_tokens: 12,
      cache_read_tokens: null,
      cache_write_tokens: null,
      reasoning_tokens: null,
    });
  });

  test('about 60 words a second, in small batches', async () => {
    const { events, tookMs } = await said(`/echo ${repeatWords(demoTexts('en').slowSentence, 600)}`);
    expect(tookMs).toBeGreaterThan(9000);
    expect(tookMs).toBeLessThan(11_000);
    expect(events.length).toBeGreaterThan(80);
  });

  test('/slow takes a minute', async () => {
    const { tookMs } = await said('/slow');
    expect(tookMs).toBeGreaterThan(55_000);
    expect(tookMs).toBeLessThan(65_000);
  });

  test('/think reasons first', async () => {
    const { events } = await said('/think');
    expect(reasoningOf(events)).not.toBe('');
    const kinds = events.map((event) => event.type);
    expect(kinds.indexOf('reasoning-end')).toBeLessThan(kinds.indexOf('text'));
    expect(kinds.lastIndexOf('reasoning')).toBeLessThan(kinds.indexOf('reasoning-end'));
  });

  test('[E2-08] /tools runs two calls side by side, each with arguments and its own output', async () => {
    const { events } = await said('/tools');
    const tools = events.filter((event) => event.type === 'tool-start' || event.type === 'tool-end');
    expect(tools.map((event) => `${event.type} ${event.callId ?? ''}`)).toEqual([
      'tool-start demo_1',
      'tool-start demo_2',
      'tool-end demo_2',
      'tool-end demo_1',
    ]);
    expect(events.at(-3)?.type).toBe('text');
  });

  test.each([
    ['/long', 2000],
    ['/long 37', 37],
    ['/long nonsense', 2000],
    ['/long 999999999', 100_000],
  ])('%s says %i words', (command, count) => {
    const [step] = planDemo(command, 'en').steps;
    expect(step?.do === 'say' && countWords(step.text)).toBe(count);
  });

  test.each([
    ['auth', 'upstream_auth'],
    ['rate', 'upstream_rate_limited'],
    ['overload', 'upstream_overloaded'],
    ['server', 'upstream_error'],
    ['constructor', 'upstream_error'],
    ['', 'upstream_error'],
  ])('/fail %s fails before a word is said', async (kind, code) => {
    expect(await rejectionOf(begin(`/fail ${kind}`))).toMatchObject({ code });
  });

  test('/fail cut keeps what was said', async () => {
    const { events } = await said('/fail cut');
    expect(textOf(events)).toBe('This sentence begins and then');
    expect(terminalOf(events)).toMatchObject({
      type: 'failed',
      error: { code: 'upstream_lost' },
      usage: { output_tokens: 5 },
    });
  });

  test('/markdown and /help and /echo', async () => {
    expect(textOf((await said('/markdown')).events)).toMatch(/^# Markdown[^]*\| Unit \|[^]*```ts/);
    expect(textOf((await said('/help')).events)).toContain('/approve');
    expect(textOf((await said('/echo')).events)).toContain('nothing to say back');
  });

  test('a command counts only at the start of a message', async () => {
    expect(textOf((await said('please /slow down')).events)).toContain('not a model');
  });

  test('a request to compact is answered with an extract that says so', async () => {
    const prompt =
      'Write the sections Active Task, Goal, In Progress, Blocked, Remaining Work.\n\nuser: fix the door\nassistant: done';
    const { events } = await said(prompt);
    expect(textOf(events)).toContain('## Active Task\nfix the door');
    expect(textOf(events)).toContain('not a summary by a model');
  });
});

describe('[E12] the demo’s language', () => {
  test.each([
    [['让我看看回答是什么样的。'], 'zh'],
    [['你好', '/slow'], 'zh'],
    [['你好', 'now in English, please'], 'en'],
    [['hello', '/echo 一些文字'], 'zh'],
    [['/slow'], 'en'],
    [['日本語でお願いします'], 'en'],
    [['42'], 'en'],
    [[], 'en'],
  ] as const)('after %j is %s', (messages, language) => {
    expect(languageOf(messages)).toBe(language);
  });

  test('what is written in Chinese is answered in Chinese, at a pace that can be followed, and so are commands after it', async () => {
    const { events, tookMs } = await said('你能做什么？');
    expect(textOf(events)).toContain('不是模型');
    expect(textOf(events)).toContain('“你能做什么？”');
    expect(tookMs).toBeGreaterThan(3000);
    const history = [{ role: 'user' as const, content: '你能做什么？', parts: null }];
    const slow = await said('/slow', { history });
    expect(textOf(slow.events)).toContain('不慌不忙');
    expect(slow.tookMs).toBeGreaterThan(55_000);
    expect(slow.tookMs).toBeLessThan(65_000);
    const [step] = planDemo('/long 37', 'zh').steps;
    expect(step?.do === 'say' && countWords(step.text)).toBe(37);
  });

  test('every language knows the same commands and shows the same kinds of Markdown', () => {
    const commands = (text: string) => [...text.matchAll(/`(\/[a-z]+)/g)].map((match) => match[1]);
    const marks = (text: string) => text.split('\n').flatMap((line) => /^[#|>$`\-!\d[ ]+/.exec(line)?.[0] ?? []);
    expect(commands(demoTexts('zh').help)).toEqual(commands(demoTexts('en').help));
    expect(marks(demoTexts('zh').markdown)).toEqual(marks(demoTexts('en').markdown));
  });

  test.each(['one  two\nthree ', '  你好，world！ 再见', '👋 𠮷野家', ''])(
    'nothing is lost between the pieces of %j',
    (text) => {
      expect(wordPieces(text).join('')).toBe(text);
    },
  );
});

describe('[E2-16] /approve', () => {
  async function asked() {
    const begun = await begin('/approve');
    while (!begun.reading.events.some((event) => event.type === 'approval-request')) {
      begun.clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return begun;
  }

  test.each([
    ['once', 'has run'],
    ['always', 'has run'],
    ['deny', 'not run'],
  ] as const)('goes on according to %s', async (choice, words) => {
    const begun = await asked();
    expect(await begun.run.approve?.('demo-approval-1', choice, false)).toEqual({ resolved: 1 });
    await play(begun);
    expect(begun.reading.events).toContainEqual({
      type: 'approval-resolved',
      approvalId: 'demo-approval-1',
      choice,
      resolved: 1,
    });
    expect(textOf(begun.reading.events)).toContain(words);
  });

  test('a second and a wrong answer are conflicts', async () => {
    const begun = await asked();
    expect(await rejectionOf(begun.run.approve?.('other', 'once', false) ?? Promise.resolve())).toMatchObject({
      code: 'conflict',
    });
    await begun.run.approve?.('demo-approval-1', 'once', false);
    expect(await rejectionOf(begun.run.approve?.('demo-approval-1', 'once', false) ?? Promise.resolve())).toMatchObject(
      { code: 'conflict' },
    );
  });

  test('stop while it waits ends it', async () => {
    const begun = await asked();
    expect(await begun.run.stop()).toBe('stopped');
    await begun.reading.done;
    expect(terminalOf(begun.reading.events).type).toBe('cancelled');
  });
});

/** Begins, and moves the clock until something was said that satisfies the condition. */
async function until(content: string, isTrue: (events: readonly UpstreamEvent[]) => boolean) {
  const begun = await begin(content);
  for (let round = 0; round < 1000 && !isTrue(begun.reading.events); round++) {
    begun.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return begun;
}

describe('[E2-17] /clarify', () => {
  const asked = (events: readonly UpstreamEvent[]) => events.some((event) => event.type === 'clarify-request');

  test('asks with answers to choose from, and goes on with the one that was given', async () => {
    const begun = await until('/clarify', asked);
    const question = begun.reading.events.find((event) => event.type === 'clarify-request');
    expect(question).toMatchObject({ clarifyId: 'demo-clarify-1', choices: ['notes/2025', 'notes/2026'] });
    await begun.run.clarify?.('demo-clarify-1', 'neither, $& please');
    await play(begun);
    expect(begun.reading.events).toContainEqual({
      type: 'clarify-resolved',
      clarifyId: 'demo-clarify-1',
      response: 'neither, $& please',
    });
    expect(textOf(begun.reading.events)).toContain('You answered “neither, $& please”.');
  });

  test('a second and a wrong answer are conflicts, and stop ends the wait', async () => {
    const begun = await until('/clarify', asked);
    const clarifying = (id: string) => rejectionOf(begun.run.clarify?.(id, 'x') ?? Promise.resolve());
    expect(await clarifying('other')).toMatchObject({ code: 'conflict' });
    await begun.run.stop();
    await begun.reading.done;
    expect(terminalOf(begun.reading.events).type).toBe('cancelled');
    expect(await clarifying('demo-clarify-1')).toMatchObject({ code: 'conflict' });
  });
});

describe('[E2-18] a message into the demo’s answer', () => {
  test('is taken up at once, in the middle of it', async () => {
    const begun = await until('/long 400', (events) => textOf(events).length > 100);
    expect(await begun.run.steer?.('go faster')).toBe(true);
    await play(begun);
    const text = textOf(begun.reading.events);
    expect(text).toContain('in the middle of this answer: “go faster”.');
    expect(text.indexOf('go faster')).toBeLessThan(text.length - 500);
    expect(terminalOf(begun.reading.events).usage?.output_tokens).toBe(countWords(text));
  });

  test('is refused once the answer is over', async () => {
    const begun = await begin('/echo hi');
    await play(begun);
    expect(await begun.run.steer?.('late')).toBe(false);
  });

  test('that comes while a question waits is said after it', async () => {
    const begun = await until('/clarify', (events) => events.some((event) => event.type === 'clarify-request'));
    expect(await begun.run.steer?.('hurry')).toBe(true);
    await begun.run.clarify?.('demo-clarify-1', 'notes/2026');
    await play(begun);
    expect(textOf(begun.reading.events)).toContain('“hurry”');
  });
});

test('[E9-07] /busy refuses two tries and takes the third', async () => {
  const attempt = (count: number) =>
    demo.start(requestOf({ input: { content: '/busy' } }), contextOf('demo', '', { attempt: count, secret: null }));
  for (const count of [1, 2]) {
    expect(await rejectionOf(attempt(count))).toMatchObject({
      code: 'upstream_rate_limited',
      details: { status: 429 },
    });
  }
  void (await attempt(3)).stop();
});

test('[decision 14] /details tells a call’s particulars at the end', async () => {
  const { events } = await said('/details');
  expect(events).toContainEqual({
    type: 'tool-start',
    callId: null,
    name: 'read_file',
    preview: null,
    arguments: null,
  });
  expect(events.at(-2)).toMatchObject({
    type: 'tool-details',
    calls: [{ name: 'read_file', output: '- umbrella\n- sunglasses' }],
  });
});

test('every command of the help is one that the demo knows', () => {
  const commands = [...demoTexts('en').help.matchAll(/`(\/[a-z]+)/g)].map((match) => match[1] ?? '');
  expect(commands.length).toBeGreaterThanOrEqual(11);
  for (const command of commands) {
    const { steps, refusal } = planDemo(command, 'en');
    const [first] = steps;
    const isWelcome = first?.do === 'say' && first.text.includes('You wrote');
    expect(isWelcome && refusal === null, command).toBe(false);
  }
});

describe('[E4-02] stopping the demo', () => {
  test.each(['stop', 'abort'])('%s takes effect at once and says how much was said', async (how) => {
    const controller = new AbortController();
    const begun = await begin('/slow', {}, controller.signal);
    while (textOf(begun.reading.events).length < 50) {
      begun.clock.advance(250);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (how === 'stop') await begun.run.stop();
    else controller.abort(new AbortReason('user'));
    await begun.reading.done;
    const terminal = terminalOf(begun.reading.events);
    expect(terminal.type).toBe('cancelled');
    expect(terminal.usage?.output_tokens).toBe(countWords(textOf(begun.reading.events)));
    expect(begun.clock.pending).toBe(0);
  });

  test('an abort before the start says nothing', async () => {
    const reason = new AbortReason('user');
    expect(await rejectionOf(begin('hi', {}, AbortSignal.abort(reason)))).toBe(reason);
  });
});
