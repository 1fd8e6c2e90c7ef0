import { describe, expect, it } from 'vitest';
import {
  COMPLETED,
  draftsOf,
  end,
  FAILED,
  newFolder,
  type Part,
  rowsOf,
  STOPPED,
  start,
  text,
  thought,
} from '../testing/folded.ts';
import { parseBlockArray } from './block-array.ts';
import { flattenRow } from './flatten-row.ts';
import { UpstreamFolder } from './fold-upstream.ts';

describe('folding an upstream’s words', () => {
  it('[E2-05] deltas grow one row', () => {
    expect(rowsOf([text('Hel'), text('lo')])).toMatchObject([
      { role: 'assistant', content: 'Hello', status: 'final', finish_reason: 'stop' },
    ]);
  });

  for (const verbatim of ['[1,2,3]', '[link](x)', '[{"type":"text","text":"cut', '[{"a":1}]', '[]', '["text"]']) {
    it(`[E2-05] ${verbatim} is somebody’s text and stays`, () => {
      expect(rowsOf([text(verbatim)])[0]?.content).toBe(verbatim);
    });
  }

  it('[E2-05] [E6-03] a whole block array is taken apart', () => {
    const blocks = JSON.stringify([
      { type: 'thinking', thinking: 'it’s' },
      { type: 'text', text: 'An' },
      { type: 'text', text: 'swer' },
    ]);
    expect(rowsOf([text(blocks)])).toMatchObject([{ content: 'Answer', reasoning: 'it’s' }]);
    expect(
      parseBlockArray(JSON.stringify([{ type: 'tool_use', id: 'c', name: 'f', input: { a: 1 } }]))?.toolCalls,
    ).toEqual([{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }]);
  });

  it('[E2-06] reasoning stands with the answer that follows it', () => {
    expect(rowsOf([thought('Let me '), thought('see.'), text('Yes.')])).toMatchObject([
      { reasoning: 'Let me see.', content: 'Yes.' },
    ]);
  });

  it('[E2-06] reasoning without any text is a row of its own', () => {
    expect(rowsOf([thought('Only thinking.')])).toMatchObject([{ reasoning: 'Only thinking.', content: '' }]);
  });

  it('[E2-06] a provider that resends its reasoning from the start adds only what is new', () => {
    const first = 'The first thought is quite long. ';
    expect(rowsOf([thought(first), thought(`${first}And the second.`)])[0]?.reasoning).toBe(`${first}And the second.`);
  });

  it('[E2-07] the end of thinking shows nothing', () => {
    expect(
      rowsOf([
        thought('Hm.'),
        { type: 'reasoning-end', text: 'The beginning of the ans' },
        text('The beginning of the answer.'),
      ]),
    ).toMatchObject([{ reasoning: 'Hm.', content: 'The beginning of the answer.' }]);
  });

  it('[E2-08] [E2-10] text, tool, text are three rows in their order', () => {
    const rows = rowsOf([
      text('Looking.'),
      start('search', 'c1', '{"q":"x"}'),
      end('search', 'c1', 'found'),
      text('Found it.'),
    ]);
    expect(rows.map((row) => [row.role, row.content, row.finish_reason])).toEqual([
      ['assistant', 'Looking.', 'tool_calls'],
      ['tool', 'found', null],
      ['assistant', 'Found it.', 'stop'],
    ]);
    expect(rows[0]?.tool_calls).toEqual([
      { id: 'c1', type: 'function', function: { name: 'search', arguments: '{"q":"x"}' } },
    ]);
    expect(rows[1]).toMatchObject({ tool_state: 'done', tool_duration: 0.5, tool_call_id: 'c1' });
  });

  it('[E2-08] parallel calls are matched by id, whatever the order of their ends', () => {
    const rows = rowsOf([start('f', 'a'), start('f', 'b'), end('f', 'b', 'B'), end('f', 'a', 'A', true)]);
    expect(rows.map((row) => [row.tool_call_id, row.content, row.tool_state])).toEqual([
      ['a', 'A', 'error'],
      ['b', 'B', 'done'],
    ]);
  });

  it('[E2-08] [BUG-A19] calls without ids end in the order in which they began, by name', () => {
    const rows = rowsOf([
      start('f'),
      start('g'),
      start('f'),
      end('f', null, 'first'),
      end('g', null, 'other'),
      end('f', null, 'second'),
    ]);
    expect(rows.map((row) => [row.tool_name, row.content])).toEqual([
      ['f', 'first'],
      ['g', 'other'],
      ['f', 'second'],
    ]);
  });

  it('[E2-08] an end without a beginning is a row all the same', () => {
    expect(rowsOf([end('late', 'c9', 'out')])).toMatchObject([
      { role: 'tool', tool_name: 'late', content: 'out', tool_state: 'done' },
    ]);
  });

  it('[E2-08] a call without an end is closed with its run', () => {
    expect(rowsOf([start('f', 'a')])[0]?.tool_state).toBe('done');
    expect(rowsOf([start('f', 'a')], STOPPED)[0]?.tool_state).toBe('aborted');
    expect(rowsOf([start('f', 'a')], FAILED)[0]?.tool_state).toBe('error');
  });

  it('[E2-09] more arguments of a call change its row and add none', () => {
    const rows = rowsOf([text('Go.'), start('f', 'a', '{"x'), start('f', 'a', '{"x":1}'), end('f', 'a', 'ok')]);
    expect(rows).toHaveLength(2);
    expect(rows[1]?.tool_arguments).toBe('{"x":1}');
    expect(rows[0]?.tool_calls?.[0]?.function.arguments).toBe('{"x":1}');
  });

  it('[E2-11] closing text that was streamed is not repeated, and closing text alone is the answer', () => {
    const closing = { ...COMPLETED, output: 'Hello' };
    expect(rowsOf([text('Hello')], closing)).toHaveLength(1);
    expect(rowsOf([], { ...closing, message_id: 'm9' })).toMatchObject([
      { id: 'm9', content: 'Hello', status: 'final' },
    ]);
  });

  it('[E4-06] a stop keeps text, reasoning and open tools, marked as stopped', () => {
    const rows = rowsOf([thought('Hm.'), text('Half an ans'), start('f', 'a')], {
      event: 'abort.completed',
      run_id: 'r',
      synced: true,
      usage: null,
    });
    expect(rows).toMatchObject([
      { reasoning: 'Hm.', content: 'Half an ans' },
      { tool_state: 'aborted', status: 'aborted' },
    ]);
    expect(rowsOf([text('Half')], { event: 'abort.completed', run_id: 'r', synced: true, usage: null })).toMatchObject([
      { status: 'aborted', finish_reason: 'aborted' },
    ]);
  });

  it('[E2-06] reasoning after text stays with its answer, and a resend of all of it is told from new thoughts', () => {
    const first = 'The first thought is quite long. ';
    expect(rowsOf([thought(first), text('An'), thought(`${first}And the second.`), text('swer')])).toMatchObject([
      { reasoning: `${first}And the second.`, content: 'Answer' },
    ]);
  });

  it('[E2-06] each step between tools may begin its thoughts as the one before did', () => {
    const again = 'The user wants to know the weather. ';
    expect(rowsOf([thought(again), start('f', 'a'), end('f', 'a'), thought(again), text('Sun.')])).toMatchObject([
      { reasoning: again, finish_reason: 'tool_calls' },
      { role: 'tool' },
      { reasoning: again, content: 'Sun.' },
    ]);
  });

  it('[E2-06] [BUG-A18] the reasoning of a run stands in rows of that run only', () => {
    const other = new UpstreamFolder('r2', { newId: () => 'm-other', now: () => 1 });
    const long = 'A thought that is longer than sixteen.';
    expect([...draftsOf([thought(long), text('a')]), ...draftsOf([thought(long)], other)]).toMatchObject([
      { run_id: 'r', message_id: 'm1', delta: long },
      { run_id: 'r', message_id: 'm1' },
      { run_id: 'r2', message_id: 'm-other', delta: long },
    ]);
  });

  it('[E2-05] [E2-06] a character that was cut between two parts is one character, in text and in thought', () => {
    expect(rowsOf([thought('a\ud83d'), thought('\ude00b'), text('c\ud83d'), text('\ude00d')])).toMatchObject([
      { reasoning: 'a😀b', content: 'c😀d' },
    ]);
    const whole = 'A thought with a face at its end: ';
    expect(rowsOf([thought(`${whole}\ud83d`), thought(`${whole}\ud83d\ude00!`)])).toMatchObject([
      { reasoning: `${whole}😀!` },
    ]);
  });

  it('[E2-10] half a character before a tool call stays on its side of it', () => {
    const rows = rowsOf([text('a\ud83d'), start('f', 'c1'), end('f', 'c1'), text('b')]);
    expect(rows.map((row) => row.content)).toEqual(['a\ufffd', '', 'b']);
  });

  it('[E2-05] a list of blocks that arrives in many parts is taken apart when its row is whole', () => {
    const list = JSON.stringify([
      { type: 'thinking', thinking: 'Hm, [1] or [2]?' },
      { type: 'text', text: 'It’s [2].' },
    ]);
    const parts = Array.from(list, text);
    expect(rowsOf(parts).map(flattenRow)).toMatchObject([{ content: 'It’s [2].', reasoning: 'Hm, [1] or [2]?' }]);
    expect(rowsOf(parts.slice(0, -1)).map(flattenRow)).toMatchObject([{ content: list.slice(0, -1), reasoning: null }]);
  });

  it('[E2-08] an end that is told twice is one row, and the second may bring the output', () => {
    expect(rowsOf([start('f', 'a'), end('f', 'a'), end('f', 'a', 'out'), end('f', 'a')])).toMatchObject([
      { content: 'out', tool_state: 'done' },
    ]);
  });

  it('[E2-08] [E2-10] a tool that only its end tells of parts the answer as any other', () => {
    const folder = newFolder();
    draftsOf([text('before'), end('late', 'c9', 'out'), text('after')], folder);
    expect(folder.answer).toBe('after');
    expect(folder.hasTools).toBe(true);
  });

  it('[E2-08] a taken-up run knows the calls of the process before it', () => {
    const folder = newFolder({
      whole: '',
      segment: '',
      openMessageId: null,
      hasTools: true,
      approvalIds: [],
      clarifyIds: [],
      tools: [
        { messageId: 'old-1', callId: null, name: 'f', isOpen: false },
        { messageId: 'old-2', callId: null, name: 'f', isOpen: true },
      ],
    });
    expect(draftsOf([end('f', null, 'out')], folder)).toMatchObject([{ event: 'tool.completed', message_id: 'old-2' }]);
  });

  it('[E2-09] what a call is about stays on its line when later parts cannot tell', () => {
    const rows = rowsOf([
      start('f', 'a', null, 'from the upstream'),
      start('f', 'a', '{"command":"ls'),
      start('f', 'a', null),
    ]);
    expect(rows).toMatchObject([{ tool_preview: 'from the upstream', tool_arguments: '{"command":"ls' }]);
  });

  it('[E2-09] the line comes from the arguments where the upstream has none, and has at most 160 characters', () => {
    const preview = (args: string | null, own: string | null = null) =>
      rowsOf([start('f', 'a', args, own)])[0]?.tool_preview;
    expect(preview('{"prompt":"p","query":"q","path":"/x"}')).toBe('q');
    expect(preview(JSON.stringify({ cmd: 'ls\n -la' }))).toBe('ls -la');
    expect(preview(JSON.stringify({ url: 'x'.repeat(500) }))).toHaveLength(160);
    expect(preview('{"q')).toBeNull();
    expect(preview(null, `${'x'.repeat(159)}😀`)).toBe('x'.repeat(159));
  });

  it('[E2-16] an answer to an approval counts once: the upstream’s echo of it is not told again', () => {
    const ask = (approvalId: string): Part => ({
      type: 'approval-request',
      approvalId,
      command: 'rm',
      description: 'd',
      choices: ['once', 'deny'],
    });
    const say = (approvalId: string | null): Part => ({
      type: 'approval-resolved',
      approvalId,
      choice: 'once',
      resolved: 1,
    });
    expect(draftsOf([ask('a'), ask('b'), say('b'), say('b'), say(null), say(null)]).slice(2)).toMatchObject([
      { event: 'approval.resolved', approval_id: 'b' },
      { event: 'approval.resolved', approval_id: 'a' },
    ]);
  });
});

