import { isObject, type JsonObject, textOf } from '../../json.ts';
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
import { sealOfData, sealOfSignature } from '../seal.ts';
import { refuse } from '../translation-failure.ts';
import { tellPart } from './known-fields.ts';
import { readChatToolChoice, readChatTools } from './read-tools.ts';

const KNOWN: ReadonlySet<string> = new Set<string>([
  ...SHARED_SETTINGS,
  'model',
  'messages',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'reasoning_effort',
  'response_format',
  'verbosity',
  'user',
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'stream',
  'stream_options',
  'store',
  'n',
]);

/** A chat completions request. Throws TranslationFailure for what makes no sense and for what no other protocol can do. */
export function readChatRequest(body: JsonObject, dropped: DropList): NeutralRequest {
  refuseFields(body);
  dropped.unknownFields(body, KNOWN, 'the chat protocol');
  dropStore(body, dropped);
  const { system, messages } = readMessages(body, dropped);
  const options = objectField(body, 'stream_options') ?? {};
  tellPart('streamOptions', options, 'stream_options', dropped);
  return {
    system,
    messages,
    tools: readChatTools(objectList(body, 'tools'), dropped),
    toolChoice: readChatToolChoice(body['tool_choice'], dropped),
    parallelCalls: flagField(body, 'parallel_tool_calls'),
    maxTokens: numberField(body, 'max_completion_tokens') ?? numberField(body, 'max_tokens'),
    temperature: numberField(body, 'temperature'),
    topP: numberField(body, 'top_p'),
    topK: numberField(body, 'top_k'),
    stop: readStops(body['stop']),
    thinking: { kind: 'unsaid' },
    effort: textField(body, 'reasoning_effort', ''),
    showThinking: null,
    format: readFormat(body, dropped),
    verbosity: textField(body, 'verbosity', ''),
    user: readUser(body),
    metadata: objectField(body, 'metadata'),
    serviceTier: textField(body, 'service_tier', ''),
    cacheKey: textField(body, 'prompt_cache_key', ''),
    stream: flagField(body, 'stream') ?? false,
    includeUsage: flagField(options, 'include_usage', 'stream_options') ?? false,
    openAi: readSharedSettings(body),
  };
}

function refuseFields(body: JsonObject): void {
  const n = numberField(body, 'n');
  if (n !== null && n !== 1) {
    throw refuse('n', 'One request gets one answer here. Leave n out, and ask as often as answers are wanted.');
  }
  if (body['functions'] != null || body['function_call'] != null) {
    throw refuse(
      body['functions'] != null ? 'functions' : 'function_call',
      'This older form of tools cannot be carried. Use tools and tool_choice.',
    );
  }
  if (body['audio'] != null || (Array.isArray(body['modalities']) && body['modalities'].includes('audio'))) {
    throw refuse(
      body['audio'] != null ? 'audio' : 'modalities',
      'Spoken answers cannot be carried. Ask for text only.',
    );
  }
  if (body['web_search_options'] != null) {
    throw refuse(
      'web_search_options',
      'The built-in web search cannot be carried. Choose a profile of the kind openai-chat, or leave it out.',
    );
  }
}

function readMessages(body: JsonObject, dropped: DropList): { system: TextPart[]; messages: NeutralMessage[] } {
  const system: TextPart[] = [];
  const messages: NeutralMessage[] = [];
  const list = objectList(body, 'messages');
  for (const [at, message] of list.entries()) {
    const path = `messages[${at}]`;
    const kind = message['role'] === 'assistant' || message['role'] === 'tool' ? message['role'] : 'message';
    tellPart(kind, message, path, dropped);
    switch (message['role']) {
      case 'system':
      case 'developer': {
        const parts = readParts(message['content'], path, dropped).filter((part) => part.type === 'text');
        if (messages.length === 0) system.push(...parts);
        else messages.push({ role: 'system', parts, path });
        break;
      }
      case 'user':
        messages.push({ role: 'user', parts: readParts(message['content'], path, dropped), path });
        break;
      case 'assistant':
        messages.push({ role: 'assistant', parts: readAssistant(message, path, dropped), path });
        break;
      case 'tool': {
        const content = readParts(message['content'], path, dropped);
        const result: RequestPart = {
          type: 'result',
          callId: neededText(message, 'tool_call_id', path),
          content: content.filter(isContent),
          isError: false,
          cache: null,
          path,
        };
        messages.push({ role: 'user', parts: [result], path });
        break;
      }
      case 'function':
        throw refuse(
          `${path}.role`,
          'This older form of tools cannot be carried. Use the role “tool” with a tool_call_id.',
        );
      default:
        throw refuse(`${path}.role`, 'A role is “system”, “developer”, “user”, “assistant” or “tool”.');
    }
  }
  if (messages.length > 0) return { system, messages };
  if (system.length === 0) throw refuse('messages', 'There is nothing to answer. Send at least one message.');
  return { system: [], messages: [onlyInstructions(system, 'messages')] };
}

