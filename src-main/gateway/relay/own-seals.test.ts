import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSeal } from '../translate/seal.ts';
import type { WireProtocol } from '../translate/translation.ts';
import { withoutOwnSeals } from './own-seals.ts';

const OURS = packSeal({ by: 'chat', field: 'reasoning_content' });
const THEIRS = 'EqQBCkYIBxgCKkBsigned==';

const through = (protocol: WireProtocol, text: string) => withoutOwnSeals(protocol, Buffer.from(text)).toString('utf8');

describe('[E11-01] thinking that is signed by nobody but us', () => {
  it('is left out on its way to Anthropic, and every other byte stays', () => {
    const own = `{"type":"thinking","thinking":"…","signature":"${OURS}"}`;
    const real = `{ "signature" : "${THEIRS}", "type":"thinking", "thinking" : "a" }`;
    const text = (blocks: string, more = '') =>
      `{ "big": 12345678901234567890, "messages":[ {"role":"user","content":"sluice-1-n: is what it says"},\n {"role":"assistant","content":[${blocks}]} ,{"role":"user","content":"go"}]${more},"big":1 }`;
    expect(through('anthropic-messages', text(` ${own} , {"type":"text","text":"b"}`))).toBe(
      text(' {"type":"text","text":"b"}'),
    );
    expect(through('anthropic-messages', text(`${real},${own}`))).toBe(text(real));
    expect(through('anthropic-messages', text(`${own},${real},${own}, ${own} `))).toBe(text(`${real} `));
    const untouched = text(`${real},{"type":"redacted_thinking","data":"${THEIRS}"},{"type":"text","text":"${OURS}"}`);
    expect(through('anthropic-messages', untouched)).toBe(untouched);
  });

  it('goes with its message where that held nothing else', () => {
    const body = {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: OURS }] },
        { role: 'user', content: 'b' },
      ],
    };
    expect(through('anthropic-messages', JSON.stringify(body))).toBe(
      '{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}',
    );
  });

  it('switches a budget off where the turn that goes on has lost its thinking, and only there', () => {
    const turn = (signature: string, last: unknown) => ({
      thinking: { type: 'enabled', budget_tokens: 2000 },
      messages: [
        { role: 'user', content: 'a' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'x', signature },
            { type: 'tool_use', id: 't', name: 'f', input: {} },
          ],
        },
        { role: 'user', content: last },
      ],
    });
    const result = [{ type: 'tool_result', tool_use_id: 't', content: 'r' }];
    const asked = (body: object) =>
      JSON.parse(through('anthropic-messages', JSON.stringify(body))) as Record<string, unknown>;
    expect(asked(turn(OURS, result))['thinking']).toEqual({ type: 'disabled' });
    expect(asked(turn(THEIRS, result))['thinking']).toEqual({ type: 'enabled', budget_tokens: 2000 });
    expect(asked(turn(OURS, 'go'))['thinking']).toEqual({ type: 'enabled', budget_tokens: 2000 });
    expect(asked({ ...turn(OURS, result), thinking: { type: 'adaptive' } })['thinking']).toEqual({ type: 'adaptive' });
  });

  it('goes with its item on its way to OpenAI, and what OpenAI encrypted stays', () => {
    const item = (encrypted: string) =>
      `{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"${encrypted}"}`;
    const text = (items: string) =>
      `{"input":[{"role":"user","content":"a"},${items}{"role":"user","content":"b"}],"n":1e400}`;
    const anthropics = packSeal({ by: 'anthropic', signature: THEIRS });
    expect(through('openai-responses', text(`${item(anthropics)}, ${item('gAAA')},`))).toBe(text(`${item('gAAA')},`));
    const detail = { type: 'reasoning.text', text: 'x', signature: OURS };
    const chat = { messages: [{ role: 'assistant', content: 'a', reasoning_details: [detail] }] };
    expect(JSON.parse(through('openai-chat', JSON.stringify(chat)))).toEqual({
      messages: [{ role: 'assistant', content: 'a', reasoning_details: [] }],
    });
  });

  it('whatever the conversation, what stays is what was there but for our blocks', () => {
    const block = fc.constantFrom(
      { type: 'thinking', thinking: 'o', signature: OURS },
      { type: 'redacted_thinking', data: packSeal({ by: 'nobody' }) },
      { type: 'thinking', thinking: 't', signature: THEIRS },
      { type: 'text', text: `} ] , " \\ ${OURS}` },
      { type: 'tool_use', id: 'x', name: 'f', input: { thinking: [OURS], type: 'thinking' } },
    );
    const isOurs = (one: { signature?: string; data?: string; type: string }) =>
      one.type.includes('thinking') && (one.signature ?? one.data ?? '').startsWith('sluice-1-');
    const message = fc.record({
      role: fc.constantFrom('user', 'assistant'),
      content: fc.oneof(fc.string(), fc.array(block, { maxLength: 5 })),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), fc.constantFrom(0, 1), (messages, indent) => {
        const wanted = messages.flatMap((one) => {
          if (typeof one.content === 'string') return [one];
          const content = one.content.filter((each) => !isOurs(each));
          return content.length === 0 && one.content.length > 0 ? [] : [{ ...one, content }];
        });
        const body = JSON.stringify({ a: 1, messages, z: [] }, null, indent);
        expect(JSON.parse(through('anthropic-messages', body))).toEqual({ a: 1, messages: wanted, z: [] });
      }),
      { numRuns: 300 },
    );
  });
});
