import { estimateTokens } from '#contract/token-estimate';
import { inEnglish } from '../../platform/app-failure.ts';
import { withoutMark } from '../../platform/byte-order-mark.ts';
import { findOddShape } from '../../platform/odd-shape.ts';
import { isObject, type JsonObject, listOf, textOf } from '../json.ts';
import { type Dropped, TranslationFailure, type WireProtocol } from '../translate/translation.ts';
import { findMembers, setMember, withoutMembers } from './json-members.ts';
import { withoutOwnSeals } from './own-seals.ts';
import { switchThinking, type ThinkingSwitch } from './switch-thinking.ts';

const NO_BYTES = Buffer.alloc(0);
const BLANK = /^\s*$/;
/** Deeper than any schema of a tool; what weighs and translates a request goes down by calling itself. */
const MAX_DEPTH = 200;
const MAX_PARTS = 1_000_000;
/** What providers count for a picture of common size. */
const IMAGE_TOKENS = 1000;
/** So much text is weighed, the rest taken in proportion. */
const MOST_WEIGHED_CHARS = 16_384;

/** A program's request: its bytes, and what was read of them; nothing any more once it was let go of. */
export interface ProgramRequest {
  bytes: Buffer;
  body: JsonObject;
  model: string | null;
  stream: boolean;
}

/**
 * Lets go of what was sent, for everybody who holds the request: once an answer has begun nobody asks with it again, and the answer
 * may take long to come to its end.
 */
export function letGo(request: ProgramRequest): void {
  request.bytes = NO_BYTES;
  request.body = {};
}

/** @throws TranslationFailure 400 for anything but an object with messages of known kinds. */
export function readProgramRequest(protocol: WireProtocol, given: Buffer): ProgramRequest {
  // No upstream takes one.
  const bytes = withoutMark(given);
  const body = parse(bytes);
  const { model, stream } = body;
  if (model !== undefined && model !== null && typeof model !== 'string') throw bad('“model” must be a text.');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw bad('“stream” must be true or false.');
  }
  checkMessages(protocol, body);
  return { bytes, body, model: typeof model === 'string' ? model : null, stream: stream === true };
}

function parse(bytes: Buffer): JsonObject {
  const text = bytes.toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw bad(
      BLANK.test(text)
        ? 'The request has no body. Send JSON.'
        : 'The request body is not valid JSON. Send one JSON object in UTF-8.',
    );
  }
  if (!isObject(json)) throw bad('The request body must be a JSON object.');
  const odd = findOddShape(json, { depth: MAX_DEPTH, parts: MAX_PARTS });
  if (odd !== null) throw bad(`The request body is not valid. ${inEnglish(odd)}`);
  return json;
}

const ROLES: Readonly<Record<WireProtocol, ReadonlySet<string>>> = {
  // Anthropic takes `system` within messages of newer models.
  'anthropic-messages': new Set(['user', 'assistant', 'system']),
  'openai-chat': new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  'openai-responses': new Set(['system', 'developer', 'user', 'assistant', 'tool']),
};

/** What is wrong for every upstream is said here, so that it never spends a key; everything finer is the upstream's to judge. */
function checkMessages(protocol: WireProtocol, body: JsonObject): void {
  const field = protocol === 'openai-responses' ? 'input' : 'messages';
  const messages = body[field];
  if (protocol === 'openai-responses' && (typeof messages === 'string' || isObject(body['prompt']))) return;
  if (protocol === 'openai-responses' && messages === undefined && typeof body['previous_response_id'] === 'string')
    return;
  if (!Array.isArray(messages)) {
    const either = protocol === 'openai-responses' ? 'a text or ' : '';
    throw bad(`“${field}” must be ${either}a list of messages.`);
  }
  // An unfinished turn of a conversation that Anthropic keeps goes on without a new message.
  const isKeptThere = isObject(body['thread']) && body['thread']['type'] === 'continue';
  if (messages.length === 0 && !(isKeptThere && protocol === 'anthropic-messages'))
    throw bad(`“${field}” is empty. Send at least one message.`);
  for (const [index, message] of (messages as unknown[]).entries()) {
    if (!isObject(message)) throw bad(`“${field}[${index}]” must be an object.`);
    const { role } = message;
    // Items of the responses protocol need none: tool results, reasoning, references.
    if (role === undefined && protocol === 'openai-responses') continue;
    if (typeof role !== 'string' || !ROLES[protocol].has(role)) {
      const known = [...ROLES[protocol]].map((each) => `“${each}”`).join(', ');
      throw bad(`“${field}[${index}].role” must be one of ${known}.`);
    }
  }
}

