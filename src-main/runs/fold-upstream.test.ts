import { describe, expect, it } from 'vitest';
import type { EventDraft } from '#contract/events';
import { emptyMessage, type Message } from '#contract/message';
import { applyRunEvent, emptyRunView } from '#contract/run-view';
import type { UpstreamEvent, UpstreamTerminal } from '../gateway/upstream-event.ts';
import { parseBlockArray } from './block-array.ts';
import { UpstreamFolder, withoutOverlap } from './fold-upstream.ts';

type Part = Exclude<UpstreamEvent, UpstreamTerminal>;

/** Folds an upstream's words into the rows that a reader sees. */
function rowsOf(
  parts: Part[],
  end: EventDraft = {
    event: 'run.completed',
    run_id: 'r',
    output: '',
    usage: null,
    finish_reason: 'stop',
    queue_remaining: 0,
  },
): Message[] {
  let id = 0;
  const folder = new UpstreamFolder('r', { newId: () => `m${++id}`, now: () => 1_000 });
  const user = {
    ...emptyMessage({ id: 'u', session_id: 's', run_id: 'r', role: 'user', created_at_ms: 1 }),
    status: 'final' as const,
  };
  const drafts: EventDraft[] = [
    { event: 'run.peer_user_message', run_id: 'r', message: user, queue_id: null, profile: 'demo', model: null },
    ...parts.flatMap((part) => folder.fold(part)),
    end,
  ];
  const view = drafts.reduce(
    (seen, draft, index) => applyRunEvent(seen, { v: 1, session_id: 's', seq: index + 1, ts: 1_000, ...draft }),
    emptyRunView('s'),
  );
  return view.settled.slice(1);
}

const text = (value: string): Part => ({ type: 'text', text: value });
const thought = (value: string): Part => ({ type: 'reasoning', text: value });
const start = (name: string, callId: string | null = null, args: string | null = null): Part => ({
  type: 'tool-start',
  callId,
  name,
  preview: null,
  arguments: args,
});
const end = (name: string, callId: string | null = null, output: string | null = null, isError = false): Part => ({
  type: 'tool-end',
  callId,
  name,
  durationSeconds: 0.5,
  isError,
  output,
});

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
    expect(withoutOverlap('abc', 'abcabc')).toBe('abcabc');
    expect(withoutOverlap('x 0123456789abcdef', '0123456789abcdef more')).toBe(' more');
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
    const stopped: EventDraft = { event: 'abort.completed', run_id: 'r', synced: true, usage: null };
    const failed: EventDraft = {
      event: 'run.failed',
      run_id: 'r',
      error: 'x',
      error_info: { code: 'internal', retry: { kind: 'no' } },
      queue_remaining: 0,
      status: 'error',
      usage: null,
    };
    expect(rowsOf([start('f', 'a')])[0]?.tool_state).toBe('done');
    expect(rowsOf([start('f', 'a')], stopped)[0]?.tool_state).toBe('aborted');
    expect(rowsOf([start('f', 'a')], failed)[0]?.tool_state).toBe('error');
  });

  it('[E2-09] more arguments of a call change its row and add none', () => {
    const rows = rowsOf([text('Go.'), start('f', 'a', '{"x'), start('f', 'a', '{"x":1}'), end('f', 'a', 'ok')]);
    expect(rows).toHaveLength(2);
    expect(rows[1]?.tool_arguments).toBe('{"x":1}');
    expect(rows[0]?.tool_calls?.[0]?.function.arguments).toBe('{"x":1}');
  });

  it('[E2-11] closing text that was streamed is not repeated, and closing text alone is the answer', () => {
    const closing: EventDraft = {
      event: 'run.completed',
      run_id: 'r',
      output: 'Hello',
      usage: null,
      finish_reason: 'stop',
      queue_remaining: 0,
    };
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
});
