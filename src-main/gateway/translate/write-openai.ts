import { CACHE_REASON } from './anthropic/read-request.ts';
import { type InlineData, toDataUrl } from './data-url.ts';
import type { DropList } from './dropped.ts';
import { openAiHolds } from './held-schema.ts';
import { withItems } from './loose-schema.ts';
import { openAiTraits } from './model-traits.ts';
import {
  type ContentPart,
  type DocumentPart,
  type ImagePart,
  isContent,
  type NeutralMessage,
  type NeutralRequest,
  type NeutralTool,
  type RequestPart,
  type TextPart,
} from './neutral-request.ts';
import { asksThinking, effortOfBudget } from './thinking-wish.ts';
import { refuse } from './translation-failure.ts';

/** What the two protocols of OpenAI have in common as upstreams. */

const MAX_USER_CHARS = 64;
/** Ids that OpenAI takes for calls. */
export const MAX_CALL_ID_CHARS = 40;

/** Several blocks are one system prompt: apart, some servers take the last one only. */
export function joinTexts(parts: readonly TextPart[]): string {
  return parts.map((part) => part.text).join('\n\n');
}

/** The effort for a model that reasons; null where none is to be named. */
export function writeEffort(request: NeutralRequest, model: string, dropped: DropList): string | null {
  const traits = openAiTraits(model);
  const wish = request.thinking;
  if (wish.kind === 'disabled' || request.effort === 'none') {
    if (traits.leastEffort === null) {
      dropped.add('thinking', 'Whether it thinks is decided by this model.');
      return null;
    }
    return traits.leastEffort;
  }
  const effort = request.effort ?? (wish.kind === 'budget' ? effortOfBudget(wish.tokens) : null);
  if (traits.cannotReason && asksThinking(request)) {
    dropped.add('thinking', 'This model does not think.');
    return null;
  }
  const nearest = effort === null ? undefined : traits.nearestEffort.get(effort);
  if (nearest === undefined) return effort;
  dropped.add('reasoning_effort', `This model does not know the effort “${effort}”; it was set to “${nearest}”.`);
  return nearest;
}

export function writeUserId(request: NeutralRequest, dropped: DropList): string | null {
  if (request.user === null || request.user.length <= MAX_USER_CHARS) return request.user;
  dropped.add('metadata.user_id', 'This id of a user is longer than OpenAI takes.');
  return null;
}

/** Tells of marks for the cache that stay behind: Anthropic's are another thing than OpenAI's. */
export function dropCacheMarks(
  { tools, system, messages }: NeutralRequest,
  dropped: DropList,
  carries: (part: ContentPart, role: NeutralMessage['role']) => boolean = () => false,
): void {
  const tell = (part: NeutralTool | RequestPart, role: NeutralMessage['role']) => {
    if (!('cache' in part) || part.cache === null) return;
    if (!('type' in part) || !isContent(part) || !carries(part, role)) dropped.add('cache_control', CACHE_REASON);
  };
  for (const tool of tools) tell(tool, 'system');
  for (const part of system) tell(part, 'system');
  for (const { role, parts } of messages) {
    for (const part of parts) {
      if (part.type === 'result') for (const inner of part.content) tell(inner, role);
      tell(part, role);
    }
  }
}

/** The longest answer, as far as the model can give one. */
export function writeMaxTokens(request: NeutralRequest, model: string, dropped: DropList): number | null {
  const most = openAiTraits(model).maxOutputTokens;
  if (request.maxTokens === null || most === null || request.maxTokens <= most) return request.maxTokens;
  dropped.add('max_tokens', `This model answers with at most ${most} tokens; the limit was set to that.`);
  return most;
}

/** Sampling, as far as the model takes it: clients of other providers know nothing of models that do not. */
export function writeSampling(
  request: NeutralRequest,
  model: string,
  dropped: DropList,
): Record<string, number | null> {
  const { temperature, topP } = request;
  const { sampling } = openAiTraits(model);
  const thinks = sampling === 'unless-thinking' && asksThinking(request);
  if (sampling !== 'never' && !thinks) return { temperature, top_p: topP };
  const reason = `This model takes no sampling parameters${thinks ? ' while it thinks' : ''}.`;
  // 1 is what it does by itself.
  if (temperature !== null && temperature !== 1) dropped.add('temperature', reason);
  if (topP !== null && topP !== 1) dropped.add('top_p', reason);
  return { temperature: null, top_p: null };
}

export function dropTopK(request: NeutralRequest, dropped: DropList): void {
  if (request.topK !== null) dropped.add('top_k', 'OpenAI’s protocols do not know top_k.');
}

export function refuseSpoken(path: string): Error {
  return refuse(path, 'The assistant’s messages hold text and calls. Move the rest into a message of the user.');
}

/** An image's address, or its data as one. */
export function imageUrl({ source }: ImagePart): string {
  return source.kind === 'url' ? source.url : toDataUrl(source);
}

/** A document's bytes with a name, which is demanded. */
export function inlineFile(title: string | null, data: InlineData): { filename: string; file_data: string } {
  return { filename: title ?? 'document.pdf', file_data: toDataUrl(data) };
}

/** A document of text, as text: OpenAI takes files as PDF. */
export function writeTextDocument(part: DocumentPart): string | null {
  if (part.source.kind !== 'text') return null;
  return part.title === null ? part.source.text : `${part.title}\n\n${part.source.text}`;
}

/** OpenAI refuses an object without properties and a list without items, which others take, and an MCP server may well give. */
function writeParameters({ parameters }: NeutralTool): Record<string, unknown> {
  if (parameters === null) return { type: 'object', properties: {} };
  const whole = withItems(parameters);
  const isPlain = !['anyOf', 'oneOf', 'allOf', '$ref'].some((name) => name in whole);
  if (!isPlain || 'properties' in whole || (whole['type'] ?? 'object') !== 'object') return whole;
  return { ...whole, type: 'object', properties: {} };
}

/** A schema that OpenAI would refuse to hold the model to guides it all the same. */
function isStrict(strict: boolean | null, schema: unknown, path: string, dropped: DropList): boolean | null {
  if (strict !== true || openAiHolds(schema)) return strict;
  dropped.add(
    path,
    'OpenAI holds a model to a schema only where all properties are required and all objects closed; this one guides it.',
  );
  return null;
}

/** What a function takes, and whether the model is held to it; null for `strict` where that is not said. */
export function writeFunction(tool: NeutralTool, dropped: DropList) {
  const parameters = writeParameters(tool);
  return { parameters, strict: isStrict(tool.strict, parameters, `${tool.path}.strict`, dropped) };
}

export function writeFormatFields(request: NeutralRequest, dropped: DropList): Record<string, unknown> | null {
  const { format } = request;
  if (format?.kind !== 'json-schema') return null;
  const strict = isStrict(format.strict, format.schema, 'format', dropped);
  return {
    // The name is demanded, and only OpenAI's clients give one.
    name: format.name ?? 'answer',
    ...(format.description === null ? {} : { description: format.description }),
    schema: format.schema,
    ...(strict === null ? {} : { strict }),
  };
}

/** OpenAI's answers go on from nothing: a turn that the client began for the model is not continued. */
export function dropPrefill(request: NeutralRequest, dropped: DropList): void {
  const last = request.messages.at(-1);
  if (last?.role === 'assistant') {
    dropped.add(last.path, 'The model answers anew: OpenAI’s protocols do not continue a turn that was begun for it.');
  }
}

export function refuseDocumentUrl(path: string): Error {
  return refuse(path, 'The chat protocol takes no documents by address. Send the file in base64.');
}