/** A request in its own bytes, and what of it had to go. */
export interface OwnBytes {
  bytes: Buffer;
  dropped: readonly Dropped[];
}

/** The request as it goes to an upstream of its own protocol: for the model that is meant, and without what only we can read. */
export function asIs(request: ProgramRequest, model: string, thinking: boolean, protocol: WireProtocol): OwnBytes {
  const named = withModel(request, model);
  const change = thinking ? switchThinking(protocol, request.body, model) : null;
  const bytes = change === null ? named : withThinking(named, change);
  return { bytes: withoutOwnSeals(protocol, bytes), dropped: change?.dropped ?? [] };
}

/** The same request for another model; nothing else in it changes, not a byte. */
function withModel({ bytes, model: named }: ProgramRequest, model: string): Buffer {
  return named === model && !hasDouble(bytes) ? bytes : set(bytes, 'model', model);
}

function withThinking(given: Buffer, change: ThinkingSwitch): Buffer {
  let bytes = given;
  for (const [key, value] of Object.entries(change.set)) bytes = set(bytes, key, value);
  const object = change.without.length === 0 ? null : findMembers(bytes);
  return object === null ? bytes : withoutMembers(bytes, object, new Set(change.without));
}

/** Whether the model may be named twice; cheap, and right where it says no. */
function hasDouble(bytes: Buffer): boolean {
  const first = bytes.indexOf('"model"');
  return first < 0 || bytes.indexOf('"model"', first + 1) >= 0 || bytes.includes('\\u');
}

function set(bytes: Buffer, key: string, value: unknown): Buffer {
  const object = findMembers(bytes);
  return object === null ? bytes : setMember(bytes, object, key, JSON.stringify(value));
}

/** Whether web search is the only tool: a request that only an upstream with a search of its own can answer. */
export function isWebSearchOnly(body: JsonObject): boolean {
  const tools = listOf(body['tools']);
  const [only] = tools;
  return tools.length === 1 && isObject(only) && (textOf(only['type']) ?? '').startsWith('web_search');
}

/** About how many tokens a request has. Pictures and documents in base64 count as pictures, not as text. */
export function estimateBody(body: JsonObject): number {
  const sum = { chars: 0, weighed: 0, tokens: 0, images: 0 };
  for (const field of ['system', 'instructions', 'tools', 'messages', 'input']) weigh(body[field], '', sum);
  const whole = sum.weighed === 0 ? 0 : Math.ceil((sum.tokens * sum.chars) / sum.weighed);
  return Math.min(2 ** 31 - 1, whole + sum.images * IMAGE_TOKENS);
}

interface Weight {
  chars: number;
  weighed: number;
  tokens: number;
  images: number;
}

function weigh(value: unknown, key: string, sum: Weight): void {
  if (typeof value === 'string') {
    if (isFile(value, key)) {
      sum.images++;
      return;
    }
    sum.chars += value.length;
    const piece = value.slice(0, Math.max(0, MOST_WEIGHED_CHARS - sum.weighed));
    if (piece === '') return;
    sum.weighed += piece.length;
    sum.tokens += estimateTokens(piece);
  } else if (Array.isArray(value)) {
    for (const each of value) weigh(each, key, sum);
  } else if (isObject(value)) {
    for (const name in value) {
      // Names of fields are not said to a model, but for those of schemas, which are few.
      if (name !== 'type' && name !== 'cache_control' && name !== 'signature') weigh(value[name], name, sum);
    }
  }
}

function isFile(value: string, key: string): boolean {
  if (key === 'data' || key === 'file_data' || key === 'encrypted_content') return value.length > 256;
  return (key === 'url' || key === 'image_url') && value.startsWith('data:');
}

function bad(message: string): TranslationFailure {
  return new TranslationFailure('request', '', message);
}
