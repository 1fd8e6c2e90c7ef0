import fc from 'fast-check';
import type { Token } from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { buildBlocks } from './build-nodes.ts';
import { codeText } from './code-chunks.ts';
import { createParser } from './create-parser.ts';
import type { BlockNode } from './markdown-nodes.ts';
import { MarkdownStream, type MarkdownView } from './markdown-stream.ts';

const parser = createParser();

export function blocksOf(view: MarkdownView): BlockNode[] {
  return [...view.groups.flat(), ...view.recent, ...view.tail];
}

/** What the parser makes of the whole text at once, without any of the stream's bookkeeping. */
function readAtOnce(text: string): BlockNode[] {
  const env = {};
  const tokens: Token[] = [];
  parser.block.parse(text.replace(/\r\n?/g, '\n'), parser, env, tokens);
  const state = new parser.core.State('', parser, env);
  state.tokens = tokens;
  parser.core.process(state);
  return buildBlocks(tokens);
}

/** Chunks of code are how it is drawn, not what it is. */
function plain(blocks: readonly BlockNode[]): unknown {
  return JSON.parse(
    JSON.stringify(blocks, (_key, value: unknown) =>
      typeof value === 'object' && value !== null && 'chunks' in value
        ? { ...value, chunks: codeText((value as BlockNode & { kind: 'code' }).chunks) }
        : value,
    ),
  );
}

function readInPieces(text: string, lengths: readonly number[]): BlockNode[] {
  const stream = new MarkdownStream(parser);
  let at = 0;
  for (let index = 0; at < text.length; index++) {
    at += lengths[index % lengths.length] ?? 1;
    stream.read(text.slice(0, at), true);
  }
  return blocksOf(stream.read(text, false));
}

/** Lines whose meaning depends on their neighbours, and the ends of lines between them. */
const line = fc.constantFrom(
  ...[
    '',
    '',
    ' ',
    'words',
    'a **b** c',
    '# head',
    '#',
    '===',
    '---',
    '- a',
    '-',
    '* b',
    '  - c',
    '   more',
    '1. one',
    '2) two',
    '10. ten',
  ],
  ...[
    '> quote',
    '> - in it',
    '>',
    '>> deep',
    '```ts',
    '```',
    '~~~',
    '    code',
    '\tcode',
    '| a | b |',
    '|---|---|',
    'a | b',
    '--|--',
    '| 1 | 2 |',
  ],
  ...[
    '[x]: /url',
    '[x]:',
    "'title",
    "title'",
    '[x] and [y][x]',
    '[^1]: note',
    'see [^1]',
    '$$',
    'x^2',
    '$$y$$',
    '\\[',
    '\\]',
    '- [ ] task',
    '- [x] done',
  ],
  ...[
    '  ```',
    '   a',
    '***',
    '* * *',
    '<div>',
    '</div>',
    '&amp;',
    'https://a.example/b?c',
    '![i](u)',
    'line  ',
    'back\\',
    '| a \\| b |',
    '  | x |',
    '+ plus',
  ],
  ...[
    '`code',
    'a`',
    '[half',
    '](http://x',
    '"t")',
    '  continued',
    '0. zero',
    '1)',
    '   1. three in',
    '- - - -',
    '-\tx',
    ':--',
    '|',
    '~',
    '[a]: <b',
  ],
);
const document = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\n', '\n', '\r\n', '\n\n', '')), { maxLength: 24 })
  .map((parts) => parts.map(([text, end]) => text + end).join(''));
const lengths = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 });

describe('an answer in pieces', () => {
  // Found by the property below: a list that ended within one window was not parted as one that came bit by bit.
  it.each([
    [`${'   1. three in '.repeat(1153)}\n${'1. one\n\n'.repeat(561)}\n${'[x] and [y][x]\n\n'.repeat(1057)}`, 6068],
    [`${'    code\n'.repeat(609)}\n${'   1. three in\n\n'.repeat(1185)}\n${'2) two\n'.repeat(321)}`, 1636],
    [`| a | b |\n|---|---|\n${'| one cell | another |\n'.repeat(1200)}\nEnd.\n`, 700],
  ])('[E6-07] a long list or table is parted at the same places, %#', (text, size) => {
    expect(readInPieces(text, [size])).toEqual(blocksOf(new MarkdownStream(parser).read(text, false)));
  });

  it('[E6-07] any way of cutting a document ends in the blocks of the whole', () => {
    fc.assert(
      fc.property(document, lengths, (text, sizes) => {
        expect(plain(readInPieces(text, sizes))).toEqual(plain(readAtOnce(text)));
      }),
      { numRuns: 3000 },
    );
  });

  it('[E6-07] the same for documents long enough to be parted', () => {
    const long = fc
      .array(fc.tuple(line, fc.integer({ min: 1, max: 900 }), fc.constantFrom('\n', '\n\n', ' ')), {
        minLength: 1,
        maxLength: 8,
      })
      .map((parts) => parts.map(([text, count, end]) => (text + end).repeat(count)).join('\n'));
    // One wide piece among them: a document in single characters takes as long as all others together, and is read above.
    const wide = fc
      .tuple(fc.array(fc.integer({ min: 1, max: 9000 }), { maxLength: 4 }), fc.integer({ min: 500, max: 9000 }))
      .map(([sizes, most]) => [...sizes, most]);
    fc.assert(
      fc.property(long, wide, (text, sizes) => {
        const whole = blocksOf(new MarkdownStream(parser).read(text, false));
        expect(readInPieces(text, sizes)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('[E6-07] a long paragraph behind a list is parted at the same places, whatever has come of what follows it', () => {
    const text = `  - c\n\n${'https://a.example/b?c '.repeat(373)}\n\n\na\`\n`;
    const whole = blocksOf(new MarkdownStream(parser).read(text, false));
    for (const sizes of [[2121, 1985, 1], [8214], [8191, 1]]) expect(readInPieces(text, sizes)).toEqual(whole);
    expect(whole.filter(({ kind }) => kind === 'paragraph')).toHaveLength(3);
  });

  it('[E6-07] what is settled keeps its identity', () => {
    fc.assert(
      fc.property(document, (text) => {
        const stream = new MarkdownStream(parser);
        let before: readonly BlockNode[] = [];
        for (let at = 1; at <= text.length; at++) {
          const { groups, recent } = stream.read(text.slice(0, at), true);
          const settled = [...groups.flat(), ...recent];
          const isReread =
            settled.length < before.length ||
            settled.some((block, index) => index < before.length && block !== before[index]);
          // Only a definition that comes late may change what stood above it.
          if (isReread && !/\]:/.test(text)) throw new Error('A settled block was replaced.');
          before = settled;
        }
      }),
      { numRuns: 300 },
    );
  });
});
