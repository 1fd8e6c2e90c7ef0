import { isObject, type JsonObject, listOf } from '../json.ts';
import { SchemaParts } from './merged-schema.ts';
import { refuse } from './translation-failure.ts';

/**
 * Schemas that a provider holds its model to: those of strict tools and of answers. Each takes a part of JSON Schema of its own
 * there and refuses the whole request for one word more, while a schema that only guides may say anything. Sources: both
 * providers' pages on structured outputs, 2026-11.
 */

const COMMON = [
  '$defs',
  '$ref',
  '$schema',
  'additionalProperties',
  'anyOf',
  'const',
  'definitions',
  'description',
  'enum',
  'format',
  'items',
  'minItems',
  'properties',
  'required',
  'title',
  'type',
] as const;
const OPENAI_WORDS: ReadonlySet<string> = new Set([
  ...COMMON,
  'exclusiveMaximum',
  'exclusiveMinimum',
  'maxItems',
  'maxLength',
  'maximum',
  'minLength',
  'minimum',
  'multipleOf',
  'pattern',
]);
const ANTHROPIC_WORDS: ReadonlySet<string> = new Set([...COMMON, 'allOf', 'default']);
const OPENAI_FORMATS: ReadonlySet<unknown> = new Set([
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'time',
  'uuid',
]);
const ANTHROPIC_FORMATS: ReadonlySet<unknown> = new Set([...OPENAI_FORMATS, 'uri']);
/** What Anthropic takes in one request, over all schemas that it holds the model to. */
const MOST = { tools: 20, optional: 24, unions: 16 };

/** Whether OpenAI takes this schema as a strict one: every object closed, every property required. */
export function openAiHolds(schema: unknown): boolean {
  if (!isObject(schema) || schema['type'] !== 'object' || 'anyOf' in schema) return false;
  return nodesOf(schema).every(
    (node) =>
      Object.keys(node).every((word) => OPENAI_WORDS.has(word)) &&
      (node['format'] === undefined || OPENAI_FORMATS.has(node['format'])) &&
      saysItsShape(node) &&
      isClosed(node) &&
      optionalOf(node) === 0,
  );
}

/** OpenAI wants a type everywhere and entries for every list, and takes not even a description beside a reference. */
function saysItsShape(node: JsonObject): boolean {
  if ('$ref' in node) return Object.keys(node).length === 1;
  if (canBe('array', node) && !isObject(node['items'])) return false;
  return 'type' in node || 'anyOf' in node;
}

/** Whether Anthropic takes this schema of a tool as a strict one. */
export function anthropicHolds(schema: unknown): boolean {
  return (
    isObject(schema) &&
    schema['type'] === 'object' &&
    !refersToItself(schema) &&
    nodesOf(schema).every(
      (node) =>
        isClosed(node) &&
        // Neither is taken within `allOf`, and closed objects have nothing in common.
        !listOf(node['allOf']).some((part) => isObject(part) && ('$ref' in part || canBeObject(part))) &&
        Object.entries(node).every(([word, value]) => anthropicKnows(word, value)),
    )
  );
}

/** Whether a word and what it says are of the part that Anthropic takes. */
function anthropicKnows(word: string, value: unknown): boolean {
  switch (word) {
    case 'format':
      return ANTHROPIC_FORMATS.has(value);
    case 'minItems':
      return value === 0 || value === 1;
    case 'const':
    case 'enum':
      return [value].flat().every((each) => each === null || typeof each !== 'object');
    case 'items':
      return isObject(value);
    default:
      return ANTHROPIC_WORDS.has(word);
  }
}

/** Counts what Anthropic allows so much of in one request. One object for one request. */
export class HeldBudget {
  #tools = 0;
  #optional = 0;
  #unions = 0;

  /** The schema of the answer: nothing is left to decide about it. */
  addAnswer(schema: JsonObject): void {
    for (const node of nodesOf(schema)) {
      this.#optional += optionalOf(node);
      this.#unions += isUnion(node) ? 1 : 0;
    }
  }

