import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyMessage, type Message, type MessageRole } from '#contract/message';
import { buildAnthropicRequest } from '../gateway/providers/anthropic/build-request.ts';
import { buildOpenAiRequest } from '../gateway/providers/openai-chat/build-request.ts';
import { requestOf } from '../gateway/testing/calls.ts';
import type { HistoryMessage } from '../gateway/upstream-adapter.ts';
import { end, type Part, rowsOf, STOPPED, start, text, thought } from '../testing/folded.ts';
import { buildHistory } from './build-history.ts';

// Rules of the two protocols as their references state them (2026-11), checked on what the adapters would send.

interface OpenAiMessage {
  role: string;
  content: string | null;
  tool_calls?: { id: string; type: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

/** Every call is answered once, directly after its message and before anything else; nothing is empty. */
function checkOpenAi(messages: readonly OpenAiMessage[]): void {
  for (let at = 0; at < messages.length; ) {
    const message = messages[at];
    if (message === undefined) break;
    expect(['user', 'assistant']).toContain(message.role);
    const calls = message.tool_calls ?? [];
    if (calls.length === 0) expect(message.content?.trim()).toBeTruthy();
    for (const call of calls) {
      expect(call.id).toBeTruthy();
      expect(call.function.name).toBeTruthy();
      expect(() => JSON.parse(call.function.arguments) as unknown).not.toThrow();
    }
    const results = messages.slice(at + 1, at + 1 + calls.length);
    expect(results.map((result) => result.role)).toEqual(calls.map(() => 'tool'));
    expect(results.map((result) => result.tool_call_id).sort()).toEqual(calls.map((call) => call.id).sort());
    at += 1 + calls.length;
  }
}

interface AnthropicMessage {
  role: string;
  content: { type: string; text?: string; id?: string; tool_use_id?: string }[];
}

/** Roles alternate; a message with calls is followed by one that begins with their results; ids are unique. */
function checkAnthropic(messages: readonly AnthropicMessage[]): void {
  const seen = new Set<string>();
  for (const [at, message] of messages.entries()) {
    expect(message.role).not.toBe(messages[at - 1]?.role);
    expect(message.content.length).toBeGreaterThan(0);
    for (const block of message.content) if (block.type === 'text') expect(block.text?.trim()).toBeTruthy();
    const uses = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id ?? ''] : []));
    for (const id of uses) {
      expect(seen.has(id)).toBe(false);
      seen.add(id);
    }
    const results = message.content.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id ?? ''] : []));
    const before = messages[at - 1]?.content ?? [];
    const called = before.flatMap((block) => (block.type === 'tool_use' ? [block.id ?? ''] : []));
    expect(results.toSorted()).toEqual(called.toSorted());
    expect(message.content.slice(0, results.length).every((block) => block.type === 'tool_result')).toBe(true);
    if (message.role === 'assistant') expect(results).toEqual([]);
    else expect(uses).toEqual([]);
  }
}

function checkHistory(history: HistoryMessage[]): void {
  const request = requestOf({ history, input: { content: 'and now?' } });
  checkOpenAi(buildOpenAiRequest(request)['messages'] as OpenAiMessage[]);
  checkAnthropic(buildAnthropicRequest(request)['messages'] as AnthropicMessage[]);
}

const ids = fc.constantFrom('a', 'b', 'call_0');
const names = fc.constantFrom('f', 'g');
const contents = fc.constantFrom('', ' ', 'x', 'some text');
const stored = (role: MessageRole, id: string, fields: Partial<Message>): Message => ({
  ...emptyMessage({ id, session_id: 's', run_id: 'r', role, created_at_ms: 1 }),
  status: 'final',
  ...fields,
});

/** Rows as foreign histories, crashes and damage leave them. */
const foreignRows = fc
  .array(
    fc.oneof(
      contents.map((content) => ({ role: 'user' as const, content })),
      contents.map((content) => ({ role: 'system' as const, content })),
      fc.record({
        role: fc.constant('assistant' as const),
        content: contents,
        tool_calls: fc.array(
          fc
            .tuple(ids, names, fc.constantFrom('{}', '', '{"n":1}', '{"cut'))
            .map(([id, name, args]) => ({ id, type: 'function' as const, function: { name, arguments: args } })),
          { maxLength: 3 },
        ),
      }),
      fc.record({
        role: fc.constant('tool' as const),
        content: contents,
        tool_call_id: fc.option(ids),
        tool_name: fc.option(names),
        tool_arguments: fc.constantFrom(null, '{}', '{"cut'),
        tool_state: fc.constantFrom('done', 'error', 'aborted', 'running', null),
      }),
    ),
    { maxLength: 25 },
  )
  .map((rows) => rows.map((row, index) => stored(row.role, `row-${index}`, row)));

/** Runs as the live fold leaves them, whole and stopped. Their rows repeat their ids, as calls of some servers do. */
const liveRows = fc
  .array(
    fc.tuple(
      fc.boolean(),
      fc.array(
        fc.oneof(
          contents.map(text),
          contents.map(thought),
          fc
            .tuple(names, fc.option(ids), fc.constantFrom(null, '{}', '{"cut'))
            .map(([n, id, args]) => start(n, id, args)),
          fc.tuple(names, fc.option(ids)).map(([n, id]) => end(n, id, 'out')),
        ),
        { maxLength: 10 },
      ),
    ),
    { maxLength: 5 },
  )
  .map((runs) =>
    runs.flatMap(([isStopped, parts]: [boolean, Part[]], run) => [
      stored('user', `user-${run}`, { content: 'q' }),
      ...rowsOf(parts, isStopped ? STOPPED : undefined),
    ]),
  );

describe('every part of every conversation', () => {
  it('[E6-05] is valid for both protocols, wherever it is cut at both ends', () => {
    fc.assert(
      fc.property(fc.oneof(foreignRows, liveRows), fc.nat(30), fc.nat(30), (rows, from, length) => {
        checkHistory(buildHistory(rows));
        checkHistory(buildHistory(rows.slice(from, from + length)));
      }),
      { numRuns: 3000 },
    );
  });

  it('[E6-05] loses no result of a run that told its calls in order', () => {
    const steps = fc.array(fc.tuple(contents, fc.integer({ min: 1, max: 3 }), fc.boolean()), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(steps, (all) => {
        let results = 0;
        const parts = all.flatMap(([said, calls, hasIds], step) => {
          const callIds = Array.from({ length: calls }, (_, index) => (hasIds ? `${step}-${index}` : null));
          results += calls;
          return [
            text(said),
            ...callIds.map((id) => start('f', id)),
            ...callIds.map((id, index) => end('f', id, `${step}-${index}`)),
          ];
        });
        const history = buildHistory([stored('user', 'u', { content: 'q' }), ...rowsOf(parts)]);
        expect(history.filter((message) => message.role === 'tool')).toHaveLength(results);
      }),
    );
  });
});
