/** What a serialised list of content blocks says, taken apart. */
export interface ParsedBlocks {
  text: string;
  reasoning: string;
  toolCalls: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
}

const BLOCK_TYPES = new Set(['text', 'output_text', 'thinking', 'reasoning', 'tool_use']);

interface Block {
  type: string;
  text?: unknown;
  thinking?: unknown;
  id?: unknown;
  name?: unknown;
  input?: unknown;
}

function isBlock(value: unknown): value is Block {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    BLOCK_TYPES.has(value.type)
  );
}

/**
 * Reads text that is, as a whole, a JSON array of content blocks; null for anything else. `[1,2,3]`, `[link](x)` and a
 * block array cut short are somebody's text and stay as they are (E2-05).
 */
export function parseBlockArray(text: string): ParsedBlocks | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith('[{') || !trimmed.endsWith(']')) return null;
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
  if (!Array.isArray(value) || value.length === 0 || !value.every(isBlock)) return null;
  const parsed: ParsedBlocks = { text: '', reasoning: '', toolCalls: [] };
  for (const block of value) {
    if (block.type === 'text' || block.type === 'output_text')
      parsed.text += typeof block.text === 'string' ? block.text : '';
    else if (block.type === 'tool_use') {
      parsed.toolCalls.push({
        id: String(block.id ?? ''),
        type: 'function',
        function: { name: String(block.name ?? ''), arguments: JSON.stringify(block.input ?? {}) },
      });
    } else parsed.reasoning += String(block.thinking ?? block.text ?? '');
  }
  return parsed;
}
