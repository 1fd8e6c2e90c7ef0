import { isObject, type JsonObject } from '../json.ts';
import type { Cache } from './neutral-request.ts';

/** Anthropic's mark of a block or a tool for the prompt cache. Programs that ask Claude in the chat protocol send it there as well. */
export function readCache(block: JsonObject): Cache {
  const control = block['cache_control'];
  if (!isObject(control)) return null;
  return control['ttl'] === '1h' ? '1h' : '5m';
}
