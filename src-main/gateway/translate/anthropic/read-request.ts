import { isObject, type JsonObject, textOf } from '../../json.ts';
import { checkBase64 } from '../data-url.ts';
import type { DropList } from '../dropped.ts';
import { flagField, neededText, numberField, objectField, objectList, textField } from '../field.ts';
import {
  type DocumentPart,
  type ImagePart,
  isContent,
  type NeutralMessage,
  type NeutralRequest,
  type OutputFormat,
  type RequestPart,
  type TextPart,
  type ThinkingWish,
  type ToolChoice,
} from '../neutral-request.ts';
import { readCache } from '../read-cache.ts';
import { sealOfData, sealOfSignature } from '../seal.ts';
import { refuse, TranslationFailure } from '../translation-failure.ts';
import { tellBlock, tellPart } from './known-fields.ts';
import { readAnthropicTools } from './read-tools.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'max_tokens',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'stream',
  'stop_sequences',
  'temperature',
  'top_p',
  'top_k',
  'service_tier',
  'container',
  'mcp_servers',
  'cache_control',
  'thread',
]);

/** Claude Code's first block of a system prompt; it differs from session to session, and other providers' caches would miss. */
const ATTRIBUTION = 'x-anthropic-billing-header:';

/** A messages request. Throws TranslationFailure for what makes no sense and for what no other protocol can do. */
export function readAnthropicRequest(body: JsonObject, dropped: DropList): NeutralRequest {
  dropped.unknownFields(body, KNOWN, 'Anthropic');
  refuseFields(body);
  readThread(body, dropped);
  if (body['cache_control'] != null) dropped.add('cache_control', CACHE_REASON);
  const config = objectField(body, 'output_config') ?? {};
  tellPart('outputConfig', config, 'output_config', dropped);
  const thinking = readThinking(body, dropped);
  const choice = objectField(body, 'tool_choice');
  if (choice !== null) tellPart('toolChoice', choice, 'tool_choice', dropped);
  const metadata = objectField(body, 'metadata') ?? {};
  tellPart('metadata', metadata, 'metadata', dropped);
  const maxTokens = numberField(body, 'max_tokens');
  if (maxTokens === 0) {
    throw refuse('max_tokens', 'Filling a cache without an answer is Anthropic’s own. Ask for at least one token.');
  }
  return {
    system: readSystem(body['system'], dropped),
    messages: readMessages(body, dropped),
    tools: readAnthropicTools(objectList(body, 'tools'), dropped),
    toolChoice: choice === null ? null : readToolChoice(choice),
    parallelCalls:
      choice !== null && flagField(choice, 'disable_parallel_tool_use', 'tool_choice') === true ? false : null,
    maxTokens,
    temperature: numberField(body, 'temperature'),
    topP: numberField(body, 'top_p'),
    topK: numberField(body, 'top_k'),
    stop: readStops(body['stop_sequences']),
    thinking: thinking.wish,
    effort: textField(config, 'effort', 'output_config'),
    showThinking: thinking.show,
    format: readFormat(body, dropped),
    verbosity: null,
    user: textField(metadata, 'user_id', 'metadata'),
    metadata: null,
    serviceTier: textField(body, 'service_tier', '') === 'standard_only' ? 'default' : null,
    cacheKey: null,
    stream: flagField(body, 'stream') ?? false,
    includeUsage: true,
    openAi: new Map(),
  };
}

export const CACHE_REASON = 'Marks for the prompt cache are Anthropic’s; OpenAI’s servers keep prefixes by themselves.';

function refuseFields(body: JsonObject): void {
  if (body['container'] != null) {
    throw refuse('container', 'Containers exist with Anthropic only. Choose a profile of that kind, or leave it out.');
  }
  if (objectList(body, 'mcp_servers').length > 0) {
    throw refuse('mcp_servers', 'Servers that Anthropic calls itself cannot be carried. Offer their tools as tools.');
  }
}

/**
 * A conversation that Anthropic keeps, so that only its newest turn is sent: the SDKs' tool runners begin one unasked. Others
 * keep none. Who goes on with one is told so by the name that the SDKs know, and they send all of it by themselves.
 */
function readThread(body: JsonObject, dropped: DropList): void {
  const thread = objectField(body, 'thread');
  if (thread === null) return;
  if (thread['type'] !== 'continue') {
    dropped.add('thread', 'Conversations are kept by Anthropic’s servers only; the next turn is to bring all of it.');
    return;
  }
  throw new TranslationFailure(
    'request',
    'thread',
    'This conversation is kept by nobody here. Send all of its messages, with the field thread left out or set to create.',
    { code: 'thread_not_found', status: 404 },
  );
}

