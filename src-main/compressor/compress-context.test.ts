import { describe, expect, it } from 'vitest';
import { AbortReason, AppFailure } from '../platform/app-failure.ts';
import { deferred } from '../platform/deferred.ts';
import { compressContext } from './compress-context.ts';
import type { ContextInput } from './compression-types.ts';
import { planCompression } from './plan-compression.ts';
import { snapshotForFork } from './snapshot-source.ts';
import { SUMMARY_PREFIX } from './summary-row.ts';
import {
  afterwards,
  type FakePorts,
  fakePorts,
  inputOf,
  NOW_MS,
  row,
  sentTokens,
  sizedRow,
  talk,
  toolGroup,
} from './testing/conversation.ts';

const signal = () => new AbortController().signal;
const LONG = talk(60, 1000);

describe('a summary that succeeds', () => {
  it('[E7-03] [E7-12] stands for all but the newest messages, and says so in figures', async () => {
    const ports = fakePorts(() => '  ## Active Task\nNone.  ');
    const input = inputOf(LONG);
    const result = await compressContext(input, ports, signal());
    expect(ports.begun).toEqual([{ message_count: 60, token_count: 60_000 }]);
    expect(result.rows.slice(1)).toEqual(LONG.slice(40));
    expect(result.rows[0]).toMatchObject({
      id: 'summary:snap-1',
      role: 'user',
      content: `${SUMMARY_PREFIX}\n\n## Active Task\nNone.`,
    });
    expect(result.snapshot).toMatchObject({
      id: 'snap-1',
      summary: '## Active Task\nNone.',
      lastMessageId: 'm39',
      messageCount: 40,
      model: 'small',
    });
    const afterTokens = sentTokens(input, result.rows);
    expect(result.figures).toEqual({
      compressed: true,
      llmCompressed: true,
      totalMessages: 60,
      resultMessages: 21,
      beforeTokens: 60_000,
      afterTokens,
      summaryTokens: afterTokens - 20_000,
      verbatimCount: 20,
      compressedStartIndex: 40,
    });
    expect(result.failedAtMs).toBeNull();
  });

  it('[E7-12] its start is told before the model is asked', async () => {
    const order: string[] = [];
    const ports = fakePorts(() => (order.push('asked'), 'summary'));
    const told = deferred<void>();
    const started: FakePorts['started'] = async () => {
      await told.promise;
      order.push('told');
    };
    const result = compressContext(inputOf(LONG), { ...ports, started }, signal());
    told.resolve();
    await result;
    expect(order).toEqual(['told', 'asked']);
  });

  it('[E7-04] ten compressions later a fact of the first turn is still there, each with one call', async () => {
    // Echoes what stands between the fences, each line once, and drops what is long: as a good summary would.
    const ports = fakePorts(({ prompt }) => [...new Set(prompt.match(/FACT-\d+/g))].join('\n').padEnd(10, '.'));
    const fact = (round: number) => row('user', `fact-${round}`, { content: `remember FACT-${round}` });
    let input: ContextInput = inputOf([fact(0), ...talk(60, 1000)]);
    for (let round = 1; round <= 10; round++) {
      const result = await compressContext(input, ports, signal());
      expect(ports.requests).toHaveLength(round);
      expect(result.snapshot?.summary).toContain('FACT-0');
      if (round > 1) expect(ports.requests.at(-1)?.prompt).toContain('PREVIOUS CHECKPOINT');
      input = afterwards(input, result);
      input = { ...input, rows: [...input.rows, fact(round), ...talk(60, 1000, round * 100)] };
    }
    const facts = Array.from({ length: 10 }, (_, round) => `FACT-${round}`);
    expect(input.snapshot?.summary.match(/FACT-\d+/g)).toEqual(facts);
  });

  it('[E7-04] an extension reads the previous summary and the new turns only', async () => {
    const ports = fakePorts(() => 'the first summary');
    const first = inputOf(LONG.map((one, at) => (at === 0 ? { ...one, content: `OLD ${one.content}` } : one)));
    const second = afterwards(first, await compressContext(first, ports, signal()));
    await compressContext({ ...second, rows: [...second.rows, ...talk(40, 1000, 100)] }, ports, signal());
    expect(ports.requests[1]?.prompt).toContain('the first summary');
    expect(ports.requests[1]?.prompt).not.toContain('OLD');
  });

  it('[E7-06] a fork whose rows have new ids goes on with the same summary', async () => {
    const input = inputOf(LONG);
    const { snapshot } = await compressContext(input, fakePorts(), signal());
    const forked = LONG.slice(0, 50).map((one) => ({ ...one, id: `copy-${one.id}`, session_id: 'fork' }));
    if (snapshot === null) throw new Error('no snapshot');
    const copy = snapshotForFork(snapshot, LONG, forked, 'fork-snap');
    expect(planCompression({ ...input, rows: forked, snapshot: copy }).kind).toBe('assemble');
    expect(planCompression({ ...input, rows: forked, snapshot }).kind).not.toBe('assemble');
    expect(snapshotForFork(snapshot, LONG, forked.slice(0, 39), 'x')).toBeNull();
  });

  it('[E7-03] pinned rows stay to the byte beside the summary and are not read by the summariser', async () => {
    const pin = row('assistant', 'pin', { content: 'PINNED text  ' });
    const rows = [...LONG.slice(0, 10), pin, ...LONG.slice(10)];
    const ports = fakePorts();
    const input = inputOf(rows, { pinnedIds: new Set(['pin']) });
    const result = await compressContext(input, ports, signal());
    expect(result.rows[1]).toBe(pin);
    expect(ports.requests[0]?.prompt).not.toContain('PINNED');
    // Unpinned, it is in no summary yet: it stays until one has read it.
    const later = afterwards({ ...input, pinnedIds: new Set() }, result);
    const plan = planCompression(later);
    expect(plan.kind === 'assemble' && plan.rows[1]).toBe(pin);
    await compressContext({ ...later, rows: [...rows, ...talk(40, 1000, 100)] }, ports, signal());
    expect(ports.requests[1]?.prompt).toContain('PINNED');
  });

  it('[E7-03] a row that stays pinned is read by no later summary either', async () => {
    const pin = row('assistant', 'pin', { content: 'PINNED text' });
    const ports = fakePorts();
    const input = inputOf([pin, ...LONG], { pinnedIds: new Set(['pin']) });
    const second = afterwards(input, await compressContext(input, ports, signal()));
    const result = await compressContext(
      { ...second, rows: [...second.rows, ...talk(40, 1000, 100)] },
      ports,
      signal(),
    );
    expect(result.rows[1]).toBe(pin);
    expect(ports.requests).toHaveLength(2);
    expect(ports.requests[1]?.prompt).not.toContain('PINNED');
  });

  it('[E7-01] a person gets a summary below the threshold and during the wait', async () => {
    const ports = fakePorts();
    const input = inputOf(talk(12, 500), { force: true, lastFailureAtMs: NOW_MS });
    const result = await compressContext(input, ports, signal());
    expect(result.figures).toMatchObject({ compressed: true, resultMessages: 7 });
    expect(result.failedAtMs).toBeNull();
  });
});

