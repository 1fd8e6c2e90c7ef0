import { isObject, type JsonObject, listOf, textOf } from '../json.ts';
import { parseExactJson, TranslationFailure } from '../translate/translation.ts';
import { Shelf } from './shelf.ts';

/** In memory, by characters: conversations of a day's work, and single items of many. */
const MAX_ANSWERS_CHARS = 32 * 1024 * 1024;
const MAX_ITEMS_CHARS = 16 * 1024 * 1024;

/**
 * Answers that a responses client may refer to instead of sending them again: by `item_reference`, which some clients do
 * unasked, or by `previous_response_id`. OpenAI keeps them itself; for an upstream of another protocol they are kept here, in
 * memory, until newer ones need the room. A request with
 * `store: false` is not to be kept.
 */
export class ReferableAnswers {
  readonly #answers = new Shelf(MAX_ANSWERS_CHARS);
  readonly #items = new Shelf(MAX_ITEMS_CHARS);

  /**
   * The request with everything in it that it refers to.
   *
   * @param owner who asks: nobody is given another's answers.
   * @returns the same object where it refers to nothing.
   * @throws TranslationFailure 400 for what is not kept.
   */
  expand(owner: string, body: JsonObject): JsonObject {
    const { previous_response_id: previous, ...rest } = body;
    const input = listOf(body['input']);
    if (previous == null && !input.some(isReference)) return body;
    const items = input.map((item, at) => (isReference(item) ? this.#item(owner, item, at) : item));
    if (previous == null) return { ...rest, input: items };
    const earlier = typeof previous === 'string' ? this.#answers.take(keyOf(owner, previous)) : null;
    if (earlier === null) {
      throw new TranslationFailure(
        'request',
        'previous_response_id',
        'This answer is not kept here any more, or never was. Send the whole conversation as input.',
        { code: 'previous_response_not_found', status: 400 },
      );
    }
    const said = typeof body['input'] === 'string' ? asItems(body) : items;
    return { ...rest, input: [...(parseExactJson(earlier) as unknown[]), ...said] };
  }

  /** @param body the request as `expand` gave it. @param response the whole answer. */
  keep(owner: string, body: JsonObject, response: JsonObject): void {
    const output = listOf(response['output']);
    for (const item of output) {
      const id = isObject(item) ? textOf(item['id']) : null;
      if (id !== null) this.#items.put(keyOf(owner, id), JSON.stringify(item));
    }
    const id = textOf(response['id']);
    if (id !== null) this.#answers.put(keyOf(owner, id), JSON.stringify([...asItems(body), ...output]));
  }

  forget(): void {
    this.#answers.clear();
    this.#items.clear();
  }

  #item(owner: string, reference: JsonObject, at: number): unknown {
    const kept = this.#items.take(keyOf(owner, String(reference['id'])));
    if (kept !== null) return parseExactJson(kept);
    throw refused(
      `input[${at}]`,
      'The item that this refers to is not kept here any more, or never was. Send the item itself; with store set to false clients do so.',
    );
  }
}

/** The type may be left out. */
function isReference(item: unknown): item is JsonObject {
  if (!isObject(item)) return false;
  return item['type'] === 'item_reference' || (Object.keys(item).length === 1 && typeof item['id'] === 'string');
}

function asItems(body: JsonObject): unknown[] {
  const { input } = body;
  return typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : listOf(input);
}

function keyOf(owner: string, id: string): string {
  return JSON.stringify([owner, id]);
}

function refused(path: string, message: string): TranslationFailure {
  return new TranslationFailure('request', path, message);
}
