import { type JsonObject, textOf } from '../../json.ts';
import { readDataUrl } from '../data-url.ts';
import type { DropList } from '../dropped.ts';
import { flagField, neededText, numberField, objectField, objectList, textField } from '../field.ts';
import {
  isContent,
  type NeutralMessage,
  type NeutralRequest,
  type OutputFormat,
  type RequestPart,
  type TextPart,
} from '../neutral-request.ts';
import {
  dropStore,
  onlyInstructions,
  readContentList,
  readSchemaFields,
  readSharedSettings,
  readUser,
  SHARED_SETTINGS,
} from '../read-openai.ts';
import { PIECE_BREAK, unpackSeal } from '../seal.ts';
import { refuse } from '../translation-failure.ts';
import { tellItem, tellPart, tellSetting } from './known-fields.ts';
import { qualifiedName, readResponsesToolChoice, readResponsesTools, WHERE_TOOLS_ARE } from './read-tools.ts';

const KNOWN: ReadonlySet<string> = new Set<string>([
  ...SHARED_SETTINGS,
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_output_tokens',
  'temperature',
  'top_p',
  'reasoning',
  'text',
  'user',
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'stream',
  'stream_options',
  'store',
  'include',
  'truncation',
  'previous_response_id',
  'conversation',
  'prompt',
  'background',
]);

/** A responses request. Throws TranslationFailure for what makes no sense and for what no other protocol can do. */
export function readResponsesRequest(body: JsonObject, dropped: DropList): NeutralRequest {
  refuseFields(body);
  dropped.unknownFields(body, KNOWN, 'the responses protocol');
  dropStore(body, dropped);
  if (body['truncation'] === 'auto') {
    dropped.add('truncation', 'A conversation that is too long is not shortened here; the upstream says so instead.');
  }
  for (const include of Array.isArray(body['include']) ? (body['include'] as unknown[]) : []) {
    if (include !== 'reasoning.encrypted_content') {
      dropped.add('include', `Only OpenAI can add ${textOf(include) ?? 'this'} to its answer.`);
    }
  }
  const input = readInput(body, dropped);
  const instructions = textField(body, 'instructions', '');
  const reasoning = objectField(body, 'reasoning') ?? {};
  const text = objectField(body, 'text') ?? {};
  tellSetting('reasoning', reasoning, 'reasoning', dropped);
  tellSetting('text', text, 'text', dropped);
  tellSetting('streamOptions', objectField(body, 'stream_options') ?? {}, 'stream_options', dropped);
  return {
    system: [...(instructions === null || instructions === '' ? [] : [plain(instructions)]), ...input.system],
    messages: input.messages,
    tools: latest([...readResponsesTools(objectList(body, 'tools'), dropped), ...input.tools], input.tools),
    toolChoice: readResponsesToolChoice(body['tool_choice'], dropped),
    parallelCalls: flagField(body, 'parallel_tool_calls'),
    maxTokens: numberField(body, 'max_output_tokens'),
    temperature: numberField(body, 'temperature'),
    topP: numberField(body, 'top_p'),
    topK: null,
    stop: [],
    thinking: { kind: 'unsaid' },
    effort: textField(reasoning, 'effort', 'reasoning'),
    showThinking: reasoning['summary'] != null || reasoning['generate_summary'] != null ? true : null,
    format: readFormat(text, dropped),
    verbosity: textField(text, 'verbosity', 'text'),
    user: readUser(body),
    metadata: objectField(body, 'metadata'),
    serviceTier: textField(body, 'service_tier', ''),
    cacheKey: textField(body, 'prompt_cache_key', ''),
    stream: flagField(body, 'stream') ?? false,
    includeUsage: true,
    openAi: readSharedSettings(body),
  };
}

/** Tools that come with a later turn stand for what they were before: no provider takes a name twice. */
function latest(tools: NeutralRequest['tools'], later: NeutralRequest['tools']): NeutralRequest['tools'] {
  return later.length === 0 ? tools : [...new Map(tools.map((tool) => [tool.name, tool])).values()];
}

function refuseFields(body: JsonObject): void {
  if (body['previous_response_id'] != null) {
    throw refuse('previous_response_id', 'No earlier answers are kept here. Send the whole conversation as input.');
  }
  if (body['conversation'] != null) {
    throw refuse('conversation', 'No conversations are kept here. Send the whole conversation as input.');
  }
  if (body['prompt'] != null) {
    throw refuse('prompt', 'Stored prompts lie with OpenAI. Send their text as instructions or input.');
  }
  if (body['background'] === true) {
    throw refuse('background', 'Answers are given at once. Leave background out, and stream where it takes long.');
  }
}

interface ReadInput {
  system: TextPart[];
  messages: NeutralMessage[];
  tools: NeutralRequest['tools'];
}

function readInput(body: JsonObject, dropped: DropList): ReadInput {
  const read: ReadInput = { system: [], messages: [], tools: [] };
  if (typeof body['input'] === 'string') {
    if (body['input'] === '') throw refuse('input', 'There is nothing to answer. Send at least one message.');
    read.messages.push({ role: 'user', parts: [plain(body['input'])], path: 'input' });
    return read;
  }
  for (const [at, item] of objectList(body, 'input').entries()) readItem(item, `input[${at}]`, read, dropped);
  if (read.messages.length > 0) return read;
  if (read.system.length === 0) throw refuse('input', 'There is nothing to answer. Send at least one message.');
  return { ...read, system: [], messages: [onlyInstructions(read.system, 'input')] };
}