describe('a summary that fails', () => {
  const failures: [string, RegExp, FakePorts['summarise']][] = [
    ['times out', /took too long/, async () => Promise.reject(new AppFailure('timeout', 'The summary took too long.'))],
    [
      'is refused by HTTP',
      /answered with 500/,
      async () => Promise.reject(new AppFailure('upstream_error', 'It answered with 500.')),
    ],
    ['throws something else', /went wrong inside Sluice/, async () => Promise.reject(new TypeError('bug'))],
    ['is stopped by another signal', /was stopped/, async () => Promise.reject(new AbortReason('superseded'))],
    ['is empty', /came back empty/, async () => ({ text: ' \n ', model: null, usage: null, callId: null })],
    [
      'is longer than its budget',
      /longer than allowed/,
      async () => ({ text: 'y'.repeat(40_000), model: null, usage: null, callId: null }),
    ],
    [
      'saves too little',
      /saved too little/,
      async () => ({ text: 'y'.repeat(28_000), model: null, usage: null, callId: null }),
    ],
  ];

  it.each(failures)(
    '[E7-05] [BUG-A7] [BUG-A8] that %s changes nothing that is kept and is told',
    async (_, sentence, summarise) => {
      const fakes = fakePorts();
      const first = inputOf(LONG, { settings: { minSavingRatio: 0.6 } });
      const grown = afterwards(first, await compressContext(first, fakes, signal()));
      for (const input of [first, { ...grown, rows: [...grown.rows, ...talk(40, 1000, 100)] }]) {
        const result = await compressContext(input, { ...fakes, summarise }, signal());
        expect(result.snapshot).toBeNull();
        expect(result.failedAtMs).toBe(NOW_MS);
        expect(result.failure).toBeInstanceOf(AppFailure);
        expect(result.figures).toMatchObject({ compressed: false, llmCompressed: false, compressedStartIndex: -1 });
        expect(result.figures?.error).toMatch(sentence);
        expect(result.figures?.error).toMatch(/No message was lost/);
        expect(sentTokens(input, result.rows)).toBeLessThanOrEqual(50_000);
        // The newest messages and, where there was one, the old summary are still sent.
        expect(result.rows.slice(-20)).toEqual(input.rows.slice(-20));
        expect(result.rows[0]?.id === 'summary:snap-1').toBe(input.snapshot !== null);
        expect(planCompression(afterwards(input, result)).kind).toBe('prune');
      }
    },
  );

  it('[E7-05] that is longer than what it stands for is refused', async () => {
    const input = inputOf(talk(40, 30), { settings: { maxMessages: 30, minSavingRatio: 0 } });
    const result = await compressContext(
      input,
      fakePorts(() => 'y'.repeat(20 * 30 * 4)),
      signal(),
    );
    expect(result.figures?.error).toContain('longer than what it stands for');
    expect(result.rows).toEqual(input.rows);
  });

  it('[E7-09] that saves too little is not repeated each turn', async () => {
    const ports = fakePorts(() => 'y'.repeat(28_000));
    let input: ContextInput = inputOf(talk(60, 1000), { settings: { minSavingRatio: 0.6 } });
    for (let turn = 0; turn < 5; turn++) {
      const result = await compressContext(input, ports, signal());
      input = afterwards({ ...input, nowMs: input.nowMs + 1000 }, result);
      input = { ...input, rows: [...input.rows, ...talk(2, 1000, 100 + turn * 2)] };
    }
    expect(ports.requests).toHaveLength(1);
  });

  it('[BUG-A8] the whole conversation is still sent where it fits', async () => {
    const input = inputOf(talk(201));
    const ports = fakePorts(() => '');
    const result = await compressContext(input, ports, signal());
    expect(result.rows).toEqual(input.rows);
    expect(result.figures).toMatchObject({ compressed: false, resultMessages: 201, verbatimCount: 201 });
  });

  it('[E7-05] [E7-10] an abort during the call is the signal’s reason, even for a port that does not listen', async () => {
    const controller = new AbortController();
    const reason = new AbortReason('user');
    const ports = fakePorts(() => {
      controller.abort(reason);
      return new Promise<string>(() => undefined);
    });
    await expect(compressContext(inputOf(LONG), ports, controller.signal)).rejects.toBe(reason);
    await expect(compressContext(inputOf(LONG), fakePorts(), controller.signal)).rejects.toBe(reason);
  });
});

