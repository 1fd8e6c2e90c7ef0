import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBlockArray } from './block-array.ts';

const BLOCKS = [
  { type: 'thinking', thinking: 'She’s asking for 1 + 1.' },
  { type: 'text', text: 'It’s ' },
  { type: 'text', text: '2, isn\'t "it"?' },
  { type: 'tool_use', id: 'toolu_1', name: 'search', input: { query: "it's", deep: [true, null] } },
  { type: 'text', text: 'Done.\n' },
];
const PARSED = {
  text: 'It’s 2, isn\'t "it"?\n\nDone.\n',
  reasoning: 'She’s asking for 1 + 1.',
  toolCalls: [
    {
      id: 'toolu_1',
      type: 'function',
      function: { name: 'search', arguments: `{"query":"it's","deep":[true,null]}` },
    },
  ],
};
const PYTHON =
  "[{'type': 'thinking', 'thinking': 'She’s asking for 1 + 1.'}, {'type': 'text', 'text': 'It’s '}, " +
  `{'type': 'text', 'text': '2, isn\\'t "it"?'}, {'type': 'tool_use', 'id': 'toolu_1', 'name': 'search', ` +
  `'input': {'query': "it's", 'deep': [True, None]}}, {'type': 'text', 'text': 'Done.\\n'}]`;
/** The text in quotes, as Python writes a text that holds both kinds. */
const inPython = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;

describe('a serialised list of content blocks', () => {
  it.each([
    ['JSON', JSON.stringify(BLOCKS)],
    ['JSON over several lines', JSON.stringify(BLOCKS, null, 2)],
    ['JSON as a JSON string', JSON.stringify(JSON.stringify(BLOCKS))],
    ['JSON over several lines as a JSON string', JSON.stringify(JSON.stringify(BLOCKS, null, 2))],
    ['JSON as a Python string', inPython(JSON.stringify(BLOCKS))],
    ['Python', PYTHON],
    ['Python as a JSON string', JSON.stringify(PYTHON)],
    ['Python as a Python string', inPython(PYTHON)],
    ['JSON with unicode escapes', JSON.stringify(BLOCKS).replaceAll('’', '\\u2019')],
    ['JSON with space around it', `\n ${JSON.stringify(BLOCKS)} \n`],
  ])('[E6-03] is taken apart from %s', (_name, text) => {
    expect(parseBlockArray(text)).toEqual(PARSED);
  });

  it.each([
    ['a list of numbers', '[1,2,3]'],
    ['a link', '[link](x)'],
    ['an empty list', '[]'],
    ['a list of empty lists', '[[]]'],
    ['a list of texts', '["text"]'],
    ['a quoted sentence', '"It’s None of your business."'],
    ['a sentence in single quotes', "'True', she said, 'isn't False'"],
    ['a quoted list of numbers', '"[1,2,3]"'],
    ['a list of other objects', '[{"a":1}]'],
    ['a list in which one block is unknown', '[{"type":"text","text":"a"},{"type":"video","url":"b"}]'],
    ['a list with an object in words', "[TextBlock(text='a', type='text')]"],
    ['a text block without text', '[{"type":"text"}]'],
    ['a text block whose text is none', '[{"type":"text","text":1}]'],
    ['a call without an id', '[{"type":"tool_use","name":"f","input":{}}]'],
    ['a call whose input is a list', '[{"type":"tool_use","id":"a","name":"f","input":[1]}]'],
    [
      'a call with a number that would come out as another',
      '[{"type":"tool_use","id":"a","name":"f","input":{"n":9007199254740993}}]',
    ],
    ['half JSON, half Python', `[{"type":"text","text":"a","x":true,'y':None}]`],
    ['words behind it', '[{"type":"text","text":"a"}] and so on'],
    ['words before it', 'Here: [{"type":"text","text":"a"}]'],
    ['quotes that were put around it without care', '"[{"type":"text","text":"a"}]"'],
    ['two layers of quotes', JSON.stringify(JSON.stringify(JSON.stringify(BLOCKS)))],
    ['quotes that differ', `"[{'type': 'text', 'text': 'a'}]'`],
  ])('[E6-03] [BUG-A20] %s stays as it is', (_name, text) => {
    expect(parseBlockArray(text)).toBeNull();
  });

  it('[E6-03] a list cut short stays as it is, wherever it is cut', () => {
    for (const text of [JSON.stringify(BLOCKS), PYTHON, JSON.stringify(PYTHON), inPython(PYTHON)]) {
      for (let length = 0; length < text.length; length++) expect(parseBlockArray(text.slice(0, length))).toBeNull();
    }
  });

  it('[BUG-A20] ordinary text is never taken apart', () => {
    const words = fc.constantFrom(
      "it's",
      'True',
      'None',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      ', ',
      ': ',
      'type',
      'text',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 20 }), (parts) => {
        expect(parseBlockArray(parts.join(''))).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it('[E6-03] a result in the list keeps its text, as a paragraph of its own', () => {
    const list = [
      { type: 'text', text: 'Looking.' },
      { type: 'tool_use', id: 'a', name: 'f', input: {} },
      {
        type: 'tool_result',
        tool_use_id: 'a',
        content: [
          { type: 'text', text: 'found ' },
          { type: 'text', text: 'it' },
        ],
      },
      { type: 'tool_result', tool_use_id: 'b', content: 'and this' },
      { type: 'text', text: 'Good.' },
    ];
    expect(parseBlockArray(JSON.stringify(list))?.text).toBe('Looking.\n\nfound it\n\nand this\n\nGood.');
  });

  it('[E6-03] arguments that are text already are not written twice, and none are an empty object', () => {
    const args = (input: unknown) =>
      parseBlockArray(JSON.stringify([{ type: 'tool_use', id: 'a', name: 'f', input }]))?.toolCalls[0]?.function
        .arguments;
    expect(args('{"q": 1}')).toBe('{"q": 1}');
    expect(args(undefined)).toBe('{}');
    expect(args('{"q": ')).toBeUndefined();
  });

  it('what it says can be stored: a lone half of a character becomes U+FFFD', () => {
    expect(parseBlockArray('[{"type":"text","text":"a\\ud83d"}]')?.text).toBe('a\ufffd');
  });

  it('arguments without a bottom are refused, not followed', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(parseBlockArray(`[{"type":"tool_use","id":"a","name":"f","input":{"x":${deep}}}]`)).toBeNull();
  });
});
