import { listOf, parseJson, textOf } from '../../json.ts';
import { CUSTOM_PARAMETERS, customDescription, wrapCustomInput } from '../custom-tool.ts';
import type { DropList } from '../dropped.ts';
import { openAiTraits } from '../model-traits.ts';
import type {
  ContentPart,
  DocumentPart,
  ImagePart,
  NeutralMessage,
  NeutralRequest,
  NeutralTool,
  ResultPart,
} from '../neutral-request.ts';
import { present, type WriteContext, type WrittenRequest } from '../write-context.ts';
import {
  dropCacheMarks,
  dropPrefill,
  dropTopK,
  imageUrl,
  inlineFile,
  joinTexts,
  refuseDocumentUrl,
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

const MAX_STOPS = 4;

/** The body of a chat completions request, for OpenAI and for what speaks like it: nothing that only OpenAI would take. */
export function writeChatRequest(request: NeutralRequest, context: WriteContext): WrittenRequest {
  const { dropped, model } = context;
  dropCacheMarks(request, dropped);
  dropPrefill(request, dropped);
  dropTopK(request, dropped);
  const maxTokens = writeMaxTokens(request, model, dropped);
  const limit = openAiTraits(model).wantsCompletionTokens ? 'max_completion_tokens' : 'max_tokens';
  const format = writeFormatFields(request, dropped);
  const tools = request.tools.map((tool) => writeTool(tool, context));
  return {
    headers: {},
    body: present({
      ...writeSettings(request, dropped),
      model,
      messages: writeMessages(request, context),
      tools: tools.length === 0 ? null : tools,
      tool_choice: tools.length === 0 ? null : writeToolChoice(request, context),
      parallel_tool_calls: tools.length === 0 ? null : request.parallelCalls,
      [limit]: maxTokens,
      ...writeSampling(request, model, dropped),
      stop: writeStops(request, context),
      reasoning_effort: writeEffort(request, model, dropped),
      response_format:
        request.format?.kind === 'json-object'
          ? { type: 'json_object' }
          : format === null
            ? null
            : { type: 'json_schema', json_schema: format },
      verbosity: request.verbosity,
      user: writeUserId(request, dropped),
      metadata: request.metadata,
      service_tier: writeTier(request, dropped),
      prompt_cache_key: request.cacheKey,
      stream: request.stream,
      // Figures are always asked for; a client that did not ask is not shown them.
      stream_options: request.stream ? { include_usage: true } : null,
    }),
  };
}

/** Those of OpenAI's own that chat knows. A number of likely tokens without a wish for them is refused there. */
function writeSettings({ openAi }: NeutralRequest, dropped: DropList): Fields {
  const {
    safety_identifier: _,
    top_logprobs: top,
    prompt_cache_options: cache,
    ...settings
  } = Object.fromEntries(openAi);
  // They say what is to become of the marks: with `explicit` and no mark nothing would be kept.
  if (cache !== undefined)
    dropped.add('prompt_cache_options', 'Marks for the prompt cache are left out here, and what is said of them.');
  if (top === undefined) return settings;
  if (openAi.has('logprobs')) return { ...settings, top_logprobs: top };
  dropped.add('top_logprobs', 'Likelihoods of tokens cannot be carried into this protocol’s answers.');
  return settings;
}

/** The two protocols know other tiers. */
function writeTier({ serviceTier }: NeutralRequest, dropped: DropList): string | null {
  if (serviceTier !== 'ultrafast') return serviceTier;
  dropped.add('service_tier', 'The chat protocol does not know this tier; the account’s own holds.');
  return null;
}

function writeMessages(request: NeutralRequest, context: WriteContext): Fields[] {
  const messages: Fields[] = [];
  if (request.system.length > 0) messages.push({ role: 'system', content: joinTexts(request.system) });
  const turn = request.messages.findLastIndex(
    (message) => message.role === 'user' && message.parts.some((part) => part.type !== 'result'),
  );
  for (const [at, message] of request.messages.entries()) {
    switch (message.role) {
      case 'system':
        messages.push({ role: 'system', content: joinTexts(message.parts.filter((part) => part.type === 'text')) });
        break;
      case 'user':
        messages.push(...writeUser(message, context));
        break;
      case 'assistant':
        messages.push(writeAssistant(message, at > turn, context));
        break;
    }
  }
  return messages;
}

/** Results first, each in a message of its own as the protocol has it, with nothing between them; then what the person says. */
function writeUser(message: NeutralMessage, context: WriteContext): Fields[] {
  const results: Fields[] = [];
  const rest: Fields[] = [];
  for (const part of message.parts) {
    if (part.type === 'result') {
      results.push({ role: 'tool', tool_call_id: context.ids.toWire(part.callId), content: writeResult(part) });
      const media = part.content.filter((inner) => inner.type !== 'text' && !isText(inner));
      // A result is text only here, so what cannot be text follows in the person's turn and says where it belongs.
      if (media.length > 0) {
        rest.push({ type: 'text', text: `From the result of the call ${context.ids.toWire(part.callId)}:` });
        rest.push(...media.map(writeContent));
      }
    } else if (part.type === 'text' || part.type === 'image' || part.type === 'document') rest.push(writeContent(part));
  }
  if (rest.length === 0) return results.length > 0 ? results : [{ role: 'user', content: '' }];
  const only = rest.length === 1 ? rest[0] : undefined;
  // One text is a plain text: many servers take nothing else.
  return [...results, { role: 'user', content: only?.['type'] === 'text' ? only['text'] : rest }];
}

function isText(part: ImagePart | DocumentPart): boolean {
  return part.type === 'document' && part.source.kind === 'text';
}

function writeResult(part: ResultPart): string {
  const texts = part.content.flatMap((inner) => {
    if (inner.type === 'text') return [inner.text];
    const text = inner.type === 'document' ? writeTextDocument(inner) : null;
    return text === null ? [] : [text];
  });
  const text = texts.join('\n');
  return part.isError ? `Error: ${text}` : text;
}

function writeContent(part: ContentPart): Fields {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const { source } = part;
  if (part.type === 'image') {
    return {
      type: 'image_url',
      image_url: { url: imageUrl(part), ...(part.detail === null ? {} : { detail: part.detail }) },
    };
  }
  const text = writeTextDocument(part);
  if (text !== null) return { type: 'text', text };
  if (source.kind !== 'base64') throw refuseDocumentUrl(part.path);
  return { type: 'file', file: inlineFile(part.title, source) };
}

function writeAssistant(message: NeutralMessage, isOpenTurn: boolean, context: WriteContext): Fields {
  const texts: string[] = [];
  const calls: Fields[] = [];
  const fields: Fields = {};
  for (const part of message.parts) {
    switch (part.type) {
      case 'text':
        texts.push(part.text);
        break;
      case 'refusal':
        fields['refusal'] = `${textOf(fields['refusal']) ?? ''}${part.text}`;
        break;
      case 'call': {
        const extra = context.extraOf(part.id);
        calls.push({
          ...(extra === null ? {} : { extra_content: extra }),
          id: context.ids.toWire(part.id),
          type: 'function',
          function: {
            name: context.names.toWire(part.name),
            arguments: part.custom ? wrapCustomInput(part.arguments) : part.arguments === '' ? '{}' : part.arguments,
          },
        });
        break;
      }
      case 'thinking':
        if (part.seal?.by === 'chat-details') {
          const details = [...listOf(fields['reasoning_details']), ...listOf(parseJson(part.seal.details))];
          if (isOpenTurn && details.length > 0) fields['reasoning_details'] = details;
        } else if (part.seal?.by !== 'chat') {
          context.dropped.add(part.path, 'What another provider thought is not given to this one.');
        } else if (isOpenTurn) {
          // Within a turn servers want it back, before that some refuse it.
          fields[part.seal.field] =
            `${typeof fields[part.seal.field] === 'string' ? String(fields[part.seal.field]) : ''}${part.text}`;
        }
        break;
      case 'image':
      case 'document':
      case 'result':
        throw refuseSpoken(message.path);
    }
  }
  return {
    role: 'assistant',
    content: texts.length === 0 ? (calls.length > 0 || 'refusal' in fields ? null : '') : texts.join(''),
    ...fields,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** Custom tools are OpenAI's alone; most servers of this protocol take functions only. */
function writeTool(tool: NeutralTool, { names, dropped }: WriteContext): Fields {
  const isCustom = tool.kind === 'custom';
  const description = isCustom ? customDescription(tool) : tool.description;
  return {
    type: 'function',
    function: present({
      name: names.toWire(tool.name),
      description: description === '' ? null : description,
      ...(isCustom ? { parameters: CUSTOM_PARAMETERS } : writeFunction(tool, dropped)),
    }),
  };
}

function writeToolChoice(request: NeutralRequest, { names }: WriteContext): unknown {
  const choice = request.toolChoice;
  switch (choice?.kind) {
    case undefined:
      return null;
    case 'auto':
    case 'none':
    case 'required':
      return choice.kind;
    case 'tool':
      return { type: 'function', function: { name: names.toWire(choice.name) } };
    case 'allowed':
      return {
        type: 'allowed_tools',
        allowed_tools: {
          mode: choice.required ? 'required' : 'auto',
          tools: choice.names.map((name) => ({ type: 'function', function: { name: names.toWire(name) } })),
        },
      };
  }
}

function writeStops(request: NeutralRequest, { model, dropped }: WriteContext): string[] | null {
  if (request.stop.length > 0 && openAiTraits(model).sampling === 'never') {
    dropped.add('stop_sequences', 'This model takes no stop sequences; the answer goes on.');
    return null;
  }
  if (request.stop.length > MAX_STOPS) dropped.add(`stop_sequences[${MAX_STOPS}]`, 'OpenAI takes four stop sequences.');
  return request.stop.length === 0 ? null : request.stop.slice(0, MAX_STOPS);
}
