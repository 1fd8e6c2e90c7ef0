import { isObject, type JsonObject, listOf, textOf } from '../../json.ts';

/** What a delta or a message says, by what it is. */
export interface DeltaContent {
  text: string;
  refusal: string;
  thinking: string;
  /** The field in which the thinking stood, for a server that wants it back; null where there was none. */
  thinkingField: string | null;
  /** What a router wants back of it, in pieces. */
  details: JsonObject[];
}

/** Mistral sends lists of parts where others send a string; for thinking there are two names. */
export function deltaContent(delta: JsonObject): DeltaContent {
  let text = textOf(delta['content']) ?? '';
  const thinkingField =
    textOf(delta['reasoning_content']) !== null
      ? 'reasoning_content'
      : textOf(delta['reasoning']) !== null
        ? 'reasoning'
        : null;
  let thinking = thinkingField === null ? '' : (textOf(delta[thinkingField]) ?? '');
  for (const part of listOf(delta['content']).filter(isObject)) {
    if (part['type'] === 'text') text += textOf(part['text']) ?? '';
    if (part['type'] === 'thinking') {
      for (const inner of listOf(part['thinking']).filter(isObject)) thinking += textOf(inner['text']) ?? '';
    }
  }
  const details = listOf(delta['reasoning_details']).filter(isObject);
  return { text, refusal: textOf(delta['refusal']) ?? '', thinking, thinkingField, details };
}

/** Why a choice ended; null while it goes on. Some servers say that with an empty text instead of `null`. */
export function finishReasonOf(choice: JsonObject): string | null {
  const reason = textOf(choice['finish_reason']);
  return reason === '' ? null : reason;
}
