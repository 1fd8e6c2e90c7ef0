import { isObject, type JsonObject } from '../json.ts';

/** Words of JSON Schema whose value is a schema, a list of some, or some by name. */
const ONE = new Set(['items', 'additionalProperties', 'not', 'contains', 'if', 'then', 'else']);
const SEVERAL = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions']);

/**
 * A schema that only guides, as OpenAI takes it: it refuses a list that does not say what is in it, which JSON Schema allows and
 * MCP servers send. The same object where nothing is missing.
 */
export function withItems(schema: JsonObject): JsonObject {
  let whole = schema;
  const put = (word: string, value: unknown) => {
    if (whole === schema) whole = { ...schema };
    whole[word] = value;
  };
  for (const word in schema) {
    const value = schema[word];
    const mended = ONE.has(word)
      ? mendOne(value)
      : SEVERAL.has(word)
        ? mendEach(value)
        : NAMED.has(word)
          ? mendNamed(value)
          : value;
    if (mended !== value) put(word, mended);
  }
  const isList = [schema['type']].flat().includes('array');
  if (isList && schema['items'] === undefined) put('items', {});
  return whole;
}

function mendOne(value: unknown): unknown {
  return isObject(value) ? withItems(value) : value;
}

function mendEach(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const mended = value.map(mendOne);
  return mended.some((each, at) => each !== value[at]) ? mended : value;
}

function mendNamed(value: unknown): unknown {
  if (!isObject(value)) return value;
  let whole = value;
  for (const name in value) {
    const mended = mendOne(value[name]);
    if (mended === value[name]) continue;
    if (whole === value) whole = { ...value };
    whole[name] = mended;
  }
  return whole;
}
