import { describe, expect, it } from 'vitest';
import { type ContentBlock, inputText } from '#contract/message';
import { blockOf, messageInput, partsOf } from './message-input.ts';

const image = { id: '1', name: 'a.png', path: '/f/1.png', mediaType: 'image/png', sizeBytes: 1, isImage: true };
const table = { id: '2', name: 'b.csv', path: '/f/2.csv', mediaType: '', sizeBytes: 1, isImage: false };

describe('input of a message', () => {
  it('[E6-01] text comes first, then the files in their order', () => {
    expect(messageInput('Look', [blockOf(image), blockOf(table)])).toEqual([
      { type: 'text', text: 'Look' },
      { type: 'image', name: 'a.png', path: '/f/1.png', media_type: 'image/png' },
      { type: 'file', name: 'b.csv', path: '/f/2.csv' },
    ]);
  });

  it('[E6-01] an image alone is a message; no file is plain text', () => {
    expect(messageInput('  ', [blockOf(image)])).toEqual([blockOf(image)]);
    expect(messageInput('Look', [])).toBe('Look');
  });

  it('[E6-01] a stored message comes apart into what it was made of', () => {
    const blocks = messageInput('Look\nhere', [blockOf(image)]) as ContentBlock[];
    expect(partsOf({ content: inputText(blocks), content_blocks: blocks })).toEqual({
      text: 'Look\nhere',
      files: [blockOf(image)],
    });
    expect(partsOf({ content: 'plain', content_blocks: null })).toEqual({ text: 'plain', files: [] });
  });
});
