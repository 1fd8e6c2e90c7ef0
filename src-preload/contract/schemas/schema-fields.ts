import { z } from 'zod';
import type { FailureWord } from '../failure-saying.ts';
import { FAILURE_WORDS } from '../failure-words.ts';
import { isFitId } from '../ids.ts';

// What the schemas of several rooms are made of.

export const MAX_NAME_CHARS = 200;
export const MAX_TEXT_CHARS = 200_000;

/** A check of our own, with the sentence that tells a person what it wants. */
export const refusal = (word: FailureWord) => ({ error: FAILURE_WORDS[word], params: { word } });

export const id = z
  .string()
  .min(1)
  .max(128)
  .refine((value) => value.isWellFormed(), { ...refusal('why_half_character'), abort: true })
  .refine(isFitId, refusal('why_unfit_id'));
export const name = z.string().trim().min(1).max(MAX_NAME_CHARS);
export const optionalText = z.string().max(MAX_TEXT_CHARS);
export const path = z.string().max(4096);

/**
 * Callers arrive from the socket vocabulary (`session_id`) and from the camelCase routes (`sessionId`, `id`). All three
 * name the same thing, so all are read; the schema itself knows one.
 */
export function aliased<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  aliases: Record<string, keyof Shape & string>,
): z.ZodType<z.output<z.ZodObject<Shape, z.core.$strict>>, z.input<z.ZodObject<Shape, z.core.$strict>>> {
  const schema = z.strictObject(shape);
  const tolerant = z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [aliases[key] ?? key, field]));
  }, schema);
  // preprocess() types its input as unknown; callers of the typed API are held to the schema's own spelling.
  return tolerant as unknown as z.ZodType<z.output<typeof schema>, z.input<typeof schema>>;
}

/** Other names of a session's id. */
export const session = { session_id: 'sessionId', id: 'sessionId', thread_id: 'sessionId' } as const;
