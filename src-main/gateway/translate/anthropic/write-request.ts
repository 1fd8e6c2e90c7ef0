import { isObject, listOf } from '../../json.ts';
import { CUSTOM_PARAMETERS, customDescription, wrapCustomInput } from '../custom-tool.ts';
import { decodeText } from '../data-url.ts';
import { parseExactJson } from '../exact-json.ts';
import { anthropicHolds, HeldBudget } from '../held-schema.ts';
import { withoutLonelyThinking } from '../lonely-thinking.ts';
import { anthropicTraits } from '../model-traits.ts';
import type {
  Cache,
  DocumentPart,
  ImagePart,
  NeutralMessage,
  NeutralRequest,
  NeutralTool,
  RequestPart,
  TextPart,
} from '../neutral-request.ts';
import type { Seal } from '../seal.ts';
import { refuse } from '../translation-failure.ts';
import { present, type WriteContext, type WrittenRequest } from '../write-context.ts';
import { type AnswerFormat, askedForJson, writeFormat } from './write-format.ts';
import { writeSampling, writeThinking } from './write-thinking.ts';

type Block = Record<string, unknown>;

interface WireMessage {
  role: NeutralMessage['role'];
  content: Block[];
}

/** The protocol takes so many marks of the cache. */
const MAX_CACHE_MARKS = 4;
const MAX_USER_CHARS = 256;
const IMAGE_TYPES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

/** The body of a messages request. */
export function writeAnthropicRequest(request: NeutralRequest, context: WriteContext): WrittenRequest {
  const { dropped, model } = context;
  dropOpenAiOnly(request, context);
  const format = writeFormat(request, context);
  const tools = writeTools(request, format, context);
  const maxTokens = writeLimit(request, context);
  const thinking = writeThinking(request, model, maxTokens, dropped);
  const system = [...request.system, ...askedForJson(request)].map((part) => writeText(part)).filter(isBlock);
  const messages = writeMessages(request, context);
  endWithPerson(messages, request, thinking.isOn, context);
  const cacheAll = request.cacheKey !== null;
  keepLastMarks([...tools, ...system, ...messages.flatMap(({ content }) => content.flatMap(markable))], cacheAll);
  const config = present({ effort: thinking.effort, format });
  return {
    headers: {},
    body: present({
      model,
      max_tokens: maxTokens,
      system: system.length === 0 ? null : system,
      messages,
      tools: tools.length === 0 ? null : tools,
      tool_choice: writeToolChoice(request, tools.length > 0, context),
      thinking: thinking.thinking,
      output_config: Object.keys(config).length === 0 ? null : config,
      ...writeSampling(request, model, thinking.isOn, dropped),
      stop_sequences: writeStops(request, context),
      metadata: writeUser(request, context),
      service_tier: writeTier(request, context),
      // OpenAI keeps prefixes by itself, and a client that names a key counts on it.
      cache_control: cacheAll ? { type: 'ephemeral' } : null,
      stream: request.stream,
    }),
  };
}

/** The limit, which is demanded, as far as the model can answer. */
function writeLimit(request: NeutralRequest, { model, dropped }: WriteContext): number {
  const { defaultMaxTokens, maxOutputTokens: most } = anthropicTraits(model);
  const limit = request.maxTokens ?? defaultMaxTokens;
  if (most === null || limit <= most) return limit;
  dropped.add('max_tokens', `This model answers with at most ${most} tokens; the limit was set to that.`);
  return most;
}

function dropOpenAiOnly(request: NeutralRequest, { dropped }: WriteContext): void {
  for (const name of request.openAi.keys()) {
    if (name !== 'safety_identifier') dropped.add(name, `Anthropic does not know ${name}.`);
  }
  if (request.verbosity !== null) dropped.add('verbosity', 'Anthropic does not know verbosity.');
  if (request.metadata !== null) dropped.add('metadata', 'Anthropic keeps no metadata but the user’s id.');
}

/** Neighbours of one role are one message, so results of parallel calls stand together and first. */
function writeMessages(request: NeutralRequest, context: WriteContext): WireMessage[] {
  const messages: WireMessage[] = [];
  const add = (role: WireMessage['role'], blocks: Block[]) => {
    if (blocks.length === 0) return;
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else messages.push({ role, content: blocks });
  };
  const takesSystem = anthropicTraits(context.model).takesSystemTurns;
  const isOwn = (by: Seal['by']) => by === 'anthropic' || by === 'anthropic-redacted';
  for (const message of withoutLonelyThinking(request.messages, isOwn, context.dropped)) {
    const blocks = message.parts.flatMap((part) => writePart(part, context)).filter(isBlock);
    if (message.role !== 'system') add(message.role, blocks);
    else if (takesSystem && messages.length > 0) add('system', blocks);
    else {
      context.dropped.add(
        message.path,
        messages.length === 0
          ? 'A conversation begins with the person here; the instructions are said in the person’s turn, marked as the system’s.'
          : 'This model takes instructions at the beginning only; these are said in the person’s turn, marked as the system’s.',
      );
      for (const block of blocks) block['text'] = `<system>\n${String(block['text'])}\n</system>`;
      add('user', blocks);
    }
  }
  if (messages.length === 0) throw refuse('messages', 'There is nothing to answer. Send a message with content.');
  if (messages[0]?.role === 'assistant') {
    context.dropped.add(
      'messages',
      'A conversation begins with the person here; a line that says so was put in front.',
    );
    messages.unshift({ role: 'user', content: [{ type: 'text', text: '[The assistant speaks first.]' }] });
  }
  return messages;
}

