import type { JsonObject } from '../../json.ts';
import { type DropList, fields } from '../dropped.ts';

/** What is read of each item, or says only what an earlier answer looked like; all else in it is told when it is left out. */
const OF_ITEMS: ReadonlyMap<unknown, ReadonlySet<string>> = new Map([
  ['message', fields('type', 'role', 'content', 'id', 'status')],
  ['function_call', fields('type', 'id', 'call_id', 'name', 'namespace', 'arguments', 'status')],
  ['custom_tool_call', fields('type', 'id', 'call_id', 'name', 'namespace', 'input', 'status')],
  // The names are those of its call.
  ['function_call_output', fields('type', 'id', 'call_id', 'name', 'namespace', 'output', 'status')],
  ['custom_tool_call_output', fields('type', 'id', 'call_id', 'output', 'status')],
  ['reasoning', fields('type', 'id', 'summary', 'content', 'encrypted_content', 'status')],
  ['additional_tools', fields('type', 'id', 'role', 'tools', 'status')],
]);

const MARKS = ['prompt_cache_breakpoint', 'cache_control'];

const OF_PARTS: ReadonlyMap<unknown, ReadonlySet<string>> = new Map([
  ['input_text', fields('type', 'text', ...MARKS)],
  ['output_text', fields('type', 'text', 'annotations', 'logprobs', ...MARKS)],
  ['text', fields('type', 'text', ...MARKS)],
  ['refusal', fields('type', 'refusal')],
  ['input_image', fields('type', 'image_url', 'detail', ...MARKS)],
  ['input_file', fields('type', 'filename', 'file_url', 'file_data', ...MARKS)],
]);

const OF_SETTINGS = {
  functionTool: fields('type', 'name', 'description', 'parameters', 'strict'),
  customTool: fields('type', 'name', 'description', 'format'),
  namespace: fields('type', 'name', 'tools'),
  reasoning: fields('effort', 'summary', 'generate_summary'),
  text: fields('format', 'verbosity'),
  format: fields('type', 'name', 'description', 'schema', 'strict'),
  toolChoice: fields('type', 'name', 'mode', 'tools'),
  // No stream of ours is padded.
  streamOptions: fields('include_obfuscation'),
} as const;

const OWNER = 'the responses protocol';

/** Tells what of an item is left out. */
export function tellItem(item: JsonObject, path: string, dropped: DropList): void {
  const known = OF_ITEMS.get(item['type'] ?? 'message');
  if (known !== undefined) dropped.unknownFields(item, known, OWNER, path);
}

/** The same for a part of a content. */
export function tellPart(part: JsonObject, path: string, dropped: DropList): void {
  const known = OF_PARTS.get(part['type']);
  if (known !== undefined) dropped.unknownFields(part, known, OWNER, path);
}

/** The same for a tool, or for a setting that has fields of its own. */
export function tellSetting(
  setting: keyof typeof OF_SETTINGS,
  object: JsonObject,
  path: string,
  dropped: DropList,
): void {
  dropped.unknownFields(object, OF_SETTINGS[setting], OWNER, path);
}
