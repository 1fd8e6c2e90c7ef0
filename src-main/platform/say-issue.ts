import type { z } from 'zod';
import type { FailureSaying } from '#contract/failure-saying';
import { isFailureSaying } from '#contract/failure-words';

/** What the library calls the kinds of numbers of which only whole ones are taken. */
const WHOLE: ReadonlySet<string> = new Set(['int', 'safeint']);

/** Longest name of a field that a sentence repeats. */
const MAX_NAME_CHARS = 100;

/** The branch of a union that understood most of the value, with its place counted from the whole. */
function closestIssue(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.input === undefined) return issue;
  const inner = issue.errors.flatMap(([first]) => (first === undefined ? [] : [closestIssue(first)]));
  const depth = Math.max(0, ...inner.map(({ path }) => path.length));
  const closest = inner.find(({ path }) => path.length === depth);
  return closest === undefined || depth === 0 ? issue : { ...closest, path: [...issue.path, ...closest.path] };
}

/** The first complaint of a schema: the field it is about, as `a.b.0`, and why; an empty field is the value as a whole. */
export function firstComplaint([first]: readonly z.core.$ZodIssue[]): { field: string; why: FailureSaying } {
  if (first === undefined) return { field: '', why: { word: 'why_kind' } };
  const issue = closestIssue(first);
  // A field that nobody knows stands in no path: the path ends where it was found.
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  const names = path.map((name) => String(name).slice(0, MAX_NAME_CHARS).toWellFormed());
  return { field: names.join('.'), why: sayIssue(issue) };
}

/**
 * What a schema complains about, as a part of a sentence. A check of our own names its sentence in `params`, see `refusal` in
 * the contract; for the rest the library's codes are told in our words, because its sentences are for programmers.
 */
function sayIssue(issue: z.core.$ZodIssue): FailureSaying {
  switch (issue.code) {
    case 'custom':
      return isFailureSaying(issue.params) ? { word: issue.params.word } : { word: 'why_kind' };
    case 'invalid_type':
      if (issue.input === undefined) return { word: 'why_missing' };
      if (WHOLE.has(issue.expected)) return { word: 'why_whole' };
      if (issue.expected === 'number') return { word: 'why_number' };
      return { word: issue.expected === 'string' ? 'why_text' : 'why_kind' };
    case 'too_small': {
      const least = Number(issue.minimum);
      if (issue.origin === 'string' || issue.origin === 'array') {
        if (least <= 1) return { word: 'why_empty' };
        return { word: issue.origin === 'string' ? 'why_too_short' : 'why_too_few', with: { least } };
      }
      return { word: issue.inclusive === false ? 'why_above' : 'why_too_small', with: { least } };
    }
    case 'too_big': {
      const most = Number(issue.maximum);
      if (issue.origin === 'string') return { word: 'why_too_long', with: { most } };
      if (issue.origin === 'array') return { word: 'why_too_many', with: { most } };
      return { word: issue.inclusive === false ? 'why_below' : 'why_too_big', with: { most } };
    }
    case 'invalid_value':
      return { word: 'why_choice', with: { choices: issue.values.map(String).join(', ') } };
    case 'unrecognized_keys':
      return { word: 'why_unknown_field' };
    case 'invalid_union':
      return { word: issue.input === undefined ? 'why_missing' : 'why_kind' };
    default:
      return { word: 'why_kind' };
  }
}
