import type { JsonObject } from '../../json.ts';
import { type DropList, fields } from '../dropped.ts';

/** What is read of each part of a request, or means nothing to anybody; all else in it is told when it is left out. */
const OF_PARTS = {
  message: fields('role', 'content'),
  // Answers come back with an empty list of annotations.
  assistant: fields(
    ...['role', 'content', 'refusal', 'tool_calls', 'function_call', 'annotations'],
    ...['reasoning_details', 'reasoning_content', 'reasoning'],
  ),
  // The name, which many programs repeat, is that of its call.
  tool: fields('role', 'content', 'tool_call_id', 'name'),
  text: fields('type', 'text', 'prompt_cache_breakpoint', 'cache_control'),
  refusal: fields('type', 'refusal'),
  image_url: fields('type', 'image_url', 'prompt_cache_breakpoint', 'cache_control'),
  image: fields('url', 'detail'),
  file: fields('type', 'file', 'prompt_cache_breakpoint', 'cache_control'),
  fileData: fields('file_data', 'filename', 'file_id'),
  // A call that was put together from a stream keeps its place there; what a server hung on it is kept here.
  call: fields('type', 'id', 'function', 'custom', 'index', 'extra_content'),
  functionCall: fields('name', 'arguments'),
  customCall: fields('name', 'input'),
  offer: fields('type', 'function', 'custom', 'cache_control'),
  functionTool: fields('name', 'description', 'parameters', 'strict'),
  customTool: fields('name', 'description', 'format'),
  toolChoice: fields('type', 'function', 'custom', 'allowed_tools'),
  chosen: fields('name'),
  format: fields('type', 'json_schema'),
  schema: fields('name', 'description', 'schema', 'strict'),
  // No stream of ours is padded.
  streamOptions: fields('include_usage', 'include_obfuscation'),
} as const;

export type ChatPart = keyof typeof OF_PARTS;

/** Tells what of a part of a request is left out. */
export function tellPart(part: ChatPart, object: JsonObject, path: string, dropped: DropList): void {
  dropped.unknownFields(object, OF_PARTS[part], 'the chat protocol', path);
}