/** A turn that was begun for the model: newer ones refuse it, as all do that think, and none takes one that ends with a blank. */
function endWithPerson(
  messages: WireMessage[],
  request: NeutralRequest,
  thinks: boolean,
  { model, dropped }: WriteContext,
): void {
  const last = messages.at(-1);
  const end = last?.content.at(-1);
  if (last?.role !== 'assistant' || end?.['type'] !== 'text') return;
  // With thinking switched off, none may stand in the turn that is gone on with.
  const hasThoughts = last.content.some((block) => block['type'] !== 'text');
  if (!thinks && !hasThoughts && anthropicTraits(model).continuesTurns) {
    end['text'] = String(end['text']).trimEnd();
    return;
  }
  dropped.add(
    request.messages.at(-1)?.path ?? 'messages',
    'This model does not continue a turn that was begun for it; a line that asks it to go on was put behind.',
  );
  messages.push({ role: 'user', content: [{ type: 'text', text: '[Go on.]' }] });
}

function writePart(part: RequestPart, context: WriteContext): (Block | null)[] {
  switch (part.type) {
    case 'text':
      return [writeText(part)];
    case 'refusal':
      return [writeText({ type: 'text', text: part.text, cache: null })];
    case 'image':
    case 'document':
      return [writeMedia(part, context)];
    case 'thinking':
      if (part.seal?.by === 'anthropic') {
        return [{ type: 'thinking', thinking: part.text, signature: part.seal.signature }];
      }
      if (part.seal?.by === 'anthropic-redacted') return [{ type: 'redacted_thinking', data: part.seal.data }];
      context.dropped.add(part.path, 'What another provider thought cannot be given to Anthropic.');
      return [];
    case 'call': {
      const args = part.custom ? wrapCustomInput(part.arguments) : part.arguments;
      return [
        {
          type: 'tool_use',
          id: context.ids.toWire(part.id),
          name: context.names.toWire(part.name),
          input: readArguments(args, part.path),
          ...writeCache(part.cache),
        },
      ];
    }
    case 'result': {
      const content = part.content.map((inner) =>
        inner.type === 'text' ? writeText(inner) : writeMedia(inner, context),
      );
      return [
        {
          type: 'tool_result',
          tool_use_id: context.ids.toWire(part.callId),
          content: content.filter(isBlock),
          ...(part.isError ? { is_error: true } : {}),
          ...writeCache(part.cache),
        },
      ];
    }
  }
}

/** Arguments as the object that the protocol wants, numbers as they were written. */
function readArguments(text: string, path: string): unknown {
  if (text.trim() === '') return {};
  try {
    const value = parseExactJson(text);
    if (isObject(value)) return value;
  } catch {
    // Said below, together with JSON that is no object.
  }
  throw refuse(path, 'The arguments of a call are one JSON object as text. Send what the model gave.');
}

/** An empty text is refused, also one of spaces. */
function writeText(part: TextPart): Block | null {
  return part.text.trim() === '' ? null : { type: 'text', text: part.text, ...writeCache(part.cache) };
}

function writeMedia(part: ImagePart | DocumentPart, context: WriteContext): Block {
  const { source, path } = part;
  const cache = writeCache(part.cache);
  if (part.type === 'image') {
    const image = part.source;
    if (part.detail !== null && part.detail !== 'auto') {
      context.dropped.add(`${path}.detail`, 'Anthropic chooses the detail of images by itself.');
    }
    if (image.kind === 'base64' && !IMAGE_TYPES.has(image.mediaType)) {
      throw refuse(path, `Anthropic takes images as JPEG, PNG, GIF or WebP, not as “${image.mediaType}”. Convert it.`);
    }
    return { type: 'image', source: writeSource(image), ...cache };
  }
  const title = part.title === null ? {} : { title: part.title };
  if (source.kind === 'text') {
    return {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: source.text },
      ...title,
      ...cache,
    };
  }
  if (source.kind === 'base64' && /^(text\/|application\/(json|xml|x-ndjson))/.test(source.mediaType)) {
    const data = decodeText(source.data);
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data }, ...title, ...cache };
  }
  if (source.kind === 'base64' && source.mediaType !== 'application/pdf') {
    throw refuse(path, `Anthropic takes documents as PDF or text, not as “${source.mediaType}”. Convert it.`);
  }
  return { type: 'document', source: writeSource(source), ...title, ...cache };
}

