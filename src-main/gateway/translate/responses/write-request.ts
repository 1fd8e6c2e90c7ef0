import { isObject, listOf, textOf } from '../../json.ts';
import { withoutLonelyThinking } from '../lonely-thinking.ts';
import { openAiTraits } from '../model-traits.ts';
import type { ContentPart, NeutralMessage, NeutralRequest, NeutralTool, RequestPart } from '../neutral-request.ts';
import { CHAT_SETTINGS } from '../read-openai.ts';
import { cutSummary } from '../seal.ts';
import { asksThinking } from '../thinking-wish.ts';
import { refuse } from '../translation-failure.ts';
import { present, type WriteContext, type WrittenRequest } from '../write-context.ts';
import {
  dropCacheMarks,
  dropPrefill,
  dropTopK,
  imageUrl,
  inlineFile,
  joinTexts,
  refuseSpoken,
  writeEffort,
  writeFormatFields,
  writeFunction,
  writeMaxTokens,
  writeSampling,
  writeTextDocument,
  writeUserId,
} from '../write-openai.ts';

type Fields = Record<string, unknown>;

/** The least that the protocol takes; some clients ask for one token to see whether they are let in. */
const MIN_OUTPUT_TOKENS = 16;
const CHAT_ONLY: ReadonlySet<string> = new Set(CHAT_SETTINGS);

/** The body of a responses request. Nothing is stored with the provider: no client here could ask for it. */
export function writeResponsesRequest(request: NeutralRequest, context: WriteContext): WrittenRequest {
  const { dropped, model } = context;
  dropCacheMarks(request, dropped, (part, role) => part.openAiMark !== undefined && role !== 'assistant');
  dropPrefill(request, dropped);
  for (const name of request.openAi.keys()) {
    if (CHAT_ONLY.has(name)) dropped.add(name, `The responses protocol does not know ${name}.`);
  }
  dropTopK(request, dropped);
  if (request.stop.length > 0)
    dropped.add('stop', 'The responses protocol knows no stop sequences; the answer goes on.');
  const effort = writeEffort(request, model, dropped);
  const messages = withoutLonelyThinking(request.messages, (by) => by === 'responses', dropped);
  // The field for instructions takes no marks.
  const isMarked = request.system.some((part) => part.openAiMark !== undefined);
  const asked: NeutralMessage[] = isMarked
    ? [{ role: 'system', parts: request.system, path: 'system' }, ...messages]
    : messages;
  const input = asked.flatMap((message) => writeMessage(message, context));
  if (input.length === 0) throw refuse('messages', 'There is nothing to answer. Send a message with content.');
  const reasons = asksThinking(request) && !openAiTraits(model).cannotReason;
  const summary = reasons && request.showThinking !== false ? 'auto' : null;
  const reasoning = present({ effort, summary });
  const format = writeFormatFields(request, dropped);
  const text = present({
    format:
      request.format?.kind === 'json-object'
        ? { type: 'json_object' }
        : format === null
          ? null
          : { type: 'json_schema', ...format },
    verbosity: request.verbosity,
  });
  const tools = request.tools.map((tool) => writeTool(tool, context));
  return {
    headers: {},
    body: present({
      ...Object.fromEntries(
        [...request.openAi].filter(([name]) => !CHAT_ONLY.has(name) && name !== 'safety_identifier'),
      ),
      model,
      instructions: request.system.length === 0 || isMarked ? null : joinTexts(request.system),
      input,
      tools: tools.length === 0 ? null : tools,
      tool_choice: tools.length === 0 ? null : writeToolChoice(request, context),
      parallel_tool_calls: tools.length === 0 ? null : request.parallelCalls,
      max_output_tokens: writeLimit(request, context),
      ...writeSampling(request, model, dropped),
      reasoning: Object.keys(reasoning).length === 0 ? null : reasoning,
      // Models that do not reason refuse to be asked for it.
      include: reasons || input.some((item) => item['type'] === 'reasoning') ? ['reasoning.encrypted_content'] : null,
      text: Object.keys(text).length === 0 ? null : text,
      user: writeUserId(request, dropped),
      metadata: request.metadata,
      service_tier: request.serviceTier,
      prompt_cache_key: request.cacheKey,
      store: false,
      stream: request.stream,
    }),
  };
}

function writeLimit(request: NeutralRequest, { model, dropped }: WriteContext): number | null {
  const limit = writeMaxTokens(request, model, dropped);
  if (limit === null || limit >= MIN_OUTPUT_TOKENS) return limit;
  dropped.add('max_tokens', `OpenAI’s answers have at least ${MIN_OUTPUT_TOKENS} tokens; the limit was set to that.`);
  return MIN_OUTPUT_TOKENS;
}

/** A message as items, in the order of its parts: neighbouring texts are one item, calls, results and thinking their own. */
function writeMessage(message: NeutralMessage, context: WriteContext): Fields[] {
  const items: Fields[] = [];
  let open: Fields[] | null = null;
  const role = message.role === 'system' ? 'developer' : message.role;
  const say = (part: Fields) => {
    if (open === null) {
      open = [];
      items.push({ type: 'message', role, content: open });
    }
    open.push(part);
  };
  for (const part of message.parts) {
    switch (part.type) {
      case 'text':
      case 'image':
      case 'document':
        say(role === 'assistant' ? writeSpoken(part, message.path) : writeContent(part, context));
        break;
      case 'refusal':
        say(role === 'assistant' ? { type: 'refusal', refusal: part.text } : { type: 'input_text', text: part.text });
        break;
      default: {
        const item = writeItem(part, context);
        if (item !== null) {
          open = null;
          items.push(item);
        }
      }
    }
  }
  return role === 'assistant' ? items.map(asPlainText) : items;
}

