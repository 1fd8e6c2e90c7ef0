import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import type { ImportSource } from '#contract/data';
import { tempDir } from '../../testing/temp-dir.ts';
import { openImport } from '../read-import.ts';

// Written by hand from the field names that the head of each reader names, and from nobody's data.

interface Expected {
  title: string;
  instructions?: string;
  createdAtMs?: number;
  messages: [role: string, content: string, reasoning?: string][];
}

const AT = 1_700_000_000_000;

const chatGptNode = (id: string, parent: string | null, children: string[], message: object | null) => ({
  [id]: { id, parent, children, message },
});
const say = (role: string, content: object, extra: object = {}) => ({
  id: 'x',
  author: { role, name: null, metadata: {} },
  create_time: AT / 1000,
  content,
  status: 'finished_successfully',
  recipient: 'all',
  metadata: {},
  ...extra,
});

const CHATGPT = [
  {
    conversation_id: 'g1',
    id: 'g1',
    title: 'Locks and gates',
    create_time: AT / 1000,
    update_time: AT / 1000 + 60,
    default_model_slug: 'gpt-5',
    current_node: 'e',
    mapping: {
      ...chatGptNode('root', null, ['a'], null),
      ...chatGptNode(
        'a',
        'root',
        ['b'],
        say(
          'system',
          { content_type: 'text', parts: [''] },
          { metadata: { is_visually_hidden_from_conversation: true } },
        ),
      ),
      ...chatGptNode(
        'b',
        'a',
        ['c', 'old'],
        say('user', {
          content_type: 'multimodal_text',
          parts: [{ content_type: 'image_asset_pointer' }, 'What is this?'],
        }),
      ),
      // A branch that is not shown.
      ...chatGptNode('old', 'b', [], say('assistant', { content_type: 'text', parts: ['An older answer'] })),
      ...chatGptNode(
        'c',
        'b',
        ['d'],
        say('assistant', { content_type: 'thoughts', thoughts: [{ summary: 's', content: 'Looks like a sluice' }] }),
      ),
      ...chatGptNode('d', 'c', ['t'], say('assistant', { content_type: 'code', language: 'python', text: 'print(1)' })),
      ...chatGptNode('t', 'd', ['e'], say('tool', { content_type: 'execution_output', text: '1' })),
      ...chatGptNode('e', 't', [], say('assistant', { content_type: 'text', parts: ['A sluice.'] })),
    },
  },
];

const LIBRECHAT = {
  conversationId: 'l1',
  endpoint: 'openAI',
  title: 'Weirs',
  exportAt: '10:00:00 GMT',
  branches: true,
  recursive: false,
  options: { model: 'gpt-5', promptPrefix: 'Be brief.' },
  messages: [
    {
      messageId: '1',
      parentMessageId: '00000000-0000-0000-0000-000000000000',
      sender: 'User',
      text: 'Hi',
      isCreatedByUser: true,
      createdAt: new Date(AT).toISOString(),
    },
    { messageId: '2', parentMessageId: '1', sender: 'GPT', text: 'An older answer', isCreatedByUser: false },
    {
      messageId: '3',
      parentMessageId: '1',
      sender: 'GPT',
      text: '',
      content: [
        { type: 'think', think: 'Hm' },
        { type: 'text', text: { value: 'Hello' } },
      ],
      isCreatedByUser: false,
    },
  ],
};

const LIBRECHAT_TREE = {
  conversationId: 'l2',
  title: 'A tree',
  recursive: true,
  messagesTree: [
    {
      messageId: '1',
      text: 'Hi',
      isCreatedByUser: true,
      children: [
        { messageId: '2', text: 'An older answer', isCreatedByUser: false, children: [] },
        { messageId: '3', text: 'Hello', isCreatedByUser: false, children: [] },
      ],
    },
  ],
};

