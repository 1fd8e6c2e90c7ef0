import { type Fields, type ForeignItem, fieldsOf, listOf, momentOf, textOf, toItem } from './foreign.ts';

// LibreChat's export of one conversation as JSON. Field names: github.com/danny-avila/LibreChat,
// client/src/hooks/Conversations/useExportConversation.ts and api/server/utils/import/importers.js (read November 2026).

export function isLibreChat(value: unknown): boolean {
  const fields = fieldsOf(value);
  return typeof fields['conversationId'] === 'string' && ('messages' in fields || 'messagesTree' in fields);
}

/** The branch that ends last: at each step the newest answer, as its window shows it. */
function shownOfTree(tree: readonly unknown[]): Fields[] {
  const path: Fields[] = [];
  for (let level = tree; level.length > 0; ) {
    const node = fieldsOf(level.at(-1));
    path.push(node);
    level = listOf(node['children']);
  }
  return path;
}

function shownOfList(messages: readonly Fields[]): Fields[] {
  const byId = new Map(messages.map((message) => [textOf(message['messageId']), message]));
  const path: Fields[] = [];
  const seen = new Set<Fields>();
  let at = messages.at(-1);
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    path.push(at);
    const parent = textOf(at['parentMessageId']);
    at = parent === null ? undefined : byId.get(parent);
  }
  // A list whose messages do not know their parents is a conversation in its order.
  return path.length === 1 ? [...messages] : path.reverse();
}

function partText(part: unknown, type: 'text' | 'think'): string | null {
  const fields = fieldsOf(part);
  if (fields['type'] !== type) return null;
  return textOf(fields[type]) ?? textOf(fieldsOf(fields[type])['value']);
}

function joined(parts: readonly unknown[], type: 'text' | 'think'): string {
  return parts
    .map((part) => partText(part, type))
    .filter((text) => text !== null)
    .join('\n\n');
}

export function readLibreChat(value: unknown): ForeignItem[] {
  const fields = fieldsOf(value);
  const tree = listOf(fields['messagesTree']);
  const flat = listOf(fields['messages']).map(fieldsOf);
  const isTree = tree.length > 0 || flat.some((message) => listOf(message['children']).length > 0);
  const shown = isTree ? shownOfTree(tree.length > 0 ? tree : flat) : shownOfList(flat);
  const messages = shown.flatMap((message) => {
    const parts = listOf(message['content']);
    const content = joined(parts, 'text') || (textOf(message['text']) ?? '');
    const reasoning = joined(parts, 'think') || null;
    if (content === '' && reasoning === null) return [];
    const role = message['isCreatedByUser'] === true ? ('user' as const) : ('assistant' as const);
    return [{ role, content, reasoning, createdAtMs: momentOf(message['createdAt']) }];
  });
  const options = fieldsOf(fields['options']);
  return [
    toItem(textOf(fields['title']), {
      sourceId: textOf(fields['conversationId']),
      createdAtMs: null,
      model: textOf(options['model']),
      instructions: textOf(options['promptPrefix']) ?? textOf(options['system']),
      messages,
    }),
  ];
}
