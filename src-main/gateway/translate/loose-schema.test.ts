import { expect, test } from 'vitest';
import { withItems } from './loose-schema.ts';
import { translateRequest } from './translation.ts';

// BUG: an MCP server's list without `items` made OpenAI refuse the whole request, which Anthropic takes.

test('a list that does not say what is in it gets a place for anything, wherever it stands', () => {
  const schema = {
    type: 'object',
    properties: {
      tags: { type: 'array', description: 'Words.' },
      either: { anyOf: [{ type: 'array' }, { type: 'null' }] },
      rows: { type: ['array', 'null'], items: { type: 'array' } },
      type: { type: 'string' },
    },
    $defs: { list: { type: 'array' } },
    additionalProperties: { type: 'array' },
  };
  expect(withItems(schema)).toEqual({
    type: 'object',
    properties: {
      tags: { type: 'array', description: 'Words.', items: {} },
      either: { anyOf: [{ type: 'array', items: {} }, { type: 'null' }] },
      rows: { type: ['array', 'null'], items: { type: 'array', items: {} } },
      type: { type: 'string' },
    },
    $defs: { list: { type: 'array', items: {} } },
    additionalProperties: { type: 'array', items: {} },
  });
  expect(schema.properties.tags).toEqual({ type: 'array', description: 'Words.' });
});

test('a schema in which nothing is missing is the very same', () => {
  const schema = {
    type: 'object',
    properties: { items: { type: 'string' }, n: { type: 'array', items: {} } },
    required: ['n'],
  };
  expect(withItems(schema)).toBe(schema);
  const odd = { type: 'object', properties: null, anyOf: 'x', items: true };
  expect(withItems(odd)).toBe(odd);
});

test.each(['openai-chat', 'openai-responses'] as const)(
  '[E11-07] a tool of a messages client with such a list is taken by %s',
  (upstream) => {
    const tools = [{ name: 'tag', input_schema: { type: 'object', properties: { tags: { type: 'array' } } } }];
    const body = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'Hi.' }], tools };
    const { body: written } = translateRequest('anthropic-messages', upstream, body, {
      model: 'm',
      thinking: 'as-asked',
    });
    expect(JSON.stringify(written)).toContain('"tags":{"type":"array","items":{}}');
  },
);