const CHATBOX = {
  __exported_items: ['conversations', 'setting'],
  __exported_at: new Date(AT).toISOString(),
  settings: { providers: { openai: { apiKey: 'sk-not-to-be-read' } } },
  'chat-sessions-list': [{ id: 'b1', name: 'Canals' }],
  'session:b1': {
    id: 'b1',
    name: 'Canals',
    type: 'chat',
    messages: [
      { id: '0', role: 'system', contentParts: [{ type: 'text', text: 'You keep a canal.' }], timestamp: AT },
      {
        id: '1',
        role: 'user',
        contentParts: [
          { type: 'text', text: 'Hi' },
          { type: 'image', storageKey: 'k' },
        ],
        timestamp: AT,
      },
      {
        id: '2',
        role: 'assistant',
        contentParts: [
          { type: 'reasoning', text: 'Hm' },
          { type: 'text', text: 'Hello' },
        ],
        timestamp: AT + 1,
      },
    ],
    threads: [
      {
        id: 't1',
        name: 'Before',
        createdAt: AT - 1000,
        messages: [{ id: '3', role: 'user', content: 'Earlier', timestamp: AT - 1000 }],
      },
    ],
  },
};

const CHATBOX_OLD = {
  'chat-sessions': [
    {
      id: 'b2',
      name: 'Old',
      messages: [
        { id: '1', role: 'user', content: 'Hi', timestamp: AT },
        { id: '2', role: 'assistant', content: 'Hello' },
      ],
    },
  ],
};

const CHERRY = {
  time: AT,
  version: 5,
  localStorage: {
    'persist:cherry-studio': JSON.stringify({
      assistants: JSON.stringify({
        assistants: [
          {
            id: 'as',
            name: 'Helper',
            prompt: 'Be kind.',
            topics: [
              { id: 'c1', name: 'Dams', createdAt: new Date(AT).toISOString(), updatedAt: new Date(AT).toISOString() },
            ],
          },
        ],
      }),
      llm: JSON.stringify({ providers: [{ apiKey: 'sk-not-to-be-read' }] }),
    }),
  },
  indexedDB: {
    topics: [
      {
        id: 'c1',
        messages: [
          {
            id: '1',
            role: 'user',
            topicId: 'c1',
            assistantId: 'as',
            createdAt: new Date(AT).toISOString(),
            status: 'success',
            blocks: ['k1', 'k2'],
          },
          {
            id: '2',
            role: 'assistant',
            topicId: 'c1',
            assistantId: 'as',
            createdAt: new Date(AT + 5).toISOString(),
            status: 'success',
            blocks: ['k3', 'k4'],
          },
        ],
      },
      // Before blocks there was text in the message itself.
      { id: 'c2', messages: [{ id: '3', role: 'user', content: 'Old', createdAt: new Date(AT).toISOString() }] },
    ],
    message_blocks: [
      { id: 'k1', messageId: '1', type: 'main_text', content: 'Hi', status: 'success' },
      { id: 'k2', messageId: '1', type: 'file', file: { origin_name: 'plan.pdf' }, status: 'success' },
      { id: 'k3', messageId: '2', type: 'thinking', content: 'Hm', status: 'success' },
      { id: 'k4', messageId: '2', type: 'main_text', content: 'Hello', status: 'success' },
    ],
  },
};

const FIXTURES: [name: string, value: unknown, source: ImportSource, expected: Expected[]][] = [
  [
    'ChatGPT',
    CHATGPT,
    'chatgpt',
    [
      {
        title: 'Locks and gates',
        createdAtMs: AT,
        messages: [
          ['user', '[Image]\n\nWhat is this?'],
          ['assistant', '```python\nprint(1)\n```', 'Looks like a sluice'],
          ['assistant', 'A sluice.'],
        ],
      },
    ],
  ],
  [
    'LibreChat',
    LIBRECHAT,
    'librechat',
    [
      {
        title: 'Weirs',
        instructions: 'Be brief.',
        createdAtMs: AT,
        messages: [
          ['user', 'Hi'],
          ['assistant', 'Hello', 'Hm'],
        ],
      },
    ],
  ],
  [
    'LibreChat, as a tree',
    LIBRECHAT_TREE,
    'librechat',
    [
      {
        title: 'A tree',
        messages: [
          ['user', 'Hi'],
          ['assistant', 'Hello'],
        ],
      },
    ],
  ],
  [
    'Chatbox',
    CHATBOX,
    'chatbox',
    [
      { title: 'Before', createdAtMs: AT - 1000, messages: [['user', 'Earlier']] },
      {
        title: 'Canals',
        instructions: 'You keep a canal.',
        createdAtMs: AT,
        messages: [
          ['user', 'Hi\n\n[Image]'],
          ['assistant', 'Hello', 'Hm'],
        ],
      },
    ],
  ],
  [
    'Chatbox, older',
    CHATBOX_OLD,
    'chatbox',
    [
      {
        title: 'Old',
        messages: [
          ['user', 'Hi'],
          ['assistant', 'Hello'],
        ],
      },
    ],
  ],
  [
    'Cherry Studio',
    CHERRY,
    'cherry',
    [
      {
        title: 'Dams',
        instructions: 'Be kind.',
        createdAtMs: AT,
        messages: [
          ['user', 'Hi\n\n[File: plan.pdf]'],
          ['assistant', 'Hello', 'Hm'],
        ],
      },
      { title: 'Old', messages: [['user', 'Old']] },
    ],
  ],
];