  /** Takes a strict tool in, where there is room for it. */
  takesTool(schema: JsonObject): boolean {
    const nodes = nodesOf(schema);
    const optional = this.#optional + nodes.reduce((sum, node) => sum + optionalOf(node), 0);
    const unions = this.#unions + nodes.filter(isUnion).length;
    if (this.#tools === MOST.tools || optional > MOST.optional || unions > MOST.unions) return false;
    this.#tools++;
    this.#optional = optional;
    this.#unions = unions;
    return true;
  }
}

/**
 * A schema of an answer as Anthropic takes it: objects closed, and what it holds no model to said in descriptions. `told` is
 * whether there was any such thing. Throws TranslationFailure, with a place behind `path`, for what would be another answer.
 */
export function closedSchema(schema: unknown, path: string): { schema: JsonObject; told: boolean } {
  const state = { told: false, parts: new SchemaParts(isObject(schema) ? schema : {}) };
  return { schema: close(schema, path, state, new Set()), told: state.told };
}

function close(
  given: unknown,
  path: string,
  state: { told: boolean; parts: SchemaParts },
  followed: ReadonlySet<string>,
): JsonObject {
  if (!isObject(given)) throw refuse(path, 'This must be a schema: an object with a type.');
  const whole = state.parts.merged(given, followed);
  if (whole === null) {
    throw refuse(`${path}.allOf`, 'These schemas cannot be written as one for Anthropic. Write them as one object.');
  }
  const closed: JsonObject = {};
  const said: string[] = [];
  const { node, within } = whole;
  const inner = (value: unknown, name: string) => close(value, `${path}.${name}`, state, within);
  for (const [word, value] of Object.entries(node)) {
    switch (word) {
      case '$schema':
      case '$id':
      case 'additionalProperties':
        break;
      case 'properties':
      case '$defs':
      case 'definitions':
        closed[word] = Object.fromEntries(
          Object.entries(isObject(value) ? value : {}).map(([name, each]) => [name, inner(each, `${word}.${name}`)]),
        );
        break;
      case 'anyOf':
      case 'oneOf':
        closed['anyOf'] = listOf(value).map((each, at) => inner(each, `${word}[${at}]`));
        break;
      default:
        if (word === 'items' && isObject(value)) closed[word] = inner(value, word);
        else if (anthropicKnows(word, value)) closed[word] = value;
        else said.push(`${word}: ${JSON.stringify(value)}`);
    }
  }
  if (said.length > 0) {
    const words = `(${said.join(', ')})`;
    closed['description'] = typeof node['description'] === 'string' ? `${node['description']} ${words}` : words;
    state.told = true;
  }
  if (!['type', 'properties', 'enum', 'const', 'anyOf', '$ref'].some((word) => word in closed)) {
    throw refuse(path, 'Anthropic’s answers by a schema have a type everywhere. Say which one this has.');
  }
  if (!canBeObject(node)) return closed;
  const others = node['additionalProperties'];
  if (isObject(others) || (others !== false && Object.keys(closed['properties'] ?? {}).length === 0)) {
    throw refuse(
      path,
      'Anthropic’s answers by a schema have no objects with free names. Name the properties, or ask for a list of names and values.',
    );
  }
  if (others === true) state.told = true;
  return { ...closed, type: node['type'] ?? 'object', additionalProperties: false };
}

/** A schema and all that stand in it. */
function nodesOf(schema: JsonObject): JsonObject[] {
  const inner = ['properties', '$defs', 'definitions'].flatMap((word) =>
    isObject(schema[word]) ? Object.values(schema[word]) : [],
  );
  const lists = ['anyOf', 'allOf'].flatMap((word) => listOf(schema[word]));
  return [schema, ...[...inner, ...lists, schema['items']].filter(isObject).flatMap(nodesOf)];
}

function canBeObject(node: JsonObject): boolean {
  return node['type'] === undefined ? 'properties' in node : canBe('object', node);
}

function canBe(type: string, node: JsonObject): boolean {
  return [node['type']].flat().includes(type);
}

function isClosed(node: JsonObject): boolean {
  return !canBeObject(node) || node['additionalProperties'] === false;
}

function isUnion(node: JsonObject): boolean {
  return 'anyOf' in node || Array.isArray(node['type']);
}

function optionalOf(node: JsonObject): number {
  const required = new Set(listOf(node['required']));
  return Object.keys(isObject(node['properties']) ? node['properties'] : {}).filter((name) => !required.has(name))
    .length;
}

/** Whether a definition leads back to itself, or to none that is here. */
function refersToItself(schema: JsonObject): boolean {
  const definitions = new Map(
    ['$defs', 'definitions'].flatMap((word) =>
      Object.entries(isObject(schema[word]) ? schema[word] : {}).map(([name, node]) => [`#/${word}/${name}`, node]),
    ),
  );
  const open = new Set<unknown>();
  const done = new Set<unknown>();
  const leadsBack = (ref: unknown): boolean => {
    if (done.has(ref)) return false;
    const node = definitions.get(String(ref));
    if (open.has(ref) || !isObject(node)) return true;
    open.add(ref);
    const isLoop = refsOf(node).some(leadsBack);
    open.delete(ref);
    done.add(ref);
    return isLoop;
  };
  return refsOf(schema).some(leadsBack);
}

function refsOf(schema: JsonObject): unknown[] {
  return nodesOf(schema).flatMap((node) => (node['$ref'] === undefined ? [] : [node['$ref']]));
}
