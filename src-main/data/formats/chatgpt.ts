import {
  type Fields,
  type ForeignItem,
  type ForeignMessage,
  fieldsOf,
  listOf,
  momentOf,
  textOf,
  toItem,
} from './foreign.ts';

// ChatGPT's data export: `conversations.json`, a list. Field names: github.com/mitkury/chatgpt-export-parser,
// docs/chatgpt-data-export-format.md, and the importer of github.com/danny-avila/LibreChat,
// api/server/utils/import/importers.js (both read November 2026).

export function isChatGpt(value: unknown): boolean {
  return Array.isArray(value) && (value.length === 0 || 'mapping' in fieldsOf(value[0]));
}

/** The shown path: from the newest node up to the root. Nodes that name each other in a circle end it. */
function pathOf(mapping: Fields, currentNode: string | null): Fields[] {
  const path: Fields[] = [];
  const seen = new Set<string>();
  let at =
    currentNode ?? Object.keys(mapping).findLast((key) => listOf(fieldsOf(mapping[key])['children']).length === 0);
  while (typeof at === 'string' && !seen.has(at) && Object.hasOwn(mapping, at)) {
    seen.add(at);
    const node = fieldsOf(mapping[at]);
    path.push(fieldsOf(node['message']));
    at = textOf(node['parent']) ?? undefined;
  }
  return path.reverse();
}

function partText(part: unknown): string {
  if (typeof part === 'string') return part;
  const fields = fieldsOf(part);
  if (fields['content_type'] === 'image_asset_pointer') return '[Image]';
  if (String(fields['content_type']).startsWith('audio')) return textOf(fields['text']) ?? '[Audio]';
  return textOf(fields['text']) ?? '';
}

function contentOf(content: Fields): { content: string; reasoning: string | null } {
  switch (content['content_type']) {
    case 'code':
      return {
        content: `\`\`\`${textOf(content['language']) ?? ''}\n${textOf(content['text']) ?? ''}\n\`\`\``,
        reasoning: null,
      };
    case 'thoughts':
      return {
        content: '',
        reasoning: listOf(content['thoughts'])
          .map((thought) => textOf(fieldsOf(thought)['content']) ?? textOf(fieldsOf(thought)['summary']) ?? '')
          .join('\n\n'),
      };
    // What the person told ChatGPT about themselves, and how long it thought: nobody said either in the conversation.
    case 'user_editable_context':
    case 'model_editable_context':
    case 'reasoning_recap':
      return { content: '', reasoning: null };
    default:
      return {
        content:
          listOf(content['parts'])
            .map(partText)
            .filter((text) => text !== '')
            .join('\n\n') ||
          (textOf(content['text']) ?? ''),
        reasoning: null,
      };
  }
}

type Read = Omit<ForeignMessage, 'createdAtMs'> & { createdAtMs: number | null };

function readMessages(path: readonly Fields[]): Read[] {
  const messages: Read[] = [];
  let thought: string | null = null;
  for (const message of path) {
    const role = fieldsOf(message['author'])['role'];
    if (fieldsOf(message['metadata'])['is_visually_hidden_from_conversation'] === true) continue;
    if (role !== 'user' && role !== 'assistant') continue;
    const { content, reasoning } = contentOf(fieldsOf(message['content']));
    if (reasoning !== null && reasoning !== '') thought = thought === null ? reasoning : `${thought}\n\n${reasoning}`;
    if (content === '') continue;
    const createdAtMs = momentOf(message['create_time']);
    messages.push({ role, content, reasoning: role === 'assistant' ? thought : null, createdAtMs });
    if (role === 'assistant') thought = null;
  }
  return messages;
}

export function readChatGpt(value: unknown): ForeignItem[] {
  return listOf(value).map((each) => {
    const fields = fieldsOf(each);
    const mapping = fieldsOf(fields['mapping']);
    return toItem(textOf(fields['title']), {
      sourceId: textOf(fields['conversation_id']) ?? textOf(fields['id']),
      createdAtMs: momentOf(fields['create_time']),
      updatedAtMs: momentOf(fields['update_time']),
      model: textOf(fields['default_model_slug']),
      messages: readMessages(pathOf(mapping, textOf(fields['current_node']))),
    });
  });
}