function readSystem(value: unknown, dropped: DropList): TextPart[] {
  if (value == null) return [];
  const blocks = typeof value === 'string' ? [{ type: 'text', text: value }] : value;
  if (!Array.isArray(blocks)) throw refuse('system', 'This must be a text or a list of text blocks.');
  return (blocks as unknown[]).flatMap((block, at): TextPart[] => {
    const path = `system[${at}]`;
    if (!isObject(block)) throw refuse(path, 'This must be a text block.');
    tellBlock(block, path, dropped);
    const part = readText(block, path, dropped);
    if (part.text.startsWith(ATTRIBUTION)) {
      dropped.add(path, 'Claude Code’s line about the session is for Anthropic only.');
      return [];
    }
    return part.text === '' ? [] : [part];
  });
}

function readMessages(body: JsonObject, dropped: DropList): NeutralMessage[] {
  const messages = objectList(body, 'messages');
  if (messages.length === 0) throw refuse('messages', 'There is nothing to answer. Send at least one message.');
  return messages.map((message, at) => {
    const path = `messages[${at}]`;
    const role = message['role'];
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      throw refuse(
        `${path}.role`,
        'A role is “user”, “assistant” or “system”. Instructions may also stand in the field system.',
      );
    }
    tellPart('message', message, path, dropped);
    return { role, parts: readContent(message['content'], path, role, dropped), path };
  });
}

function readContent(content: unknown, path: string, role: NeutralMessage['role'], dropped: DropList): RequestPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content, cache: null }];
  if (!Array.isArray(content)) throw refuse(`${path}.content`, 'This must be a text or a list of blocks.');
  return (content as unknown[]).flatMap((block, at): RequestPart[] => {
    const at2 = `${path}.content[${at}]`;
    if (!isObject(block) || textOf(block['type']) === null) throw refuse(at2, 'This must be a block with a type.');
    return readBlock(block, at2, role, dropped);
  });
}

function readBlock(block: JsonObject, path: string, role: NeutralMessage['role'], dropped: DropList): RequestPart[] {
  tellBlock(block, path, dropped);
  switch (block['type']) {
    case 'text': {
      const part = readText(block, path, dropped);
      return part.text === '' ? [] : [part];
    }
    case 'image':
    case 'document':
    case 'search_result':
      return readMedia(block, path, dropped);
    case 'thinking': {
      const seal = sealOfSignature(textOf(block['signature']) ?? '');
      return [{ type: 'thinking', text: neededText(block, 'thinking', path), seal, path }];
    }
    case 'redacted_thinking': {
      return [{ type: 'thinking', text: '', seal: sealOfData(neededText(block, 'data', path)), path }];
    }
    case 'tool_use':
      if (role !== 'assistant') throw refuse(path, 'A tool is used by the assistant; this message is not its.');
      return [
        {
          type: 'call',
          id: neededText(block, 'id', path),
          name: neededText(block, 'name', path),
          custom: false,
          arguments: JSON.stringify(block['input'] ?? {}),
          cache: readCache(block),
          path,
        },
      ];
    case 'tool_result': {
      if (role !== 'user') throw refuse(path, 'A tool’s result belongs into a message of the role “user”.');
      const callId = neededText(block, 'tool_use_id', path);
      const content = block['content'] == null ? [] : readContent(block['content'], path, role, dropped);
      return [
        {
          type: 'result',
          callId,
          content: content.filter(isContent),
          isError: flagField(block, 'is_error', path) ?? false,
          cache: readCache(block),
          path,
        },
      ];
    }
    case 'tool_reference':
      dropped.add(path, 'References to tools are for Anthropic’s tool search; all tools are offered at once.');
      return [];
    default:
      throw refuse(
        path,
        `Blocks of the type “${textOf(block['type']) ?? '?'}” come from Anthropic’s own servers and mean nothing to others. Choose a profile of the kind anthropic for this conversation, or leave the block out.`,
      );
  }
}

