import { describe, expect, it } from 'vitest';
import { pastedFiles } from './pasted-files.ts';

const names = (files: string[], text: string) =>
  pastedFiles(
    files.map((name) => ({ name })),
    text,
  ).map((file) => file.name);

describe('a paste', () => {
  it.each([
    [['image.png'], '', ['image.png']],
    [['image.png'], 'the copied cells', []],
    // A file manager puts the names of its files beside them as text.
    [['report.pdf'], 'report.pdf', ['report.pdf']],
    [['a.png', 'image.png'], 'a.png', ['a.png', 'image.png']],
    [[], 'text', []],
  ])('[E6-01] of %j beside “%s” means %j', (files, text, meant) => {
    expect(names(files, text)).toEqual(meant);
  });
});