describe('without a model', () => {
  const big = (id: string) => toolGroup(id, 2, 'data '.repeat(2000));
  const rows = [row('user', 'u0'), ...big('a'), row('user', 'u1'), ...big('b'), row('user', 'u2', { content: 'now?' })];

  it('[E7-03] [BUG-A26] few messages with large tool outputs are pruned from the oldest on', async () => {
    const ports = fakePorts();
    const input = inputOf(rows, { windowTokens: 12_000 });
    const result = await compressContext(input, ports, signal());
    expect(ports.requests).toHaveLength(0);
    expect(sentTokens(input, result.rows)).toBeLessThanOrEqual(6000);
    expect(result.rows.map((one) => one.id)).toEqual(rows.map((one) => one.id));
    expect(result.rows[2]?.content).toBe(`[read] ${'data '.repeat(20)}…`);
    expect(result.rows[6]).toBe(rows[6]);
    expect(result.figures).toMatchObject({ compressed: true, llmCompressed: false });
  });

  it('[E7-03] tool outputs before the tail are all pruned at once', async () => {
    const input = inputOf([...rows, ...talk(20)], { windowTokens: 21_000, lastFailureAtMs: NOW_MS });
    const result = await compressContext(input, fakePorts(), signal());
    const outputs = result.rows.filter((one) => one.role === 'tool').map((one) => one.content.length);
    expect(outputs).toEqual([108, 108, 108, 108]);
  });

  it('[E7-08] long arguments are shortened to JSON, long texts to their ends', async () => {
    const [call, output] = toolGroup('a', 1);
    const args = JSON.stringify({ text: 'z'.repeat(9000) });
    const calls = call?.tool_calls?.map((one) => ({ ...one, function: { ...one.function, arguments: args } })) ?? [];
    const long = row('assistant', 'long', { content: `begin ${'w'.repeat(20_000)} end` });
    if (call === undefined || output === undefined) throw new Error('no group');
    const all = [row('user', 'u'), { ...call, tool_calls: calls }, output, long, row('user', 'last')];
    const input = inputOf(all, { windowTokens: 4000 });
    const result = await compressContext(input, fakePorts(), signal());
    expect(JSON.parse(result.rows[1]?.tool_calls?.[0]?.function.arguments ?? '')).toHaveProperty('shortened');
    expect(result.rows[3]?.content).toMatch(/^begin w+\n\[… \d+ characters left out …\]\nw+ end$/);
    expect(sentTokens(input, result.rows)).toBeLessThanOrEqual(2000);
  });

  it('[E7-08] what does not fit in any form is left out, and a line says so', async () => {
    const input = inputOf(talk(400, 100), { windowTokens: 4000, lastFailureAtMs: NOW_MS });
    const result = await compressContext(input, fakePorts(), signal());
    expect(result.rows[0]?.content).toMatch(/\d+ earlier messages are left out/);
    expect(result.rows.at(-1)).toBe(input.rows.at(-1));
    const tokens = sentTokens(input, result.rows);
    expect(tokens).toBeLessThanOrEqual(2000);
    expect(tokens).toBeGreaterThan(1500);
  });

  it('[E7-08] a window that is too small is said with its remedy', async () => {
    const input = inputOf([sizedRow('user', 'u', 4000)], { windowTokens: 4000 });
    const failure: unknown = await compressContext(input, fakePorts(), signal()).catch((thrown: unknown) => thrown);
    if (!(failure instanceof AppFailure)) throw new Error('no failure');
    expect(failure.toAppError()).toMatchObject({
      code: 'context_window_too_small',
      retry: { kind: 'user-action', action: 'shorten' },
      details: { neededTokens: 4000, windowTokens: 4000 },
    });
    expect(failure.message).toMatch(/Shorten the message/);
  });

  it('[E7-02] nothing is asked, told or counted where nothing is to be done', async () => {
    const ports = fakePorts();
    const input = inputOf(talk(100));
    const result = await compressContext(input, ports, signal());
    expect(result).toEqual({ rows: input.rows, snapshot: null, figures: null, failedAtMs: null, failure: null });
    expect(ports.begun).toEqual([]);
  });
});