/**
 * What the assistant said as a plain text: parts of it belong to an item with an id and a status by OpenAI's own description, which
 * we have none of, and servers that check requests by that description (vLLM) refuse them without.
 */
function asPlainText(item: Fields): Fields {
  if (item['type'] !== 'message') return item;
  const parts = listOf(item['content']).filter(isObject);
  if (parts.some((part) => part['type'] !== 'output_text')) return item;
  return { ...item, content: parts.map((part) => textOf(part['text']) ?? '').join('') };
}

function writeItem(
  part: Extract<RequestPart, { type: 'thinking' | 'call' | 'result' }>,
  context: WriteContext,
): Fields | null {
  switch (part.type) {
    case 'thinking': {
      const { seal } = part;
      if (seal?.by !== 'responses' || seal.encrypted === '') {
        context.dropped.add(part.path, 'What another provider thought cannot be given to OpenAI.');
        return null;
      }
      const summary = cutSummary(part.text, seal.cuts).map((text) => ({ type: 'summary_text', text }));
      return {
        type: 'reasoning',
        ...(seal.id === '' ? {} : { id: seal.id }),
        summary,
        encrypted_content: seal.encrypted,
      };
    }
    case 'call': {
      const common = { call_id: context.ids.toWire(part.id), name: context.names.toWire(part.name) };
      return part.custom
        ? { type: 'custom_tool_call', ...common, input: part.arguments }
        : { type: 'function_call', ...common, arguments: part.arguments === '' ? '{}' : part.arguments };
    }
    case 'result': {
      // A mark stands on a part.
      const texts = part.content.flatMap((inner) =>
        inner.type === 'text' && inner.openAiMark === undefined ? [inner.text] : [],
      );
      const text = texts.join('\n');
      const mark = part.isError ? 'Error: ' : '';
      return {
        type: context.customCalls.has(part.callId) ? 'custom_tool_call_output' : 'function_call_output',
        call_id: context.ids.toWire(part.callId),
        output:
          texts.length === part.content.length
            ? mark + text
            : [
                ...(mark === '' ? [] : [{ type: 'input_text', text: mark }]),
                ...part.content.map((inner) => writeContent(inner, context)),
              ],
      };
    }
  }
}

function writeSpoken(part: ContentPart, path: string): Fields {
  if (part.type !== 'text') {
    throw refuseSpoken(path);
  }
  return { type: 'output_text', text: part.text, annotations: [] };
}

function writeContent(part: ContentPart, { dropped }: WriteContext): Fields {
  if (part.type === 'document' && part.source.kind === 'url' && part.title !== null) {
    dropped.add(`${part.path}.title`, 'OpenAI calls a document by its address; the title is left out.');
  }
  const content = contentOf(part);
  return part.openAiMark === undefined ? content : { ...content, prompt_cache_breakpoint: part.openAiMark };
}

function contentOf(part: ContentPart): Fields {
  if (part.type === 'text') return { type: 'input_text', text: part.text };
  if (part.type === 'image') {
    return { type: 'input_image', image_url: imageUrl(part), detail: part.detail ?? 'auto' };
  }
  const text = writeTextDocument(part);
  if (text !== null) return { type: 'input_text', text };
  return part.source.kind === 'url'
    ? { type: 'input_file', file_url: part.source.url }
    : part.source.kind === 'base64'
      ? { type: 'input_file', ...inlineFile(part.title, part.source) }
      : { type: 'input_text', text: part.source.text };
}

function writeTool(tool: NeutralTool, { names, dropped }: WriteContext): Fields {
  const common = {
    name: names.toWire(tool.name),
    ...(tool.description === null ? {} : { description: tool.description }),
  };
  if (tool.kind === 'custom') {
    return { type: 'custom', ...common, ...(tool.format === null ? {} : { format: customFormat(tool.format) }) };
  }
  const { parameters, strict } = writeFunction(tool, dropped);
  // Unsaid means strict here, and loose in the other protocols.
  return { type: 'function', ...common, parameters, strict: strict ?? false };
}

/** The chat protocol puts a grammar one level deeper. */
function customFormat(format: unknown): unknown {
  const inner = (format as { grammar?: unknown } | null)?.grammar;
  return inner === undefined ? format : { type: 'grammar', ...(inner as object) };
}

function writeToolChoice(request: NeutralRequest, { names }: WriteContext): unknown {
  const choice = request.toolChoice;
  const kindOf = (name: string) =>
    request.tools.find((tool) => tool.name === name)?.kind === 'custom' ? 'custom' : 'function';
  switch (choice?.kind) {
    case undefined:
      return null;
    case 'auto':
    case 'none':
    case 'required':
      return choice.kind;
    case 'tool':
      return { type: kindOf(choice.name), name: names.toWire(choice.name) };
    case 'allowed':
      return {
        type: 'allowed_tools',
        mode: choice.required ? 'required' : 'auto',
        tools: choice.names.map((name) => ({ type: kindOf(name), name: names.toWire(name) })),
      };
  }
}
