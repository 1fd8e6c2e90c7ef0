import { describe, expect, test } from 'vitest';
import { buildAnthropicRequest } from './providers/anthropic/build-request.ts';
import { buildHermesRequest } from './providers/hermes/build-request.ts';
import { buildResponseRequest } from './providers/hermes/build-response-request.ts';
import { buildOpenAiRequest } from './providers/openai-chat/build-request.ts';
import { requestOf } from './testing/calls.ts';
import type { ModelPart, UserContent } from './upstream-adapter.ts';

const image = (name: string, mediaType: string): ModelPart => ({
  type: 'image',
  name,
  path: `/tmp/${name}`,
  mediaType,
  dataBase64: 'AAAA',
});
const content = '[Image: /tmp/a.png]\nWhat is this?';
const seen: UserContent = { content, parts: [image('a.png', 'image/png'), { type: 'text', text: 'What is this?' }] };
const unseen: UserContent = { content: '[Image: /tmp/a.tiff]', parts: [image('a.tiff', 'image/tiff')] };
const asked = (input: UserContent) =>
  requestOf({ input, history: [{ role: 'user', ...input }], instructions: 'Be brief.' });

describe('[E6-02] images in a request', () => {
  test('chat completions get data URLs, in the history too', () => {
    const message = {
      role: 'user',
      content: [
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        { type: 'text', text: 'What is this?' },
      ],
    };
    expect(buildOpenAiRequest(asked(seen))['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      message,
      message,
    ]);
  });

  test('messages get base64 blocks', () => {
    const blocks = [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      { type: 'text', text: 'What is this?' },
    ];
    expect(buildAnthropicRequest(asked(seen))['messages']).toEqual([{ role: 'user', content: [...blocks, ...blocks] }]);
  });

  test('responses get input parts', () => {
    expect(buildResponseRequest(asked(seen))['input']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
          { type: 'input_text', text: 'What is this?' },
        ],
      },
    ]);
  });

  test('[BUG-B2] runs keep text only, so the image is a line with its path', () => {
    expect(buildHermesRequest(asked(seen))).toMatchObject({
      input: content,
      conversation_history: [{ role: 'user', content }],
    });
  });

  test('a type that no model sees is its line of text everywhere', () => {
    const line = '[Image: /tmp/a.tiff]';
    expect(buildOpenAiRequest(requestOf({ input: unseen }))['messages']).toEqual([{ role: 'user', content: line }]);
    expect(buildAnthropicRequest(requestOf({ input: unseen }))['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: line }] },
    ]);
    expect(buildResponseRequest(requestOf({ input: unseen }))['input']).toBe(line);
  });

  test('a model that is known to see none gets the lines, in the history too, and the same elsewhere is shown them', () => {
    const blind = { ...asked(seen), model: 'deepseek-v3' };
    expect(JSON.stringify(buildOpenAiRequest(blind))).not.toContain('AAAA');
    expect(buildOpenAiRequest(blind)['messages']).toContainEqual({ role: 'user', content });
    const old = { ...asked(seen), model: 'claude-2.1' };
    expect(JSON.stringify(buildAnthropicRequest(old))).not.toContain('AAAA');
    expect(JSON.stringify(buildAnthropicRequest(old))).toContain('[Image: /tmp/a.png]');
  });

  test('beside one that is seen, an unseen image keeps its place as a line', () => {
    const mixed = { content: 'x', parts: [image('a.png', 'image/png'), image('b.tiff', 'image/tiff')] };
    expect(buildOpenAiRequest(requestOf({ input: mixed }))['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'text', text: '[Image: /tmp/b.tiff]' },
        ],
      },
    ]);
  });
});
