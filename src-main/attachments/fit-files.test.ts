import { describe, expect, it } from 'vitest';
import { MAX_TEXT_FILE_BYTES } from '#contract/limits';
import type { DraftedFile } from '#contract/message-fit';
import { fitFiles } from './fit-files.ts';
import { MAX_IMAGE_BYTES } from './load-parts.ts';

const file = (path: string, mediaType: string, sizeBytes: number | null = 1000): DraftedFile => ({
  path,
  mediaType,
  sizeBytes,
  isImage: mediaType.startsWith('image/'),
});
const image = (path: string, sizeBytes: number | null = 1000) => file(path, 'image/png', sizeBytes);
const told = (kind: Parameters<typeof fitFiles>[0], model: string | null, files: DraftedFile[], budgetBytes = 1e9) =>
  fitFiles(kind, model, files, budgetBytes).map(({ path, reason }) => `${path}: ${reason}`);

describe('[E6-02] what of a message’s files will be a line with their name', () => {
  it('a picture for a model that is known to see none, and for no other', () => {
    expect(told('openai-chat', 'deepseek-v3', [image('a')])).toEqual(['a: no_vision']);
    expect(told('openai-chat', 'gpt-4o', [image('a')])).toEqual([]);
    expect(told('openai-chat', 'a-model-nobody-knows', [image('a')])).toEqual([]);
    expect(told('openai-chat', null, [image('a')])).toEqual([]);
  });

  it('a document, whatever the model sees; text of a size that is written out is none', () => {
    const files = [file('a.pdf', 'application/pdf'), file('b.md', 'text/markdown'), file('c.json', 'application/json')];
    expect(told('anthropic', 'claude-sonnet-4-5', files)).toEqual(['a.pdf: kind']);
  });

  it('what is larger than can be sent, at the byte', () => {
    const files = [
      image('a', MAX_IMAGE_BYTES),
      image('b', MAX_IMAGE_BYTES + 1),
      file('c', 'text/plain', MAX_TEXT_FILE_BYTES),
      file('d', 'text/plain', MAX_TEXT_FILE_BYTES + 1),
    ];
    expect(told('openai-chat', 'gpt-4o', files)).toEqual(['b: image_size', 'd: text_size']);
  });

  it('what comes after as much as one message carries; what does not go along takes no room', () => {
    const files = [image('a', 600), file('x.pdf', 'application/pdf', 900), image('b', 600), image('c', 400)];
    expect(told('openai-chat', 'gpt-4o', files, 1000)).toEqual(['x.pdf: kind', 'b: budget']);
  });

  it('nothing is claimed of what an agent opens, or of what is not known any more; the demo looks at nothing', () => {
    const files = [image('a', null), file('b', '', null), file('c', 'text/plain', null)];
    expect(told('openai-chat', 'gpt-4o', files)).toEqual([]);
    expect(told('hermes', 'deepseek-v3', [image('a'), file('b.pdf', 'application/pdf')])).toEqual([]);
    expect(told('demo', null, [image('a')])).toEqual(['a: demo']);
  });
});