describe('questions and messages in mid-answer', () => {
  const ask = (clarifyId: string): Part => ({
    type: 'clarify-request',
    clarifyId,
    question: 'Which?',
    choices: ['x', 'y'],
  });
  const reply = (clarifyId: string | null): Part => ({ type: 'clarify-resolved', clarifyId, response: 'x' });

  it('a question is told and its answer once; one without an id goes to the oldest', () => {
    expect(draftsOf([ask('a'), ask('b'), ask('c'), reply('b'), reply('b'), reply(null), reply('z')])).toMatchObject([
      { event: 'clarify.requested', run_id: 'r', clarify_id: 'a', question: 'Which?', choices: ['x', 'y'] },
      { clarify_id: 'b' },
      { clarify_id: 'c' },
      { event: 'clarify.resolved', run_id: 'r', clarify_id: 'b', response: 'x' },
      { event: 'clarify.resolved', clarify_id: 'a' },
    ]);
  });

  it('a question from before a restart can still be answered', () => {
    const written = {
      whole: '',
      segment: '',
      openMessageId: null,
      hasTools: false,
      approvalIds: [],
      clarifyIds: ['old'],
      tools: [],
    };
    expect(draftsOf([reply('old')], newFolder(written))).toMatchObject([
      { event: 'clarify.resolved', clarify_id: 'old' },
    ]);
  });

  it('a message that went into the answer is a row of its own, and what follows too', () => {
    const folder = newFolder();
    const drafts = [
      ...draftsOf([text('One')], folder),
      ...folder.steered('Rather two.'),
      ...draftsOf([text('Two')], folder),
    ];
    expect(drafts).toMatchObject([
      { event: 'message.delta', message_id: 'm1' },
      { event: 'run.steered', run_id: 'r', text: 'Rather two.', accepted: true, message_id: 'm2' },
      { event: 'message.delta', message_id: 'm3' },
    ]);
    expect(folder.answer).toBe('OneTwo');
    expect(draftsOf([{ type: 'steered', text: 'Late.', accepted: false }])).toEqual([
      {
        event: 'run.steered',
        run_id: 'r',
        text: 'Late.',
        accepted: false,
        message_id: null,
        queue_id: null,
        idempotency_key: null,
      },
    ]);
  });
});
