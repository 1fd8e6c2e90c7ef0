import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject, listOf } from '../json.ts';

/** Words that name or explain; two of them are no contradiction. */
const TOLD = new Set(['title', 'default', 'examples', '$schema', '$id', '$comment']);

/**
 * A schema whose `allOf` is written out: what all of its parts say, as one. Closing each part by itself would leave nothing that all of
 * them take. References to definitions of the same document are followed.
 *
 * @param root where the definitions stand.
 * @returns the same node where it has no `allOf`; null where its parts say different things of one place, or point to nothing that is here.
 */
export function merged(node: JsonObject, root: JsonObject, depth = 0): JsonObject | null {
  const { allOf, ...own } = node;
  if (allOf === undefined) return node;
  // A definition that holds itself has no end.
  if (!Array.isArray(allOf) || depth > 20) return null;
  let whole: JsonObject | null = own;
  for (const part of allOf as unknown[]) {
    const said = isObject(part) ? followed(part, root) : null;
    const flat: JsonObject | null = said === null ? null : merged(said, root, depth + 1);
    whole = whole === null || flat === null ? null : joined(whole, flat);
  }
  return whole;
}

/** What a reference points to, with the words beside it; the same where there is none. */
function followed(node: JsonObject, root: JsonObject): JsonObject | null {
  const { $ref: ref, ...beside } = node;
  if (ref === undefined) return node;
  const [, kind = '', name = ''] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(String(ref)) ?? [];
  const definitions = root[kind];
  const found = isObject(definitions) ? definitions[name] : null;
  return isObject(found) ? joined(found, beside) : null;
}

function joined(one: JsonObject, other: JsonObject): JsonObject | null {
  const whole: JsonObject = { ...one };
  for (const [word, value] of Object.entries(other)) {
    const known = whole[word];
    if (known === undefined) whole[word] = value;
    else if (word === 'properties' || word === '$defs' || word === 'definitions') {
      const names = joinedNames(known, value);
      if (names === null) return null;
      whole[word] = names;
    } else if (word === 'required') whole[word] = [...new Set([...listOf(known), ...listOf(value)])];
    else if (word === 'description') whole[word] = known === value ? known : `${String(known)} ${String(value)}`;
    else if (word === 'additionalProperties') {
      // The whole is closed once it is written out.
      if (typeof known === 'boolean' && typeof value === 'boolean') whole[word] = known && value;
      else if (!isDeepStrictEqual(known, value)) return null;
    } else if (!TOLD.has(word) && !isDeepStrictEqual(known, value)) return null;
  }
  return whole;
}

function joinedNames(one: unknown, other: unknown): JsonObject | null {
  const names = new Map(Object.entries(isObject(one) ? one : {}));
  for (const [name, value] of Object.entries(isObject(other) ? other : {})) {
    if (names.has(name) && !isDeepStrictEqual(names.get(name), value)) return null;
    names.set(name, value);
  }
  return Object.fromEntries(names);
}
