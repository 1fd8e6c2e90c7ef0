import { isObject, type JsonObject, textOf } from '../../json.ts';
import { closedSchema } from '../held-schema.ts';
import type { NeutralRequest, OutputFormat, TextPart } from '../neutral-request.ts';
import type { WriteContext } from '../write-context.ts';

/** How Anthropic is held to the shape of an answer. */
export interface AnswerFormat {
  type: 'json_schema';
  schema: JsonObject;
}

/** @returns null where no shape is asked for, or one that only words can ask for. @throws TranslationFailure as `closedSchema`. */
export function writeFormat(request: NeutralRequest, { dropped }: WriteContext): AnswerFormat | null {
  const { format } = request;
  if (format === null) return null;
  if (format.kind === 'json-object') {
    dropped.add('format', 'Anthropic knows JSON by a schema only; the instructions ask for it. Use json_schema.');
    return null;
  }
  const { schema, told } = closedSchema(withDescription(format), format.path);
  if (told) {
    dropped.add(
      'format',
      'Anthropic holds a model to the shape that a schema names; what else it says stands in its descriptions.',
    );
  }
  return { type: 'json_schema', schema };
}

/** JSON of any shape, in words: programs parse what they get, and Claude likes to put a fence around it. */
export function askedForJson({ format }: NeutralRequest): TextPart[] {
  if (format?.kind !== 'json-object') return [];
  const text = 'Answer with one JSON object and nothing else: no words before or after it, no code fence.';
  return [{ type: 'text', text, cache: null }];
}

/** What the answer is for is said beside its schema by OpenAI's clients, and within it here. */
function withDescription({ schema, description }: Extract<OutputFormat, { kind: 'json-schema' }>): unknown {
  if (description === null || !isObject(schema)) return schema;
  const own = textOf(schema['description']);
  return { ...schema, description: own === null ? description : `${description} ${own}` };
}