async function zipOf(files: Record<string, string>): Promise<string> {
  const path = join(tempDir(), 'export.zip');
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  await pipeline(zip.outputStream as Readable, createWriteStream(path));
  return path;
}

async function read(path: string): Promise<{ source: ImportSource; text: string; found: Expected[] }> {
  const source = await openImport(path, 'export');
  const found: Expected[] = [];
  let text = '';
  for await (const { conversation } of source.items()) {
    expect(conversation).not.toBeNull();
    if (conversation === null) continue;
    text += JSON.stringify(conversation);
    const { session, messages } = conversation;
    found.push({
      title: String(session['title']),
      ...(session['instructions'] === null ? {} : { instructions: String(session['instructions']) }),
      createdAtMs: Number(session['created_at_ms']),
      messages: messages.map(({ role, content, reasoning }): Expected['messages'][number] =>
        reasoning === null ? [String(role), String(content)] : [String(role), String(content), String(reasoning)],
      ),
    });
  }
  source.close();
  return { source: source.source, text, found };
}

describe('exports of other programs', () => {
  for (const [name, value, source, expected] of FIXTURES) {
    it(`[E12] ${name}: names, instructions, times, the branch that is shown, and nothing of its settings`, async () => {
      const path = join(tempDir(), 'export.json');
      writeFileSync(path, JSON.stringify(value));
      const given = await read(path);
      expect(given.source).toBe(source);
      expect(given.found).toMatchObject(expected);
      expect(given.found).toHaveLength(expected.length);
      expect(given.text).not.toContain('sk-not-to-be-read');
    });
  }

  it('[E12] zipped as they come: Cherry Studio, and ChatGPT in several files', async () => {
    const cherry = await read(await zipOf({ 'data.json': JSON.stringify(CHERRY), 'Data/Files/a.pdf': 'x' }));
    expect(cherry.source).toBe('cherry');
    const second = [{ ...CHATGPT[0], conversation_id: 'g2', title: 'Second' }];
    const chatGpt = await read(
      await zipOf({
        'conversations-000.json': JSON.stringify(CHATGPT),
        'conversations-001.json': JSON.stringify(second),
        'user.json': '{"id":"u"}',
        'chat.html': '<p>',
      }),
    );
    expect(chatGpt.found.map((each) => each.title)).toEqual(['Locks and gates', 'Second']);
  });

  it('[E12] a later backup of Cherry Studio is told apart and refused with its reason', async () => {
    const path = await zipOf({ 'IndexedDB/file__0.indexeddb.leveldb/000003.log': 'x', 'metadata.json': '{}' });
    await expect(openImport(path, 'backup.zip')).rejects.toThrow(/only Cherry Studio can read/);
  });

  it('[E12] the same file twice gives the same ids, so that the second is known', async () => {
    const path = join(tempDir(), 'export.json');
    writeFileSync(path, JSON.stringify(CHATGPT));
    expect((await read(path)).text).toBe((await read(path)).text);
  });

  it('[E12] nodes that name each other in a circle end', async () => {
    const path = join(tempDir(), 'export.json');
    const mapping = {
      ...chatGptNode('a', 'b', ['b'], say('user', { content_type: 'text', parts: ['one'] })),
      ...chatGptNode('b', 'a', ['a'], say('assistant', { content_type: 'text', parts: ['two'] })),
    };
    writeFileSync(path, JSON.stringify([{ conversation_id: 'x', title: 'Circle', mapping, current_node: 'b' }]));
    expect((await read(path)).found[0]?.messages).toHaveLength(2);
  });
});
