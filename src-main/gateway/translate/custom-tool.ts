import { isObject, parseJson, textOf } from '../json.ts';
import type { NeutralTool } from './neutral-request.ts';

/** A tool that takes any text, for a protocol that knows functions only: a function with that text as its one argument. */

const ARGUMENT = 'input';

export const CUSTOM_PARAMETERS: Record<string, unknown> = {
  type: 'object',
  properties: { [ARGUMENT]: { type: 'string', description: 'The whole input of the tool, as text.' } },
  required: [ARGUMENT],
  additionalProperties: false,
};

/** The description with what the tool accepts, which the function's schema cannot say. */
export function customDescription(tool: NeutralTool): string {
  const { format } = tool;
  const grammar = isObject(format) ? (isObject(format['grammar']) ? format['grammar'] : format) : {};
  const definition = textOf(grammar['definition']);
  const text = tool.description ?? '';
  if (definition === null) return text;
  return `${text}\n\nThe input follows this ${textOf(grammar['syntax']) ?? ''} grammar:\n${definition}`.trim();
}

export function wrapCustomInput(text: string): string {
  return JSON.stringify({ [ARGUMENT]: text });
}

/** The text out of a function's arguments; the arguments themselves where a model did not keep to the schema. */
export function unwrapCustomInput(args: string): string {
  const value = parseJson(args);
  return (isObject(value) ? textOf(value[ARGUMENT]) : null) ?? args;
}
