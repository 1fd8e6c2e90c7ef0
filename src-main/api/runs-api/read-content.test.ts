import { describe, expect, it } from 'vitest';
import { readContentBlock } from './read-content.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const base64 = PNG.toString('base64');
const url = `data:image/png;base64,${base64}`;

const read = (block: Record<string, unknown> & { type: string }) =>
  readContentBlock(block, 'input.messages[0].content[0]', 1);

describe('[E8-02] a part of a program’s message', () => {
  it.each([
    ['OpenAI’s object', { type: 'image_url', image_url: { url, detail: 'low' } }],
    ['OpenAI’s text', { type: 'image_url', image_url: url }],
    ['Anthropic’s', { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64 } }],
    ['LangChain’s first', { type: 'image', source_type: 'base64', mime_type: 'image/png', data: base64 }],
    ['LangChain’s second', { type: 'image', mimeType: 'image/png', data: base64, id: 'x' }],
    ['an address of its own', { type: 'image', url }],
    ['address-safe letters', { type: 'image', mimeType: 'image/png', data: PNG.toString('base64url') }],
  ])('takes an image in %s way of writing it', (_name, block) => {
    expect(read(block)).toEqual({ type: 'image', name: 'image-1.png', mediaType: 'image/png', bytes: PNG });
  });

  it('takes a file with its name, also text, and the text between', () => {
    const data = Buffer.from('a,b\n1,2\n').toString('base64');
    const file = { type: 'file', file: { filename: 'table.csv', file_data: `data:text/csv;base64,${data}` } };
    expect(read(file)).toMatchObject({ type: 'file', name: 'table.csv', mediaType: 'text/csv' });
    expect(read({ type: 'file', mimeType: 'text/csv', data, metadata: { filename: 'x.csv' } })).toMatchObject({
      name: 'x.csv',
    });
    expect(read({ type: 'file', data })).toMatchObject({ name: 'file-1' });
    expect(read({ type: 'text', text: 'half \ud800' })).toEqual({ type: 'text', text: 'half \ufffd' });
  });

  it.each([
    ['somewhere else', { type: 'image_url', image_url: { url: 'https://example.org/a.png' } }, 'fetches nothing'],
    ['a file of this computer', { type: 'image', url: 'file:///etc/passwd' }, 'fetches nothing'],
    ['an address without Base64', { type: 'image_url', image_url: 'data:image/svg+xml,<svg/>' }, 'holds Base64'],
    ['nothing', { type: 'image' }, 'no file'],
    ['not Base64', { type: 'image', data: '%%%' }, 'not Base64'],
    ['empty', { type: 'image_url', image_url: 'data:image/png;base64,' }, 'not Base64'],
    ['HTML as an image', { type: 'image', data: Buffer.from('<script>').toString('base64') }, 'its bytes are none'],
    ['another kind', { type: 'audio', data: base64 }, 'no content of the type “audio”'],
    ['text without text', { type: 'text' }, 'has none'],
  ])('refuses %s and says where', (_name, block, sentence) => {
    expect(() => read(block)).toThrow(sentence);
    expect(() => read(block)).toThrow('input.messages[0].content[0]');
  });
});
