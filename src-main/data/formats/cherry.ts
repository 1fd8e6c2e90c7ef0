import { type Fields, type ForeignItem, fieldsOf, listOf, momentOf, textOf, toItem } from './foreign.ts';

// Cherry Studio's backup up to version 5: `data.json` in a zip. Field names: github.com/CherryHQ/cherry-studio,
// src/renderer/src/services/BackupService.ts (the outer object) and src/renderer/src/types/newMessage.ts (messages and
// blocks), read November 2026. Later backups are a copy of its browser's own files, which nothing outside can read.
// Names of conversations stand in its settings, which may hold keys: nothing else of them is looked at.

export function isCherry(value: unknown): boolean {
  return Array.isArray(fieldsOf(fieldsOf(value)['indexedDB'])['topics']);
}

/** What its store keeps as text with JSON in it, twice over. */
function unpacked(value: unknown): Fields {
  if (typeof value !== 'string') return fieldsOf(value);
  try {
    return fieldsOf(JSON.parse(value));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return {};
    throw thrown;
  }
}

interface Topic {
  name: string | null;
  prompt: string | null;
  createdAtMs: number | null;
  updatedAtMs: number | null;
}

function topicsOf(localStorage: Fields): Map<string, Topic> {
  const { assistants } = unpacked(unpacked(localStorage['persist:cherry-studio'])['assistants']);
  const topics = new Map<string, Topic>();
  for (const assistant of listOf(assistants).map(fieldsOf)) {
    for (const topic of listOf(assistant['topics']).map(fieldsOf)) {
      const id = textOf(topic['id']);
      if (id === null) continue;
      topics.set(id, {
        name: textOf(topic['name']),
        prompt: textOf(topic['prompt']) ?? textOf(assistant['prompt']),
        createdAtMs: momentOf(topic['createdAt']),
        updatedAtMs: momentOf(topic['updatedAt']),
      });
    }
  }
  return topics;
}

function blocksText(blocks: readonly Fields[]): string {
  return blocks
    .map((block) => {
      switch (block['type']) {
        case 'main_text':
          return textOf(block['content']) ?? '';
        case 'code':
          return `\`\`\`${textOf(block['language']) ?? ''}\n${textOf(block['content']) ?? ''}\n\`\`\``;
        case 'image':
          return '[Image]';
        case 'file':
          return `[File: ${textOf(fieldsOf(block['file'])['origin_name']) ?? textOf(fieldsOf(block['file'])['name']) ?? 'unnamed'}]`;
        default:
          return '';
      }
    })
    .filter((text) => text !== '')
    .join('\n\n');
}

export function readCherry(value: unknown): ForeignItem[] {
  const { indexedDB, localStorage } = fieldsOf(value);
  const database = fieldsOf(indexedDB);
  const named = topicsOf(fieldsOf(localStorage));
  const blocks = new Map(
    listOf(database['message_blocks'])
      .map(fieldsOf)
      .map((block) => [textOf(block['id']), block]),
  );
  return listOf(database['topics'])
    .map(fieldsOf)
    .map((topic) => {
      const id = textOf(topic['id']);
      const known = id === null ? undefined : named.get(id);
      return toItem(known?.name ?? null, {
        sourceId: id,
        createdAtMs: known?.createdAtMs ?? null,
        updatedAtMs: known?.updatedAtMs ?? null,
        instructions: known?.prompt ?? null,
        messages: listOf(topic['messages']).flatMap((each) => {
          const message = fieldsOf(each);
          const { role } = message;
          if (role !== 'user' && role !== 'assistant') return [];
          const own = listOf(message['blocks']).flatMap((blockId): Fields[] => {
            const block = blocks.get(textOf(blockId));
            return block === undefined ? [] : [block];
          });
          // Before version 3 a message held its text itself.
          const content = blocksText(own) || (textOf(message['content']) ?? '');
          const thought = own
            .filter((block) => block['type'] === 'thinking')
            .map((block) => textOf(block['content']) ?? '');
          const reasoning = thought.join('\n\n') || textOf(message['reasoning_content']);
          if (content === '' && reasoning === null) return [];
          return [{ role, content, reasoning, createdAtMs: momentOf(message['createdAt']) }];
        }),
      });
    });
}
