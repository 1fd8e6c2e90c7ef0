import { type Fields, type ForeignItem, fieldsOf, listOf, momentOf, textOf, toItem } from './foreign.ts';

// Chatbox's export: one JSON object with a key for each session, older ones with a list. Field names:
// github.com/Bin-Huang/chatbox, src/shared/types.ts, and its settings page, which writes `chatbox-exported-data-….json`
// (read November 2026). Settings, where the file has them, may hold keys: they are not looked at.

const SESSION_KEY = 'session:';

export function isChatbox(value: unknown): boolean {
  const fields = fieldsOf(value);
  return (
    '__exported_items' in fields ||
    'chat-sessions' in fields ||
    'chat-sessions-list' in fields ||
    Object.keys(fields).some((key) => key.startsWith(SESSION_KEY))
  );
}

function partsOf(message: Fields, type: 'text' | 'reasoning'): string {
  return listOf(message['contentParts'])
    .map(fieldsOf)
    .filter((part) => part['type'] === type)
    .map((part) => textOf(part['text']) ?? '')
    .join('\n\n');
}

function pictures(message: Fields): string {
  const count = listOf(message['contentParts']).filter((part) => fieldsOf(part)['type'] === 'image').length;
  return Array.from({ length: count }, () => '[Image]').join('\n\n');
}

function readThread(
  name: string | null,
  sourceId: string | null,
  list: readonly unknown[],
  createdAtMs: number | null,
): ForeignItem {
  const messages = list.map(fieldsOf);
  const system = messages.find((message) => message['role'] === 'system');
  return toItem(name, {
    sourceId,
    createdAtMs,
    instructions: system === undefined ? null : partsOf(system, 'text') || textOf(system['content']),
    messages: messages.flatMap((message) => {
      const { role } = message;
      if (role !== 'user' && role !== 'assistant') return [];
      const text = partsOf(message, 'text') || (textOf(message['content']) ?? '');
      const content = [text, pictures(message)].filter((part) => part !== '').join('\n\n');
      const reasoning = partsOf(message, 'reasoning') || textOf(message['reasoningContent']);
      if (content === '' && reasoning === null) return [];
      return [{ role, content, reasoning, createdAtMs: momentOf(message['timestamp']) }];
    }),
  });
}

export function readChatbox(value: unknown): ForeignItem[] {
  const fields = fieldsOf(value);
  const sessions = [
    ...Object.keys(fields)
      .filter((key) => key.startsWith(SESSION_KEY))
      .map((key) => fieldsOf(fields[key])),
    ...listOf(fields['chat-sessions']).map(fieldsOf),
  ];
  return sessions.flatMap((session) => {
    const name = textOf(session['name']);
    const id = textOf(session['id']);
    // A session's earlier threads are conversations of their own in its window, too.
    const threads = listOf(session['threads']).map(fieldsOf);
    return [
      ...threads.map((thread) =>
        readThread(
          textOf(thread['name']) ?? name,
          id === null ? null : `${id}/${textOf(thread['id']) ?? ''}`,
          listOf(thread['messages']),
          momentOf(thread['createdAt']),
        ),
      ),
      readThread(textOf(session['threadName']) ?? name, id, listOf(session['messages']), null),
    ].filter((item, _index, all) => item.conversation !== null || all.length === 1);
  });
}