function readItem(item: JsonObject, path: string, read: ReadInput, dropped: DropList): void {
  const { messages } = read;
  tellItem(item, path, dropped);
  /** Items of one answer follow each other; together they are the message that other protocols know. */
  const add = (part: RequestPart) => {
    const last = messages.at(-1);
    if (last?.role === 'assistant') last.parts.push(part);
    else messages.push({ role: 'assistant', parts: [part], path });
  };
  switch (item['type'] ?? 'message') {
    case 'message': {
      const role = item['role'];
      const parts = readParts(item['content'], `${path}.content`, dropped);
      if (role === 'system' || role === 'developer') {
        const texts = parts.filter((part) => part.type === 'text');
        if (messages.length === 0) read.system.push(...texts);
        else messages.push({ role: 'system', parts: texts, path });
      } else if (role === 'user') messages.push({ role, parts, path });
      else if (role === 'assistant') for (const part of parts) add(part);
      else throw refuse(`${path}.role`, 'A role is “user”, “assistant”, “system” or “developer”.');
      return;
    }
    case 'function_call':
    case 'custom_tool_call': {
      const custom = item['type'] === 'custom_tool_call';
      add({
        type: 'call',
        id: neededText(item, 'call_id', path),
        name: qualifiedName(textField(item, 'namespace', path), neededText(item, 'name', path)),
        custom,
        arguments: textField(item, custom ? 'input' : 'arguments', path) ?? '',
        cache: null,
        path,
      });
      return;
    }
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const parts = readParts(item['output'], `${path}.output`, dropped);
      const result: RequestPart = {
        type: 'result',
        callId: neededText(item, 'call_id', path),
        content: parts.filter(isContent),
        isError: false,
        cache: null,
        path,
      };
      messages.push({ role: 'user', parts: [result], path });
      return;
    }
    case 'reasoning':
      add(readReasoning(item, path));
      return;
    case 'additional_tools':
      read.tools.push(...readResponsesTools(objectList(item, 'tools', path), dropped, `${path}.tools`));
      return;
    case 'web_search_call':
    case 'image_generation_call':
      dropped.add(path, 'What OpenAI’s own tools did earlier is left out; the answers that came of it are carried.');
      return;
    case 'item_reference':
      throw refuse(path, 'No earlier items are kept here. Send the item itself.');
    default:
      throw refuse(
        path,
        `Items of the type “${textOf(item['type']) ?? '?'}” mean nothing to other providers. Choose a profile ${WHERE_TOOLS_ARE} for this conversation, or leave the item out.`,
      );
  }
}

function readReasoning(item: JsonObject, path: string): RequestPart {
  const pieces = objectList(item, 'summary', path).map((piece) => textOf(piece['text']) ?? '');
  const encrypted = textOf(item['encrypted_content']);
  const packed = encrypted === null ? null : unpackSeal(encrypted);
  const seal =
    packed ??
    (encrypted === null
      ? null
      : {
          by: 'responses' as const,
          id: textOf(item['id']) ?? '',
          cuts: pieces.map((piece) => piece.length),
          encrypted,
        });
  return { type: 'thinking', text: pieces.join(PIECE_BREAK), seal, path };
}

function readParts(content: unknown, path: string, dropped: DropList): RequestPart[] {
  return readContentList(content, path, (part, where, cache) => {
    tellPart(part, where, dropped);
    switch (part['type']) {
      case 'input_text':
      case 'output_text':
      case 'text': {
        const text = neededText(part, 'text', where);
        return text === '' ? [] : [{ type: 'text', text, cache }];
      }
      case 'refusal':
        return [{ type: 'refusal', text: neededText(part, 'refusal', where) }];
      case 'input_image': {
        const url = textField(part, 'image_url', where);
        if (url === null) throw refuse(where, FILE_ELSEWHERE);
        const inline = readDataUrl(url, `${where}.image_url`);
        const source = inline === null ? { kind: 'url' as const, url } : { kind: 'base64' as const, ...inline };
        return [{ type: 'image', source, detail: textField(part, 'detail', where), cache, path: where }];
      }
      case 'input_file': {
        const title = textField(part, 'filename', where);
        const url = textField(part, 'file_url', where);
        if (url !== null) return [{ type: 'document', source: { kind: 'url', url }, title, cache, path: where }];
        const data = textField(part, 'file_data', where);
        const inline = data === null ? null : readDataUrl(data, `${where}.file_data`);
        if (inline === null) throw refuse(where, FILE_ELSEWHERE);
        return [{ type: 'document', source: { kind: 'base64', ...inline }, title, cache, path: where }];
      }
      default:
        throw refuse(
          where,
          `A part of the type “${textOf(part['type']) ?? '?'}” is not known. Use input_text, input_image or input_file.`,
        );
    }
  });
}

const FILE_ELSEWHERE = 'A file that lies with OpenAI cannot be carried. Send its bytes as data:<type>;base64,<data>.';

function plain(text: string): TextPart {
  return { type: 'text', text, cache: null };
}

function readFormat(text: JsonObject, dropped: DropList): OutputFormat | null {
  const format = objectField(text, 'format', 'text');
  if (format !== null) tellSetting('format', format, 'text.format', dropped);
  switch (format?.['type']) {
    case undefined:
    case 'text':
      return null;
    case 'json_object':
      return { kind: 'json-object' };
    case 'json_schema':
      return readSchemaFields(format, 'text.format');
    default:
      throw refuse('text.format.type', 'This is “text”, “json_object” or “json_schema”.');
  }
}
