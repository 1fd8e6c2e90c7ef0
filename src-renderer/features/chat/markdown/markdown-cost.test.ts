import { describe, expect, it } from 'vitest';
import { createParser } from './create-parser.ts';
import { MarkdownStream, type MarkdownView } from './markdown-stream.ts';

const parser = createParser();

const sentence = 'Words **with** some `code` and a [link](https://example.com) go on and on. ';
const paragraph = `${sentence.repeat(5)}\n\n`;

/** Long answers, by what they are made of. */
const KINDS: Record<string, (chars: number) => string> = {
  paragraphs: (chars) => paragraph.repeat(chars / paragraph.length),
  'a list': (chars) => `- ${sentence}\n`.repeat(chars / (sentence.length + 3)),
  'a table': (chars) => `| a | b |\n|---|---|\n${'| one cell | **another** cell |\n'.repeat(chars / 31)}`,
  'code that is never closed': (chars) => `\`\`\`ts\n${'const one = 1; // and so on\n'.repeat(chars / 27)}`,
  'one line of code': (chars) => `\`\`\`\n${'x'.repeat(chars)}`,
  'text without a break': (chars) => 'abcdefghi '.repeat(chars / 10),
  'text without a space': (chars) => '漢'.repeat(chars),
  'math that is never closed': (chars) => `$$\n${'x + y\n'.repeat(chars / 6)}`,
  // Long ones, so that each comes with a delta of its own.
  'late definitions': (chars) =>
    'See [a], [b] and [c].\n\n'.repeat(chars / 40) +
    Array.from(
      { length: chars / 800 },
      (_, index) => `[${['a', 'b', 'c'][index] ?? index}]: https://example.com/${'x'.repeat(350)}`,
    ).join('\n'),
  'quotes within quotes': (chars) => `${'>'.repeat(200)} deep\n`.repeat(chars / 206),
  'brackets only': (chars) => '['.repeat(chars),
  'stars only': (chars) => '**a *b '.repeat(chars / 7),
  dollars: (chars) => '$a '.repeat(chars / 3),
  backticks: (chars) => Array.from({ length: Math.sqrt(chars) }, (_, index) => '`'.repeat((index % 97) + 1)).join(' '),
};

function identities(view: MarkdownView): unknown[] {
  return [...view.groups, ...view.recent, ...view.tail];
}

function stream(text: string, deltaChars: number) {
  const reader = new MarkdownStream(parser);
  let drawn = 0;
  let before: unknown[] = [];
  for (let at = deltaChars; at < text.length + deltaChars; at += deltaChars) {
    const now = identities(reader.read(text.slice(0, at), true));
    // What is at its place already is not drawn again.
    drawn += now.filter((block, index) => block !== before[index]).length;
    before = now;
  }
  return { parsedChars: reader.parsedChars, drawn };
}

describe('[E6-07] what a delta costs', () => {
  it.each(Object.keys(KINDS))('%s: twice the length is at most 2.6 times the work', (kind) => {
    const make = KINDS[kind];
    if (make === undefined) throw new Error('No such kind.');
    const deltaChars = 200;
    const [half, whole] = [30_000, 60_000].map((chars) => stream(make(chars), deltaChars));
    expect((whole?.parsedChars ?? 0) / (half?.parsedChars ?? 1)).toBeLessThan(2.6);
    expect((whole?.drawn ?? 0) / (half?.drawn ?? 1)).toBeLessThan(2.6);
  });

  it('in an ordinary answer, a delta reads its own paragraph and draws a block or two', () => {
    const text = paragraph.repeat(400);
    const deltas = text.length / 20;
    const { parsedChars, drawn } = stream(text, 20);
    expect(parsedChars / deltas).toBeLessThan(paragraph.length * 2);
    expect(drawn / deltas).toBeLessThan(2.2);
  });

  it('what is read at once is read once', () => {
    const text = paragraph.repeat(2500);
    const reader = new MarkdownStream(parser);
    reader.read(text, false);
    expect(reader.parsedChars / text.length).toBeLessThan(2.2);
    // Shown again as it is, it costs nothing.
    const before = reader.parsedChars;
    reader.read(`${text}`, false);
    expect(reader.parsedChars).toBe(before);
  });
});

describe('[E6-07] nesting without an end', () => {
  it.each([
    ['quotes', `${'>'.repeat(100_000)} deep`],
    ['lists', Array.from({ length: 400 }, (_, level) => `${' '.repeat(level * 2)}- level ${level}`).join('\n')],
    ['emphasis', `${'*a **b '.repeat(20_000)}`],
    ['closed emphasis', `${'**a *b '.repeat(800)}${'*** '.repeat(800)}`],
    ['links', `${'['.repeat(8000)}x${'](u)'.repeat(8000)}`],
    ['pictures', `${'!['.repeat(3000)}x${'](u)'.repeat(3000)}`],
    ['brackets and brackets', '[a]('.repeat(4000)],
    ['angle brackets', '<'.repeat(16_000)],
    ['entities', '&'.repeat(16_000)],
    ['a row of cells', `|${'a|'.repeat(7000)}\n|${'-|'.repeat(7000)}\n`],
    ['empty cells', `|${'a|'.repeat(500)}\n|${'-|'.repeat(500)}\n${'|\n'.repeat(2000)}`],
  ])('%s: it is read, it is bounded, and nothing is lost', (_what, text) => {
    const view = new MarkdownStream(parser).read(text, false);
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? 1 + Math.max(0, ...Object.values(value).map((each) => depthOf(each)))
        : 0;
    expect(depthOf([view.groups, view.recent, view.tail])).toBeLessThan(180);
  });

  it('text below the deepest level is kept', () => {
    const text = Array.from({ length: 100 }, (_, level) => `${'> '.repeat(level)}level ${level}`).join('\n\n');
    const shown = JSON.stringify(new MarkdownStream(parser).read(text, false));
    for (let level = 0; level < 100; level++) expect(shown).toContain(`level ${level}`);
  });
});