function writeSource(source: Exclude<ImagePart['source'], { kind: 'text' }>): Block {
  return source.kind === 'url'
    ? { type: 'url', url: source.url }
    : { type: 'base64', media_type: source.mediaType, data: source.data };
}

function writeCache(cache: Cache): Block {
  if (cache === null) return {};
  return { cache_control: cache === '1h' ? { type: 'ephemeral', ttl: '1h' } : { type: 'ephemeral' } };
}

/** A block and what in it can be marked, in the order in which a prompt is read. */
function markable(block: Block): Block[] {
  return block['type'] === 'tool_result' ? [...listOf(block['content']).filter(isObject), block] : [block];
}

/** OpenAI looks at many marks, Anthropic takes four: the last ones reach furthest. */
function keepLastMarks(blocks: Block[], cacheAll: boolean): void {
  const marked = blocks.filter((block) => block['cache_control'] !== undefined);
  for (const block of marked.slice(0, Math.max(0, marked.length - MAX_CACHE_MARKS + (cacheAll ? 1 : 0)))) {
    delete block['cache_control'];
  }
}

/** Calls in the conversation are refused unless their tools are declared. */
function writeTools(
  request: NeutralRequest,
  format: AnswerFormat | null,
  { names, dropped, model }: WriteContext,
): Block[] {
  const choice = request.toolChoice;
  const allowed = choice?.kind === 'allowed' ? new Set(choice.names) : null;
  const offered = request.tools.filter((tool) => allowed === null || allowed.has(tool.name));
  const budget = new HeldBudget();
  if (format !== null) budget.addAnswer(format.schema);
  const tools = offered.map((tool) => {
    const written = writeTool(tool, names.toWire(tool.name));
    const schema = written['input_schema'];
    if (tool.strict !== true) return written;
    if (!anthropicTraits(model).takesStrictTools) {
      dropped.add(`${tool.path}.strict`, 'This model is not held to schemas of tools; they guide it.');
    } else if (isObject(schema) && anthropicHolds(schema) && budget.takesTool(schema)) {
      return { ...written, strict: true };
    } else {
      dropped.add(
        `${tool.path}.strict`,
        'Anthropic holds a model to few and simple schemas, which name shapes and no limits; this one guides it.',
      );
    }
    return written;
  });
  if (tools.length > 0) return tools;
  const used = request.messages.flatMap((message) =>
    message.parts.flatMap((part) => (part.type === 'call' ? [part.name] : [])),
  );
  return [...new Set(used)].map((name) => ({
    name: names.toWire(name),
    description: 'Was used earlier in this conversation.',
    input_schema: { type: 'object' },
  }));
}

function writeTool(tool: NeutralTool, name: string): Block {
  const isCustom = tool.kind === 'custom';
  const description = isCustom ? customDescription(tool) : tool.description;
  return present({
    name,
    description: description === '' ? null : description,
    input_schema: isCustom
      ? CUSTOM_PARAMETERS
      : // Neither an absent schema nor one without a type is taken.
        tool.parameters === null
        ? { type: 'object', properties: {} }
        : tool.parameters['type'] === 'object'
          ? tool.parameters
          : { ...tool.parameters, type: 'object' },
    ...writeCache(tool.cache),
  });
}

function writeToolChoice(request: NeutralRequest, hasTools: boolean, { names }: WriteContext): Block | null {
  if (!hasTools) return null;
  if (request.tools.length === 0) return { type: 'none' };
  const single = request.parallelCalls === false ? { disable_parallel_tool_use: true } : {};
  const choice = request.toolChoice;
  switch (choice?.kind) {
    case undefined:
      return request.parallelCalls === false ? { type: 'auto', ...single } : null;
    case 'none':
      return { type: 'none' };
    case 'auto':
      return { type: 'auto', ...single };
    case 'required':
      return { type: 'any', ...single };
    case 'tool':
      return { type: 'tool', name: names.toWire(choice.name), ...single };
    case 'allowed':
      return { type: choice.required ? 'any' : 'auto', ...single };
  }
}

function writeStops(request: NeutralRequest, { dropped }: WriteContext): string[] | null {
  const stops = request.stop.filter((stop) => stop.trim() !== '');
  if (stops.length < request.stop.length) dropped.add('stop', 'Anthropic takes no stop sequences of white space only.');
  return stops.length === 0 ? null : stops;
}

function writeUser(request: NeutralRequest, { dropped }: WriteContext): Block | null {
  if (request.user === null) return null;
  if (request.user.length <= MAX_USER_CHARS) return { user_id: request.user };
  dropped.add('user', 'This id of a user is longer than Anthropic takes.');
  return null;
}

function writeTier(request: NeutralRequest, { dropped }: WriteContext): string | null {
  switch (request.serviceTier) {
    case null:
      return null;
    case 'auto':
      return 'auto';
    case 'default':
      return 'standard_only';
    default:
      dropped.add('service_tier', 'Anthropic does not know this tier; the account’s own holds.');
      return null;
  }
}

function isBlock(block: Block | null): block is Block {
  return block !== null;
}
