import { describe, expect, it } from 'vitest';
import { createParser } from './create-parser.ts';
import { firstHeadingOf, headingDepths, headingShiftOf } from './heading-shift.ts';
import { MarkdownStream } from './markdown-stream.ts';

function firstOf(reader: MarkdownStream, text: string, live: boolean): number | null {
  const { groups, recent, tail } = reader.read(text, live);
  return firstHeadingOf([...groups.flat(), ...recent, ...tail]);
}

describe('[E6-07] headings of an answer', () => {
  it.each([
    ['no heading', null, 0],
    ['# One\n### Three', 1, 0],
    ['## Goal\ntext\n### Part', 2, 1],
    ['```sh\n# a comment\n```\n#### Deep', 4, 3],
    ['#hashtag\n\n## Goal', 2, 1],
    ['Title\n---\n\n# One', 2, 1],
    ['- # in a list\n\n### Out', 3, 2],
  ])('begin below the page’s title: %j', (text, level, shift) => {
    const first = firstOf(new MarkdownStream(createParser()), text, false);
    expect(first).toBe(level);
    expect(headingShiftOf(first)).toBe(shift);
  });

  it('keep their place while more comes', () => {
    const text = `Text.\n\n## First\n\n${'A paragraph with `words`.\n\n'.repeat(40)}# Later\n\n### Last\n`;
    const reader = new MarkdownStream(createParser());
    const seen = new Set<number | null>();
    for (let at = 1; at <= text.length; at += 3) seen.add(firstOf(reader, text.slice(0, at), true));
    expect([...seen]).toEqual([null, 2]);
  });

  it.each([
    ['# A\n\n## B\n\n### C\n\n# D', [1, 2, 3, 1]],
    ['## A\n\n#### B\n\n#### C\n\n## D', [1, 2, 2, 1]],
    ['#### A\n\n## B\n\n#### C', [1, 1, 2]],
    ['# A\n\n###### B\n\n### C\n\n###### D', [1, 2, 2, 3]],
  ])('leave no level out: %j', (text, wanted) => {
    const { groups, recent, tail } = new MarkdownStream(createParser()).read(text, false);
    const blocks = [...groups.flat(), ...recent, ...tail];
    const depths = headingDepths(blocks, '').depths.filter((depth) => depth !== null);
    expect(depths).toEqual(wanted);
    // Read in parts, as groups are, it comes to the same.
    const parts = blocks.map((block) => [block]);
    let path = '';
    const one = parts.flatMap((part) => {
      const { depths: some, after } = headingDepths(part, path);
      path = after;
      return some.filter((depth) => depth !== null);
    });
    expect(one).toEqual(wanted);
  });
});
