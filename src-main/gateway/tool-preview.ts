import { cutText } from '#contract/message';
import { isObject, parseJson } from './json.ts';

/** The arguments that say best what a call is about, in this order (E2-09). */
const TELLING = ['cmd', 'command', 'code', 'query', 'path', 'url', 'prompt'];
const PREVIEW_CHARS = 160;

/** One line about a tool call; null while its arguments are incomplete or say nothing that fits on a line. */
export function toolPreview(argumentsText: string): string | null {
  const parsed = parseJson(argumentsText);
  if (!isObject(parsed)) return null;
  for (const name of TELLING) {
    const value = parsed[name];
    if (typeof value === 'string' && value.trim() !== '') {
      return cutText(value.replace(/\s+/g, ' ').trim(), PREVIEW_CHARS);
    }
  }
  return null;
}
