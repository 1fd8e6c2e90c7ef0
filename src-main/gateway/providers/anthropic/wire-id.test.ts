import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UpstreamRequest } from '../../upstream-adapter.ts';
import { buildAnthropicRequest } from './build-request.ts';
import { WireIds } from './wire-id.ts';

const request = (history: UpstreamRequest['history']): UpstreamRequest => ({
  runId: 'r',
  sessionId: null,
  model: 'm',
  instructions: null,
  parameters: {},
  history,
  input: { content: 'go on', parts: null },
});

describe('what this protocol demands of a history', () => {
  it('[E6-05] ids of calls are ones that it takes, the same for call and result, and never two alike', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 20 }), (ids) => {
        const wire = new WireIds();
        const seen = new Map(ids.map((id) => [id, wire.of(id)]));
        expect(new Set(seen.values()).size).toBe(seen.size);
        for (const [id, sent] of seen) {
          expect(sent).toMatch(/^[A-Za-z0-9_-]+$/);
          expect(wire.of(id)).toBe(sent);
        }
      }),
    );
  });

  it('[E6-05] a conversation answered by another provider goes through', () => {
    const call = { id: 'functions.look:0', type: 'function' as const, function: { name: 'look', arguments: '{}' } };
    const body = buildAnthropicRequest(
      request([
        { role: 'user', content: 'a', parts: null },
        { role: 'assistant', content: '', toolCalls: [call] },
        { role: 'tool', content: 'seen', toolCallId: call.id, toolName: 'look' },
      ]),
    );
    expect(body['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'functions_look_0' }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'functions_look_0' }, { type: 'text' }] },
    ]);
  });

  it('[E6-05] a history that begins with an answer is opened by the person', () => {
    const body = buildAnthropicRequest(request([{ role: 'assistant', content: 'Hello.', toolCalls: null }]));
    const messages = body['messages'] as { role: string }[];
    expect(messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user']);
  });
});
