import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject, listOf } from '../json.ts';

/** Words that name or explain; two of them are no contradiction. */
const TOLD = new Set(['title', 'default', 'examples', '$schema', '$id', '$comment']);

/** Far more than any schema of an answer is put together of; a few definitions that hold each other twice make millions. */
const MOST_PARTS = 1000;

/** Of one document. One object for one reading of it. */
export class SchemaParts {
  readonly #root: JsonObject;
  #left = MOST_PARTS;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /**
   * A schema whose `allOf` is written out: what all of its parts say, as one. Closing each part by itself would leave nothing that all
   * of them take. References to definitions of the same document are followed, but for one that says all there is.
   *
   * @param within the references that were followed on the way to this node.
   * @returns the same node where it has no `allOf`, with the references that hold here; null where its parts say different things of
   * one place, point to nothing that is here, or hold themselves.
   */
  merged(node: JsonObject, within: ReadonlySet<string>): { node: JsonObject; within: ReadonlySet<string> } | null {
    const { allOf, ...own } = node;
    if (allOf === undefined) return { node, within };
    if (!Array.isArray(allOf)) return null;
    const parts: readonly unknown[] = allOf;
    let whole: JsonObject = own;
    const followed = new Set(within);
    const isAlone = parts.length === 1 && Object.keys(own).every((word) => TOLD.has(word) || word === 'description');
    for (const part of parts) {
      const flat = this.#left-- > 0 && isObject(part) ? this.#flat(part, isAlone, within, followed) : null;
      const both = flat === null ? null : joined(whole, flat);
      if (both === null) return null;
      whole = both;
    }
    return { node: whole, within: followed };
  }

  /** A part with what it points to, unless that may stay a reference, and with its own parts. */
  #flat(part: JsonObject, isAlone: boolean, within: ReadonlySet<string>, followed: Set<string>): JsonObject | null {
    const { $ref: ref, ...beside } = part;
    if (ref === undefined || isAlone) return this.#settled(part, within, followed);
    const path = String(ref);
    const [, kind = '', name = ''] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(path) ?? [];
    const definitions = this.#root[kind];
    const found = isObject(definitions) ? definitions[name] : null;
    const said = isObject(found) && !within.has(path) ? joined(found, beside) : null;
    if (said === null) return null;
    followed.add(path);
    return this.#settled(said, new Set([...within, path]), followed);
  }

  #settled(node: JsonObject, within: ReadonlySet<string>, followed: Set<string>): JsonObject | null {
    const settled = this.merged(node, within);
    for (const path of settled?.within ?? []) followed.add(path);
    return settled?.node ?? null;
  }
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
