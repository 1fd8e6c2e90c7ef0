import { expect, it } from 'vitest';
import { chatFrames, messageFrames } from '../../testing/raw-upstream.ts';
import { quickText } from './quick-delta.ts';
import { wireDecoder } from './wire-decoder.ts';

const context = { upstream: 'u', secret: null, nowMs: 0 };
const dataOf = (frame: string) =>
  frame
    .split('\n')
    .find((line) => line.startsWith('data: '))
    ?.slice(6) ?? '';

const ODD = [
  '{"choices":[{"index":0,"delta":{"content":"a","tool_calls":[{"index":0}]},"finish_reason":"stop"}]}',
  '{"choices":[{"index":0,"delta":{"content":"a\\"b"},"finish_reason":null}]}',
  '{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}],"usage":{"prompt_tokens":1}}',
  '{"choices":[{"index":0,"delta":{"content":""},"finish_reason":null}]}',
  '{"error":{"message":"x"},"choices":[{"delta":{"content":"a"},"finish_reason":null}]}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"a"}}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\n"}}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"half',
  '[DONE]',
];

it.each(['openai-chat', 'anthropic-messages'] as const)(
  'what is read quickly of %s is what the decoder reads',
  (protocol) => {
    const frames = protocol === 'openai-chat' ? chatFrames('Hello there, 漢字.') : messageFrames('Hello there, 漢字.');
    let quick = 0;
    for (const data of [...frames.map(dataOf), ...ODD]) {
      const text = quickText(protocol, data);
      if (text === null) continue;
      quick++;
      const events = wireDecoder(protocol, context).decode({ event: null, data, id: null });
      expect(events).toEqual([{ type: 'text', text }]);
    }
    expect(quick).toBe(3);
  },
);