/** Images, documents and search results, as what other protocols can say of them. */
function readMedia(block: JsonObject, path: string, dropped: DropList): (TextPart | ImagePart | DocumentPart)[] {
  const cache = readCache(block);
  if (block['type'] !== 'image' && isObject(block['citations']) && block['citations']['enabled'] === true) {
    dropped.add(`${path}.citations`, 'Citations are made by Anthropic only; what they would point at is carried.');
  }
  if (block['type'] === 'search_result') {
    const parts = objectList(block, 'content', path).map((part, at) => {
      const where = `${path}.content[${at}]`;
      tellBlock(part, where, dropped);
      return readText(part, where, dropped);
    });
    const head = `${textOf(block['title']) ?? ''} (${textOf(block['source']) ?? ''})`;
    const text = [head, ...parts.map((part) => part.text)].join('\n');
    return [{ type: 'text', text, cache: cache ?? parts.findLast((part) => part.cache !== null)?.cache ?? null }];
  }
  const source = objectField(block, 'source', path);
  if (source === null) throw refuse(`${path}.source`, 'This field is missing.');
  const where = `${path}.source`;
  tellPart('source', source, where, dropped);
  const isImage = block['type'] === 'image';
  const title = textField(block, 'title', path);
  const context = isImage ? null : textField(block, 'context', path);
  // What the person says about a document stands in front of it.
  const about: TextPart[] = context === null || context === '' ? [] : [{ type: 'text', text: context, cache: null }];
  switch (source['type']) {
    case 'base64': {
      const mediaType = neededText(source, 'media_type', where).toLowerCase();
      const data = { kind: 'base64' as const, mediaType, data: checkBase64(source['data'], `${where}.data`) };
      return isImage
        ? [{ type: 'image', source: data, detail: null, cache, path }]
        : [...about, { type: 'document', source: data, title, cache, path }];
    }
    case 'url': {
      const url = { kind: 'url' as const, url: neededText(source, 'url', where) };
      return isImage
        ? [{ type: 'image', source: url, detail: null, cache, path }]
        : [...about, { type: 'document', source: url, title, cache, path }];
    }
    case 'text':
      return [
        ...about,
        { type: 'document', source: { kind: 'text', text: neededText(source, 'data', where) }, title, cache, path },
      ];
    case 'content': {
      const inner = readContent(source['content'], where, 'user', dropped);
      const parts = inner.filter((part) => part.type === 'text' || part.type === 'image');
      const named = [
        ...about,
        ...(title === null ? [] : [{ type: 'text' as const, text: title, cache: null }]),
        ...parts,
      ];
      // The mark is of the whole.
      return named.map((part, at) => (at === named.length - 1 ? { ...part, cache: cache ?? part.cache } : part));
    }
    default:
      throw refuse(
        where,
        'A file that lies with Anthropic cannot be carried to another provider. Send its bytes in base64.',
      );
  }
}

function readText(block: JsonObject, path: string, dropped: DropList): TextPart {
  if (block['citations'] != null && Array.isArray(block['citations'])) {
    dropped.add(`${path}.citations`, 'Citations beside a text are Anthropic’s; the text itself is carried.');
  }
  return { type: 'text', text: neededText(block, 'text', path), cache: readCache(block) };
}

function readToolChoice(choice: JsonObject): ToolChoice {
  switch (choice['type']) {
    case 'auto':
      return { kind: 'auto' };
    case 'any':
      return { kind: 'required' };
    case 'none':
      return { kind: 'none' };
    case 'tool':
      return { kind: 'tool', name: neededText(choice, 'name', 'tool_choice') };
    default:
      throw refuse('tool_choice.type', 'This is “auto”, “any”, “tool” or “none”.');
  }
}

function readThinking(body: JsonObject, dropped: DropList): { wish: ThinkingWish; show: boolean | null } {
  const thinking = objectField(body, 'thinking');
  if (thinking === null) return { wish: { kind: 'unsaid' }, show: null };
  tellPart('thinking', thinking, 'thinking', dropped);
  const show = thinking['display'] == null ? null : thinking['display'] !== 'omitted';
  switch (thinking['type']) {
    case 'adaptive':
      return { wish: { kind: 'adaptive' }, show };
    case 'disabled':
      return { wish: { kind: 'disabled' }, show };
    case 'enabled': {
      const tokens = numberField(thinking, 'budget_tokens', 'thinking');
      return { wish: tokens === null ? { kind: 'adaptive' } : { kind: 'budget', tokens }, show };
    }
    default:
      dropped.add('thinking', 'This way of thinking is Anthropic’s own; the model decides by itself.');
      return { wish: { kind: 'unsaid' }, show };
  }
}

/** The schema of the answer, in its place of today or in the older one. */
function readFormat(body: JsonObject, dropped: DropList): OutputFormat | null {
  const config = objectField(body, 'output_config') ?? {};
  const older = config['format'] == null;
  const format = older ? objectField(body, 'output_format') : objectField(config, 'format', 'output_config');
  if (format === null) return null;
  const path = older ? 'output_format' : 'output_config.format';
  tellPart('format', format, path, dropped);
  if (format['type'] !== 'json_schema' || !isObject(format['schema'])) {
    throw refuse(path, 'This is {"type": "json_schema", "schema": {…}}.');
  }
  const { schema } = format;
  return { kind: 'json-schema', name: null, description: null, schema, strict: true, path: `${path}.schema` };
}

function readStops(value: unknown): string[] {
  if (value == null) return [];
  if (!Array.isArray(value) || !value.every((stop) => typeof stop === 'string')) {
    throw refuse('stop_sequences', 'This must be a list of texts.');
  }
  return value;
}
