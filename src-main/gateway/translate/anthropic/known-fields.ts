import type { JsonObject } from '../../json.ts';
import { type DropList, fields } from '../dropped.ts';

/** What is read of each block, or means nothing beyond Anthropic; all else in it is told when it is left out. */
const OF_BLOCKS: ReadonlyMap<unknown, ReadonlySet<string>> = new Map([
  ['text', fields('type', 'text', 'citations', 'cache_control')],
  ['image', fields('type', 'source', 'cache_control')],
  ['document', fields('type', 'source', 'title', 'context', 'citations', 'cache_control')],
  ['search_result', fields('type', 'source', 'title', 'content', 'citations', 'cache_control')],
  ['thinking', fields('type', 'thinking', 'signature')],
  ['redacted_thinking', fields('type', 'data')],
  ['tool_use', fields('type', 'id', 'name', 'input', 'caller', 'cache_control')],
  ['tool_result', fields('type', 'tool_use_id', 'content', 'is_error', 'cache_control')],
]);

const OF_PARTS = {
  message: fields('role', 'content'),
  source: fields('type', 'media_type', 'data', 'url', 'content'),
  tool: fields('type', 'name', 'description', 'input_schema', 'strict', 'cache_control'),
  toolChoice: fields('type', 'name', 'disable_parallel_tool_use'),
  thinking: fields('type', 'budget_tokens', 'display'),
  outputConfig: fields('effort', 'format'),
  format: fields('type', 'schema'),
  metadata: fields('user_id'),
} as const;

/** Tells what of a block is left out. */
export function tellBlock(block: JsonObject, path: string, dropped: DropList): void {
  const known = OF_BLOCKS.get(block['type']);
  if (known !== undefined) dropped.unknownFields(block, known, 'Anthropic', path);
}

/** The same for another part of a request. */
export function tellPart(part: keyof typeof OF_PARTS, object: JsonObject, path: string, dropped: DropList): void {
  dropped.unknownFields(object, OF_PARTS[part], 'Anthropic', path);
}