function readAssistant(message: JsonObject, path: string, dropped: DropList): RequestPart[] {
  const parts = readThinking(message, path, dropped);
  if (message['content'] != null) parts.push(...readParts(message['content'], path, dropped));
  const refusal = textOf(message['refusal']);
  if (refusal !== null && refusal !== '') parts.push({ type: 'refusal', text: refusal });
  if (message['function_call'] != null) {
    throw refuse(`${path}.function_call`, 'This older form of tools cannot be carried. Use tool_calls.');
  }
  for (const [at, call] of objectList(message, 'tool_calls', path).entries()) {
    const where = `${path}.tool_calls[${at}]`;
    const isCustom = call['type'] === 'custom';
    const inner = objectField(call, isCustom ? 'custom' : 'function', where);
    if (inner === null) throw refuse(where, 'A call has a function with a name and arguments.');
    tellPart('call', call, where, dropped);
    tellPart(isCustom ? 'customCall' : 'functionCall', inner, `${where}.${isCustom ? 'custom' : 'function'}`, dropped);
    parts.push({
      type: 'call',
      id: neededText(call, 'id', where),
      name: neededText(inner, 'name', where),
      custom: isCustom,
      arguments: textField(inner, isCustom ? 'input' : 'arguments', where) ?? '',
      cache: null,
      path: where,
    });
  }
  return parts;
}

/** Thinking that a client gives back. Only what carries its provider's signature can be used again. */
function readThinking(message: JsonObject, path: string, dropped: DropList): RequestPart[] {
  const details = Array.isArray(message['reasoning_details']) ? (message['reasoning_details'] as unknown[]) : [];
  const parts: RequestPart[] = [];
  for (const [at, detail] of details.entries()) {
    if (!isObject(detail)) continue;
    const where = `${path}.reasoning_details[${at}]`;
    const signature = textOf(detail['signature']);
    const data = textOf(detail['data']);
    if (detail['type'] === 'reasoning.text' && signature !== null) {
      parts.push({
        type: 'thinking',
        text: textOf(detail['text']) ?? '',
        seal: sealOfSignature(signature),
        path: where,
      });
    } else if (detail['type'] === 'reasoning.encrypted' && data !== null) {
      parts.push({ type: 'thinking', text: '', seal: sealOfData(data), path: where });
    }
  }
  const plain = textOf(message['reasoning_content']) ?? textOf(message['reasoning']);
  if (parts.length === 0 && plain !== null && plain !== '') {
    dropped.add(
      `${path}.reasoning_content`,
      'Thinking without its provider’s signature is not taken back; reasoning_details carry it.',
    );
  }
  return parts;
}

function readParts(content: unknown, path: string, dropped: DropList): RequestPart[] {
  return readContentList(content, `${path}.content`, (part, where, cache) => {
    switch (part['type']) {
      case 'text': {
        tellPart('text', part, where, dropped);
        const text = neededText(part, 'text', where);
        return text === '' ? [] : [{ type: 'text', text, cache }];
      }
      case 'refusal':
        tellPart('refusal', part, where, dropped);
        return [{ type: 'refusal', text: neededText(part, 'refusal', where) }];
      case 'image_url': {
        tellPart('image_url', part, where, dropped);
        const image = objectField(part, 'image_url', where);
        if (image === null) throw refuse(where, 'An image has image_url with a url.');
        tellPart('image', image, `${where}.image_url`, dropped);
        const url = neededText(image, 'url', `${where}.image_url`);
        const inline = readDataUrl(url, `${where}.image_url.url`);
        const source = inline === null ? { kind: 'url' as const, url } : { kind: 'base64' as const, ...inline };
        return [{ type: 'image', source, detail: textField(image, 'detail', where), cache, path: where }];
      }
      case 'file': {
        const file = objectField(part, 'file', where) ?? {};
        tellPart('file', part, where, dropped);
        tellPart('fileData', file, `${where}.file`, dropped);
        const data = textField(file, 'file_data', `${where}.file`);
        const inline = data === null ? null : readDataUrl(data, `${where}.file.file_data`);
        if (inline === null) {
          throw refuse(
            `${where}.file`,
            'A file that lies with a provider cannot be carried. Send its bytes as file_data, data:<type>;base64,<data>.',
          );
        }
        const title = textField(file, 'filename', `${where}.file`);
        return [{ type: 'document', source: { kind: 'base64', ...inline }, title, cache, path: where }];
      }
      case 'input_audio':
        throw refuse(where, 'Sound cannot be carried to this provider. Send its text.');
      default:
        throw refuse(
          where,
          `A part of the type “${textOf(part['type']) ?? '?'}” is not known. Use text, image_url or file.`,
        );
    }
  });
}

function readFormat(body: JsonObject, dropped: DropList): OutputFormat | null {
  const format = objectField(body, 'response_format');
  if (format !== null) tellPart('format', format, 'response_format', dropped);
  switch (format?.['type']) {
    case undefined:
    case 'text':
      return null;
    case 'json_object':
      return { kind: 'json-object' };
    case 'json_schema': {
      const schema = objectField(format, 'json_schema', 'response_format');
      if (schema === null) throw refuse('response_format.json_schema', 'This field is missing.');
      tellPart('schema', schema, 'response_format.json_schema', dropped);
      return readSchemaFields(schema, 'response_format.json_schema');
    }
    default:
      throw refuse('response_format.type', 'This is “text”, “json_object” or “json_schema”.');
  }
}

function readStops(value: unknown): string[] {
  if (value == null) return [];
  const stops: unknown[] = Array.isArray(value) ? value : [value];
  if (!stops.every((stop) => typeof stop === 'string')) throw refuse('stop', 'This must be a text or a list of texts.');
  return stops;
}
