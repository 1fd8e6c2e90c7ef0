import type { WireProtocol } from '../translate/translation.ts';

const CHAT_START = '"delta":{"content":"';
const CHAT_END = '"finish_reason":null';
const MESSAGES_START = '{"type":"content_block_delta"';
const MESSAGES_TEXT = '"delta":{"type":"text_delta","text":"';

/**
 * The text of a frame that says nothing else, read without parsing it: nearly all frames of an answer are such, and a parse
 * of each is a fifth of the work of passing a stream on. Null where there may be more to it, and for a text with escapes.
 */
export function quickText(protocol: WireProtocol, data: string): string | null {
  if (protocol === 'openai-chat') {
    const start = data.indexOf(CHAT_START);
    if (start < 0 || !data.includes(CHAT_END) || data.includes('"usage":{') || data.includes('"error"')) return null;
    return textAt(data, start + CHAT_START.length);
  }
  if (protocol === 'anthropic-messages' && data.startsWith(MESSAGES_START)) {
    const start = data.indexOf(MESSAGES_TEXT);
    if (start < 0 || !data.endsWith('"}}')) return null;
    return textAt(data, start + MESSAGES_TEXT.length);
  }
  return null;
}

function textAt(data: string, from: number): string | null {
  const end = data.indexOf('"', from);
  const text = data.slice(from, end);
  return end < 0 || text === '' || text.includes('\\') ? null : text;
}
